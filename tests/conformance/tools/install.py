"""Installs the Node tools of this folder in target/ci/node, unless they are there. Prints that folder."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSTALLED = HERE.parents[2] / "target/ci/node"
LOCK = "package-lock.json"


def install():
    """The programs and configurations, beside node_modules, where the tools look for them."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    done = INSTALLED / "node_modules" / LOCK
    wanted = (HERE / LOCK).read_text()
    for each in HERE.iterdir():
        if each.is_file():
            shutil.copy(each, INSTALLED)
    if not done.exists() or done.read_text() != wanted:
        command = ["npm", "ci", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix", INSTALLED]
        subprocess.run(command, check=True)
        done.write_text(wanted)
    return INSTALLED


if __name__ == "__main__":
    print(install())
