"""Follows a page of the documentation literally: saves the files that it shows and runs its commands, in an empty folder."""

import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, environment

HERE = Path(__file__).parent
README, GUIDE = "README.md", "docs/other-languages.md"
REPOSITORY = "path/to/eloq-sdk"


def blocks(page, language):
    """The page's blocks on a language, in order: the name of the file, if it is one, the kind and the text."""
    section = re.search(rf"^##+ {language}\n(.*?)(?=^##|\Z)", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def commands(page, language):
    return [text.replace(REPOSITORY, str(ROOT)) for _, kind, text in blocks(page, language) if kind == "sh"]


def pins(page, language):
    """What the page installs, each as `name==version` or `name@version`."""
    installs = re.findall(r"^(?:pip|npm) install (.+)", "\n".join(commands(page, language)), re.MULTILINE)
    return {package for packages in installs for package in packages.split()}


def follow(page, language, folder, service):
    """Everything that the page's commands print."""
    for name, _, text in blocks(page, language):
        if name:
            (folder / name).write_text(text)
    return "".join(run(command, folder, service) for command in commands(page, language))


def run(command, folder, service, fails=False):
    variables = environment(ELOQ_API_KEY=service.key, ELOQ_BASE_URL=service.url)
    # The tools beside the Python that runs this, and what these need, in the versions that are listed here.
    variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"
    variables["PIP_CONSTRAINT"] = str(HERE / "requirements.txt")
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert (done.returncode != 0) == fails, f"{command}\nended with {done.returncode}:\n{done.stdout}"
    return done.stdout
