"""The programs for other languages in README.md and docs/other-languages.md, as they stand: in an empty folder, with and without
faults."""

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import Service
from pages import GUIDE, HERE, README, commands, follow, pins, run

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


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folder of each program; both for TypeScript share one, because installing is slow."""
    typescript = tmp_path_factory.mktemp("typescript")
    return {name: typescript if name.endswith(".mts") else tmp_path_factory.mktemp("guide") for name in PROGRAMS}


@pytest.fixture(autouse=True)
def classpath(monkeypatch):
    """What a build tool would fetch: the archive of the generator contains Jackson."""
    if package := importlib.util.find_spec("openapi_generator_cli"):
        archive = Path(package.origin).with_name("openapi-generator.jar")
        monkeypatch.setenv("CLASSPATH", f"{archive}:/usr/share/java/geronimo-annotation-1.3-spec.jar")


def needs(programs):
    for program in programs.split():
        if not shutil.which(program):
            pytest.skip(f"there is no {program}")


@pytest.fixture(scope="module")
def followed(folders):
    """The programs that were followed without a fault."""
    return set()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program(name, start_simulator, folders, followed):
    page, language, printed, programs = PROGRAMS[name]
    needs(programs)
    folder = folders[name]
    for lock in ("package.json", "package-lock.json") if programs == "npm" else ():
        shutil.copy(HERE / lock, folder)
    service = start_simulator()
    output = follow(page, language, folder, service._replace(url=service.url.removesuffix("/")))
    assert re.search(printed, output, re.MULTILINE), output
    assert "warning" not in output.lower()
    followed.add(name)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_fails_clearly(name, fault, start_simulator, folders, followed):
    page, language, _, programs = PROGRAMS[name]
    needs(programs)
    assert name in followed
    options, printed = FAULTS[fault]
    service = start_simulator(*options)
    service = Service(service.url.removesuffix("/"), "wrong" if fault == "wrong key" else service.key)
    again = commands(page, language)[-1].splitlines()[-1]
    output = run(again, folders[name], service, fails=True)
    assert re.search(rf"\b{printed}", output), output
    assert not re.search("AttributeError|TypeError|SyntaxError|JSONDecodeError|NullPointer|nil pointer|NoMethod", output), output


@pytest.mark.parametrize("page", [README, GUIDE])
def test_the_pages_install_what_is_pinned_here(page):
    pinned = set((HERE / "requirements.txt").read_text().splitlines())
    for language in {language for where, language, _, programs in PROGRAMS.values() if where == page and programs != "npm"}:
        assert pins(page, language) <= pinned
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert pins(page, "TypeScript") == {f"{name}@{version}" for name, version in pinned.items()}
