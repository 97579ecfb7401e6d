"""Python: the client that openapi-python-client generates type-checks and runs the programs of the pages."""

import re

import pytest
from pages import GUIDE, HERE, README, commands, follow, pins, run

LANGUAGE = "Python"


def test_the_first_program(start_simulator, tmp_path):
    printed = follow(README, LANGUAGE, tmp_path, start_simulator())
    assert printed.endswith("0 success\n['project1']\n")


def test_the_workflow(start_simulator, refusing_service, tmp_path):
    printed = follow(GUIDE, LANGUAGE, tmp_path, start_simulator())
    assert "warning" not in printed.lower()
    assert "Success: no issues found" in printed
    assert re.search(r"^147-\w{6} at demo-\S+:6379, with 32 characters of password$", printed, re.MULTILINE), printed

    again = commands(GUIDE, LANGUAGE)[-1].splitlines()[-1]
    refused = run(again, tmp_path, refusing_service, fails=True)
    assert re.search(r"^RuntimeError: HTTP 200: .*out of order", refused, re.MULTILINE), refused


@pytest.mark.parametrize("page", [README, GUIDE])
def test_the_pages_install_what_is_pinned_here(page):
    assert pins(page, LANGUAGE) <= set((HERE / "requirements.txt").read_text().splitlines())
