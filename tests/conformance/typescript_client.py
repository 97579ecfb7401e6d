"""TypeScript: what openapi-typescript makes of openapi.yaml type-checks and does the whole work, as the pages say."""

import json
import re
import shutil

import pytest
from pages import GUIDE, HERE, README, commands, follow, pins, run

LANGUAGE = "TypeScript"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Empty but for the versions of everything that the pages install; one for both, since installing takes its time."""
    folder = tmp_path_factory.mktemp(LANGUAGE)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    return folder


def test_the_first_program(start_simulator, folder):
    printed = follow(README, LANGUAGE, folder, start_simulator())
    assert printed.endswith("0 success [ 'project1' ]\n")


def test_the_workflow(start_simulator, refusing_service, folder):
    printed = follow(GUIDE, LANGUAGE, folder, start_simulator())
    assert re.search(r"^147-\w{6} at demo-\S+:6379, with 32 characters of password$", printed, re.MULTILINE), printed

    again = commands(GUIDE, LANGUAGE)[-1].splitlines()[-1]
    refused = run(again, folder, refusing_service, fails=True)
    assert re.search(r"^Error: HTTP 200: .*out of order", refused, re.MULTILINE), refused


@pytest.mark.parametrize("page", [README, GUIDE])
def test_the_pages_install_what_is_pinned_here(page):
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert pins(page, LANGUAGE) == {f"{name}@{version}" for name, version in pinned.items()}
