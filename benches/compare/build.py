"""The group `build`: what the crate costs those who build, start and ship a program with it."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from process import CLEAN, HERE, PYTHON, ROOT, WORK, build_vendor, peak, release, run, server, used
from row import Row, alternated, compared

APP = "the same app on plain `reqwest` with default features + serde + tokio"
# Measurements of each app in a run.
TOUCHES = 5


def app(which):
    return HERE / "apps" / {"sdk": "sdk", "other": "plain"}[which]


def cold(command, which):
    """Processor seconds."""
    target = WORK / "cold"
    shutil.rmtree(target, ignore_errors=True)
    seconds = used("cargo", command, "--offline", cwd=app(which), CARGO_TARGET_DIR=str(target), CARGO_INCREMENTAL="0")[1]
    shutil.rmtree(target)
    return seconds


def incremental(which):
    """Wall time and processor time of a build after a change of the app's main.rs."""
    target = str(WORK / f"incremental-{which}")
    build = ("cargo", "build", "--offline")
    source = app(which) / "src/main.rs"
    run(*build, cwd=app(which), CARGO_TARGET_DIR=target)
    source.touch()
    return used(*build, cwd=app(which), CARGO_TARGET_DIR=target)


def rebuilt(runs):
    """Alternates both apps, and compares the wall times and the processor times."""
    results = []
    for number in range(runs):
        order = ("sdk", "other") if number % 2 == 0 else ("other", "sdk")
        results.append([{which: incremental(which) for which in order} for _ in range(TOUCHES)])
    for index, (key, time) in enumerate((("incremental", "wall time"), ("incremental-processor", "processor time"))):
        figures = compared([[(each["sdk"][index], each["other"][index]) for each in pairs] for pairs in results])
        what = f"incremental build after a change of the app's `main.rs`, {time}"
        yield Row(key, what, APP, "s", **figures, target="≤ 1.00")


def rebuilds():
    """Returns whether a change of the library makes build.rs run again."""
    run("cargo", "build", "--quiet")
    (ROOT / "src/facade/client.rs").touch()
    done = subprocess.run(["cargo", "build", "-v"], cwd=ROOT, env=CLEAN, capture_output=True, text=True, check=True)
    assert "--crate-name eloq_sdk" in done.stderr, "cargo did not rebuild the library"
    return "eloq-sdk-" in done.stderr and "build-script-build`" in done.stderr


def rerun():
    again = int(rebuilds())
    return Row("rerun", "runs of build.rs after a change of `src/facade/client.rs`", here=again, target="≤ 0", of="here")


def lines_of_llvm():
    if not shutil.which("cargo-llvm-lines"):
        print("skipped: `cargo llvm-lines` is not installed; `cargo install cargo-llvm-lines` installs it")
        return
    out = run(
        "cargo", "llvm-lines", "--lib", "--package", "eloq-sdk", CARGO_PROFILE_DEV_DEBUG="2",
        CARGO_TARGET_DIR=str(WORK / "llvm-lines"),
    )
    lines, functions = re.search(r"^\s*(\d+)\s+(\d+)\s+\(TOTAL\)", out, re.MULTILINE).groups()
    yield Row("llvm-lines", "lines of LLVM IR of the library", here=int(lines))
    yield Row("llvm-functions", "functions in LLVM IR of the library", here=int(functions))


def fresh_clone():
    """In a clone of the last commit; the downloaded crates are shared."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        clone = Path(folder) / "clone"
        run("git", "clone", "--quiet", ROOT, clone)
        for key, command, limit in (("quickstart", "run --example quickstart", 60), ("test", "test", 180)):
            wall, _ = used("cargo", *command.split(), cwd=clone)
            what = f"`cargo {command}` in a fresh clone" + (", after that" if key == "test" else "")
            yield Row(key, what, unit="s", here=wall, target=f"≤ {limit} s", of="here")


def ready(programs, runs):
    """Size, start-up and memory of the release binary."""
    build_vendor()
    (sdk, sdk_stripped), (_, plain_stripped) = release("sdk"), release("plain")
    sizes = sdk_stripped.stat().st_size, plain_stripped.stat().st_size
    yield Row("size", "stripped release size of the quick start app", APP, "bytes", *sizes, sizes[0] / sizes[1], target="≤ 1.15")
    script = {"sdk": [sdk], "other": [PYTHON, HERE / "vendor.py", "start"]}
    with server(programs) as service:
        against = "the vendor's Python SDK script"
        start = alternated(runs, lambda which: used(*script[which], **service)[0], 5, inverse=True)
        yield Row("start", "start-up to first result, release binary", against, "s", **start, target="≥ 20 times faster")
        memory = alternated(runs, lambda which: peak(*script[which], **service))
        yield Row("memory", "peak memory of that binary", against, "KiB", **memory, target="≤ 0.25")


def measure(programs, options):
    for key, command in (("cold", "build"), ("check", "check")):
        what = f"processor seconds of a cold `cargo {command}` (default features) of an app that uses this crate"
        figures = alternated(options.builds, lambda which: cold(command, which))
        yield Row(key, what, APP, "s", **figures, target="≤ 0.85")
    yield from rebuilt(options.builds)
    yield rerun()
    yield from lines_of_llvm()
    yield from ready(programs, options.runs)
    yield from fresh_clone()
