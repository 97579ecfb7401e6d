"""Runs programs, measures what they use, and starts the service."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "compare"
PYTHON = WORK / "python/bin/python"
VENDOR = "eloq-sdk==0.1.4"
LEFT_OUT = ("ELOQ_", "CARGO_TARGET_DIR", "CARGO_INCREMENTAL", "RUST_BACKTRACE")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}

# A thousand callers have as many connections.
_, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))


def run(*command, cwd=ROOT, **variables):
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=CLEAN | variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed with exit status {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def used(*command, cwd=ROOT, **variables):
    """Runs a command and returns its wall time and processor time in seconds."""
    # RUSAGE_CHILDREN covers all children of a process, so each command gets its own parent.
    code = (
        "import json, resource, subprocess, sys, time\n"
        "began = time.perf_counter()\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)\n"
        "wall, usage = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "sys.exit(done.stderr.decode()[-2000:]) if done.returncode else None\n"
        "print(json.dumps([wall, usage.ru_utime + usage.ru_stime]))"
    )
    return json.loads(run(sys.executable, "-c", code, *command, cwd=cwd, **variables))


def peak(*command, **variables):
    """Runs a command and returns its peak memory in KiB. The peak of a child of Python would include Python's own."""
    with tempfile.NamedTemporaryFile("r") as out:
        run("/usr/bin/time", "-f", "%M", "-o", out.name, *command, **variables)
        return int(out.read())


def build_programs():
    """Builds the measured programs and returns their directory."""
    target = WORK / "benches"
    run("cargo", "build", "--release", "--quiet", "--bins", cwd=ROOT / "benches", CARGO_TARGET_DIR=str(target))
    return target / "release"


def release(name):
    """Builds the app `sdk` or `plain` for release, and returns the binary and its stripped copy."""
    target = WORK / f"app-{name}"
    run("cargo", "build", "--release", "--quiet", cwd=HERE / "apps" / name, CARGO_TARGET_DIR=str(target))
    return target / "release" / name, stripped(target / "release" / name)


def stripped(binary):
    copy = binary.with_suffix(".stripped")
    run("strip", "-o", copy, binary)
    return copy


def build_vendor():
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", WORK / "python")
        run(PYTHON, "-m", "pip", "install", "--quiet", VENDOR)


class Service(dict):
    """The environment of the clients of a service."""

    process = None


@contextmanager
def server(programs, clusters=1, *, latency_ms=0, projects=1, lists=None):
    """Starts the service, and yields its `Service`. It rejects the key after so many lists."""
    with tempfile.TemporaryDirectory() as folder:
        ca = Path(folder) / "ca.pem"
        command = [programs / "server", clusters, latency_ms, projects, "--tls", ca]
        command += ["--lists", lists] if lists else []
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=CLEAN
        )
        try:
            url, key, tls = process.stdout.readline().split()
            service = Service(ELOQ_BASE_URL=url, ELOQ_API_KEY=key, ELOQ_TLS_URL=tls, ELOQ_TLS_CA=str(ca))
            service.process = process.pid
            yield service
        finally:
            process.stdin.close()
            process.wait(timeout=10)
            process.stdout.close()
