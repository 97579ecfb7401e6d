"""Follows a documentation page literally: saves its files and runs its commands in an empty folder."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, environment

HERE = Path(__file__).parent
README, GUIDE = "README.md", "docs/other-languages.md"
REPOSITORY = "path/to/eloq-sdk"


def jackson():
    """A class path: the archive of OpenAPI Generator contains Jackson; Java has no `javax.annotation` any more."""
    package = importlib.util.find_spec("openapi_generator_cli")
    archive = Path(package.origin).with_name("openapi-generator.jar") if package else ""
    return f"{archive}:/usr/share/java/geronimo-annotation-1.3-spec.jar"


def skip_without(programs):
    for program in programs.split():
        if not shutil.which(program):
            pytest.skip(f"there is no {program}")


def blocks(page, language):
    """The code blocks of a language's section, in order: file name (if it is a file), kind and text."""
    section = re.search(rf"^##+ {language}\n(.*?)(?=^##|\Z)", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def commands(page, language):
    return [text.replace(REPOSITORY, str(ROOT)) for _, kind, text in blocks(page, language) if kind == "sh"]


def pins(page, language):
    """The packages that the page installs, as `name==version` or `name@version`."""
    installs = re.findall(r"^(?:pip|npm) install (.+)", "\n".join(commands(page, language)), re.MULTILINE)
    return {package for packages in installs for package in packages.split()}


def follow(page, language, folder, service):
    """Returns the output of the page's commands."""
    save(page, language, folder)
    return "".join(run(command, folder, service) for command in commands(page, language))


def save(page, language, folder):
    """Writes the files of the page."""
    for name, _, text in blocks(page, language):
        if name:
            (folder / name).write_text(text)


def run(command, folder, service, fails=False, timeout=300):
    variables = environment(ELOQ_API_KEY=service.key, ELOQ_BASE_URL=service.url)
    # The tools of this Python's environment, and their dependencies in the versions of requirements.txt.
    variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"
    variables["PIP_CONSTRAINT"] = str(HERE / "requirements.txt")
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
    assert (done.returncode != 0) == fails, f"{command}\nexited with {done.returncode}:\n{done.stdout}"
    return done.stdout
