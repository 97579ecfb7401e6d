"""TypeScript: the types that openapi-typescript generates type-check, and the programs of the pages run."""

import json
import re
import shutil

import pytest
from pages import GUIDE, HERE, README, commands, follow, pins, run

LANGUAGE = "TypeScript"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Contains only package.json and the lock file; both pages share it because installing is slow."""
    folder = tmp_path_factory.mktemp(LANGUAGE)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    return folder


def test_the_first_program(start_simulator, refusing_service, folder):
    service = start_simulator()
    printed = follow(README, LANGUAGE, folder, service)
    assert printed.endswith("0 success [ 'project1' ]\n")

    refused = run("node first.mjs", folder, refusing_service, fails=True)
    assert re.search(r"^Error: HTTP 200: .*out of order", refused, re.MULTILINE), refused
    denied = run("node first.mjs", folder, service._replace(key="wrong"), fails=True)
    assert re.search(r"^Error: HTTP 401: .*invalid token", denied, re.MULTILINE), denied


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
