"""The programs for other languages in README.md and docs/other-languages.md run as they stand: in an empty folder, with and
without faults."""

import json
import re
import shutil

import pytest
from pages import GUIDE, HERE, README, commands, follow, jackson, pins, run, skip_without

CREDENTIALS = r"^147-\w{6} at demo-\S+:6379, with 32 characters of password$"
# The page, the section, what the program prints, and what it needs besides Python.
PROGRAMS = {
    "first.py": (README, "Python", r"^0 success\n\['project1'\]$", ""),
    "workflow.py": (GUIDE, "Python", f"Success: no issues found(.|\n)*{CREDENTIALS}", ""),
    "first.mts": (README, "TypeScript", r"^0 success \[ 'project1' \]$", "npm"),
    "workflow.mts": (GUIDE, "TypeScript", CREDENTIALS, "npm"),
    "main.go": (GUIDE, "Go", "demo is being created", "java"),
    "First.java": (GUIDE, "Java", "demo is being created", "java javac"),
    "first.rb": (GUIDE, "Ruby", "demo is being created", "java ruby"),
}
FAULTS = {
    "wrong key": ((), "401"),
    "error under HTTP 200": (("--fault", "org_info:code200:always"), "200.*code 5001: internal error"),
    "HTML 502": (("--fault", "org_info:html502:always"), "502"),
    "empty 503": (("--fault", "org_info:empty503:always"), "503"),
}
CRASHES = "AttributeError|TypeError|SyntaxError|JSONDecodeError|NullPointer|nil pointer|NoMethod"


@pytest.fixture(autouse=True)
def classpath(monkeypatch):
    """What a build tool for Java would fetch."""
    monkeypatch.setenv("CLASSPATH", jackson())


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    """Both pages for TypeScript share a folder, because installing is slow."""
    typescript = tmp_path_factory.mktemp("typescript")
    for lock in ("package.json", "package-lock.json"):
        shutil.copy(HERE / lock, typescript)
    return {name: typescript if name.endswith(".mts") else tmp_path_factory.mktemp("guide") for name in PROGRAMS}


@pytest.fixture(scope="module")
def followed():
    """What following the page to each program printed."""
    return {}


@pytest.fixture
def follow_once(folder_of, followed, start_simulator):
    def output(name):
        page, language, _, programs = PROGRAMS[name]
        skip_without(programs)
        if name not in followed:
            followed[name] = follow(page, language, folder_of[name], start_simulator())
        return followed[name]

    return output


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program(name, follow_once):
    output = follow_once(name)
    assert re.search(PROGRAMS[name][2], output, re.MULTILINE), output
    assert "warning" not in output.lower()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_fails_clearly(name, fault, follow_once, folder_of, start_simulator):
    follow_once(name)
    page, language, _, _ = PROGRAMS[name]
    options, printed = FAULTS[fault]
    service = start_simulator(*options)
    if fault == "wrong key":
        service = service._replace(key="wrong")
    again = commands(page, language)[-1].splitlines()[-1]
    output = run(again, folder_of[name], service, fails=True)
    assert re.search(rf"\b{printed}", output), output
    assert not re.search(CRASHES, output), output


@pytest.mark.parametrize("page", [README, GUIDE])
def test_the_pages_install_what_is_pinned_here(page):
    pinned = set((HERE / "requirements.txt").read_text().splitlines())
    for language in {language for where, language, _, programs in PROGRAMS.values() if where == page and programs != "npm"}:
        assert pins(page, language) <= pinned
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert pins(page, "TypeScript") == {f"{name}@{version}" for name, version in pinned.items()}
