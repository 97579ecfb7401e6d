"""The group `tool`: the command-line tool, against the quick start app and other command-line tools."""

import shutil
import statistics
import subprocess
import sys
import tempfile

from process import WORK, release, run, server, stripped, used
from row import Row, alternated

# Starts of each program in a run.
STARTS = 20
# Tools of Debian, with the paths of their programs.
PACKAGES = {"hcloud": ("hcloud-cli", "usr/bin/hcloud"), "gh": ("gh", "usr/bin/gh")}


def seconds(*command, **variables):
    return statistics.median(used(*command, **variables)[0] for _ in range(STARTS))


def unpacked(name):
    """The program of a Debian package, which is not installed; `None` without apt."""
    package, path = PACKAGES[name]
    folder = WORK / "others" / name
    if not (folder / path).exists():
        if not shutil.which("apt-get"):
            return None
        folder.mkdir(parents=True, exist_ok=True)
        got = subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, capture_output=True, check=False)
        if got.returncode:
            return None
        run("dpkg-deb", "-x", next(folder.glob("*.deb")), folder)
    return folder / path


def aws():
    """The folder of a virtual environment with the `aws` of PyPI."""
    folder = WORK / "others/aws"
    if not (folder / "bin/aws").exists():
        run(sys.executable, "-m", "venv", "--without-pip", folder)
        run(sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "awscli")
    return folder


def others():
    """Name, command and size in bytes of each other tool."""
    for name in PACKAGES:
        program = unpacked(name)
        if program is None:
            print(f"skipped: no {name}, and no apt-get that downloads its package {PACKAGES[name][0]}")
            continue
        yield f"`{name} --help`", name, [program, "--help"], program.stat().st_size
    folder = aws()
    size = sum(file.stat().st_size for file in folder.glob("lib/*/site-packages/**/*") if file.is_file())
    yield "`aws --version`", "aws", [folder / "bin/aws", "--version"], size


def measure(programs, options):
    target = WORK / "tool"
    run("cargo", "build", "--release", "--quiet", "--package", "eloq-cli", CARGO_TARGET_DIR=str(target))
    eloq = target / "release/eloq"
    size = stripped(eloq).stat().st_size
    app, _ = release("sdk")
    with server(programs) as service, tempfile.TemporaryDirectory() as settings:
        variables = service | {"ELOQ_CONFIG_DIR": settings}
        command = {"sdk": [eloq, "cluster", "list"], "other": [app]}
        listed = alternated(options.runs, lambda which: seconds(*command[which], **variables))
        yield Row(
            "list", "`eloq cluster list`, from start to exit", "the quick start app of this crate, same server", "s", **listed,
            target="≤ 3 times its time",
        )
        helped = [seconds(eloq, "--help", **variables) for _ in range(options.runs)]
        yield Row(
            "help", "`eloq --help`, from start to exit", unit="s", here=statistics.median(helped), low=min(helped),
            high=max(helped), target="≤ 10 ms", of="here",
        )
        yield Row("size", "stripped release size of `eloq`", unit="bytes", here=size, target="≤ 10 MiB", of="here")
        for title, name, other, other_size in others():
            command = {"sdk": [eloq, "--help"], "other": other}
            figures = alternated(options.runs, lambda which: seconds(*command[which], **variables))
            yield Row(f"help.{name}", "`eloq --help`, from start to exit", title, "s", **figures)
            yield Row(f"size.{name}", "size of `eloq`", f"{name}, as it is shipped", "bytes", size, other_size, size / other_size)
