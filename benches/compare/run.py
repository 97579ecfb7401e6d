#!/usr/bin/env python3
"""Compares the crate's cost with that of alternatives, prints the table, and writes docs/performance.md.

    python3 benches/compare/run.py [--runs 5] [--builds 5] [--build | --check]

`--check` measures only deterministic figures (instructions, allocations, no rebuild), and fails if one exceeds its value in
benches/compare/recorded.json by over a tenth; without `--check`, the script writes that file. The check compares the ratio of
instructions to the hand-written client's, since their number depends on the machine's libraries. `--build` only builds the
programs of the check.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "compare"
PYTHON = WORK / "python/bin/python"
RECORDED = HERE / "recorded.json"
PAGE = ROOT / "docs/performance.md"
VENDOR = "eloq-sdk==0.1.4"
# Measurements of each client in a run.
PAIRS = 50
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("ELOQ_", "CARGO_TARGET_DIR", "RUST_BACKTRACE"))}


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
        "sys.exit(done.stderr.decode()) if done.returncode else None\n"
        "print(json.dumps([wall, usage.ru_utime + usage.ru_stime]))"
    )
    return json.loads(run(sys.executable, "-c", code, *command, cwd=cwd, **variables))


def peak(*command, **variables):
    """Runs a command and returns its peak memory in KiB. The peak of a child of Python would include Python's own."""
    with tempfile.NamedTemporaryFile("r") as out:
        run("/usr/bin/time", "-f", "%M", "-o", out.name, *command, **variables)
        return int(out.read())


def build():
    """Builds the measured programs and returns their directory."""
    target = WORK / "benches"
    run("cargo", "build", "--release", "--quiet", "--bins", cwd=ROOT / "benches", CARGO_TARGET_DIR=str(target))
    return target / "release"


def build_python():
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", WORK / "python")
        run(PYTHON, "-m", "pip", "install", "--quiet", VENDOR)


@contextmanager
def server(programs, clusters=1, latency_ms=0):
    command = [programs / "server", str(clusters), str(latency_ms)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=CLEAN)
    try:
        url, key = process.stdout.readline().split()
        yield {"ELOQ_BASE_URL": url, "ELOQ_API_KEY": key, "process": process.pid}
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


def environment(service):
    return {name: value for name, value in service.items() if name.startswith("ELOQ_")}


def paired(runs, measure):
    """Alternates two measurements; returns both medians and the median of the pairs' ratios."""
    pairs = []
    for number in range(runs):
        order = ("sdk", "other") if number % 2 == 0 else ("other", "sdk")
        pair = {which: measure(which) for which in order}
        pairs.append((pair["sdk"], pair["other"]))
    ours, others = zip(*pairs)
    return statistics.median(ours), statistics.median(others), statistics.median(a / b for a, b in pairs)


def instructions(programs, which, service, calls):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        run(
            "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", programs / "calls", which, calls, "1",
            **environment(service),
        )
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1])


def instructions_per_call(programs, calls=1000):
    with server(programs) as service:
        def per_call(which):
            return (instructions(programs, which, service, calls) - instructions(programs, which, service, 0)) / calls

        return per_call("sdk"), per_call("hand")


def allocations_per_call(programs):
    with server(programs) as service:
        return [
            [float(part) for part in run(programs / "allocations", which, **environment(service)).split()]
            for which in ("sdk", "hand")
        ]


def rebuilds():
    """Returns whether a change of the library makes build.rs run again."""
    run("cargo", "build", "--quiet")
    (ROOT / "src/facade/client.rs").touch()
    done = subprocess.run(["cargo", "build", "-v"], cwd=ROOT, env=CLEAN, capture_output=True, text=True, check=True)
    assert "--crate-name eloq_sdk" in done.stderr, "cargo did not rebuild the library"
    return "eloq-sdk-" in done.stderr and "build-script-build`" in done.stderr


def deterministic(programs):
    sdk, hand = instructions_per_call(programs)
    (blocks, size), (hand_blocks, hand_size) = allocations_per_call(programs)
    return {
        "instructions per call": sdk,
        "instructions per call, by hand": hand,
        "allocations per call": blocks,
        "allocations per call, by hand": hand_blocks,
        "bytes allocated per call": size,
        "bytes allocated per call, by hand": hand_size,
        "build.rs runs again": rebuilds(),
    }


def compared(figures):
    """Returns the figures that must not grow."""
    return {
        "instructions, ratio to hand-written": figures["instructions per call"] / figures["instructions per call, by hand"],
        "allocations per call": figures["allocations per call"],
        "bytes allocated per call": figures["bytes allocated per call"],
        "build.rs runs again": figures["build.rs runs again"],
    }


def check(figures):
    recorded = compared(json.loads(RECORDED.read_text()))
    worse = []
    for name, figure in compared(figures).items():
        print(f"{name}: {figure:.3f} (recorded: {recorded[name]:.3f})")
        if figure > recorded[name] * 1.1:
            worse.append(name)
    if worse:
        sys.exit(f"more than a tenth above the recorded value: {', '.join(worse)}")


def row(what, against, target, met, ours, other, ratio):
    return {
        "what": what, "against": against, "target": target, "met": met, "ours": ours, "other": other, "ratio": ratio
    }


def calls(programs, which, service, count, tasks):
    return int(run(programs / "calls", which, count, tasks, **environment(service)))


def turns(programs, service, count, tasks, runs):
    """Alternates both clients; returns their median nanoseconds per call and the median of the pairs' ratios."""
    pairs = []
    for _ in range(runs):
        out = run(programs / "calls", "pairs", count, tasks, PAIRS, **environment(service))
        pairs += [[int(part) / count for part in line.split()] for line in out.splitlines()]
    ours, others = zip(*pairs)
    return statistics.median(ours), statistics.median(others), statistics.median(a / b for a, b in pairs)


def timed(programs, runs):
    with server(programs) as service:
        ours, other, ratio = turns(programs, service, 300, 1, runs)
        yield row(
            "wall time per call, sequential, keep-alive", "the same", "≤ 1.05", ratio <= 1.05,
            f"{ours / 1000:.1f} µs", f"{other / 1000:.1f} µs", f"{ratio:.3f}",
        )
        ours, other, ratio = turns(programs, service, 640, 64, runs)
        yield row(
            "calls a second, 64 at once", "the same", "≥ 0.95", 1 / ratio >= 0.95,
            f"{1e9 / ours:,.0f}", f"{1e9 / other:,.0f}", f"{1 / ratio:.3f}",
        )

        def a_second(which):
            if which == "sdk":
                return 3000e9 / calls(programs, "sdk", service, 3000, 1)
            return 300e9 / int(run(PYTHON, HERE / "vendor.py", "calls", "300", **environment(service)))

        vendor = paired(runs, a_second)
        yield row(
            "calls a second, sequential", "the vendor's Python SDK, same server", "≥ 20", vendor[2] >= 20,
            f"{vendor[0]:,.0f}", f"{vendor[1]:,.0f}", f"{vendor[2]:.1f}",
        )
    with server(programs, 100, 50) as service:
        def all_clusters(*command):
            nanoseconds, count = run(*command, **environment(service)).split()
            assert int(count) == 100
            return int(nanoseconds) / 1e9

        vendor = statistics.median(all_clusters(PYTHON, HERE / "vendor.py", "all") for _ in range(runs))
        for concurrency, target in ((8, 10), (32, 25)):
            ours = statistics.median(all_clusters(programs / "calls", "all", concurrency) for _ in range(runs))
            yield row(
                f"describing 100 clusters at 50 ms latency, {concurrency} at once", "the vendor's Python SDK",
                f"≥ {target} times faster", vendor / ours >= target, f"{ours:.2f} s", f"{vendor:.2f} s", f"{vendor / ours:.1f}",
            )


def applications(programs, runs, builds):
    binaries = {}
    for name in ("sdk", "plain"):
        target = str(WORK / f"app-{name}")
        run("cargo", "build", "--release", "--quiet", cwd=HERE / "apps" / name, CARGO_TARGET_DIR=target)
        binaries[name] = Path(target) / "release" / name
        run("strip", "-o", binaries[name].with_suffix(".stripped"), binaries[name])
    with server(programs) as service:
        script = {"sdk": [binaries["sdk"]], "other": [PYTHON, HERE / "vendor.py", "start"]}
        variables = environment(service)
        ours, other, ratio = paired(runs, lambda which: used(*script[which], **variables)[0])
        yield row(
            "start-up to first result, release binary", "the vendor's Python SDK script", "≥ 20 times faster",
            1 / ratio >= 20, f"{ours * 1000:.1f} ms", f"{other * 1000:.0f} ms", f"{1 / ratio:.1f}",
        )
        ours, other, ratio = paired(runs, lambda which: peak(*script[which], **variables))
        yield row(
            "peak memory of that binary", "the same", "≤ 1/4", ratio <= 0.25,
            f"{ours / 1024:.1f} MiB", f"{other / 1024:.1f} MiB", f"{ratio:.3f}",
        )

    def cold(which):
        name = {"sdk": "sdk", "other": "plain"}[which]
        target = WORK / "cold"
        shutil.rmtree(target, ignore_errors=True)
        seconds = used(
            "cargo", "build", "--offline", cwd=HERE / "apps" / name, CARGO_TARGET_DIR=str(target), CARGO_INCREMENTAL="0"
        )[1]
        shutil.rmtree(target)
        return seconds

    ours, other, ratio = paired(builds, cold)
    yield row(
        "processor seconds of a cold `cargo build` (default features) of an app that uses this crate",
        "the same app on plain `reqwest` with default features + serde + tokio", "≤ 1.0", ratio <= 1.0,
        f"{ours:.1f} s", f"{other:.1f} s", f"{ratio:.3f}",
    )
    sizes = {name: path.with_suffix(".stripped").stat().st_size for name, path in binaries.items()}
    ratio = sizes["sdk"] / sizes["plain"]
    yield row(
        "stripped release size of the quick start app", "the same", "≤ 1.15", ratio <= 1.15,
        f"{sizes['sdk'] / 2**20:.2f} MiB", f"{sizes['plain'] / 2**20:.2f} MiB", f"{ratio:.3f}",
    )


def tool(programs, runs, starts=20):
    """The command-line tool, against the quick start that `applications` has built."""
    target = WORK / "tool"
    run("cargo", "build", "--release", "--quiet", "--package", "eloq-cli", CARGO_TARGET_DIR=str(target))
    eloq, stripped = target / "release/eloq", target / "release/eloq.stripped"
    run("strip", "-o", stripped, eloq)

    def seconds(*command, **variables):
        return statistics.median(used(*command, **variables)[0] for _ in range(starts))

    with server(programs) as service, tempfile.TemporaryDirectory() as settings:
        variables = environment(service) | {"ELOQ_CONFIG_DIR": settings}
        command = {"sdk": [eloq, "cluster", "list"], "other": [WORK / "app-sdk/release/sdk"]}
        ours, other, ratio = paired(runs, lambda which: seconds(*command[which], **variables))
        yield row(
            "`eloq cluster list`, from start to exit", "the quick start app of this crate, same server", "≤ 3 times its time",
            ratio <= 3, f"{ours * 1000:.1f} ms", f"{other * 1000:.1f} ms", f"{ratio:.2f}",
        )
        helped = statistics.median(seconds(eloq, "--help", **variables) for _ in range(runs))
        yield row("`eloq --help`, from start to exit", "–", "≤ 10 ms", helped <= 0.010, f"{helped * 1000:.1f} ms", "–", "–")
    size = stripped.stat().st_size / 2**20
    yield row("stripped release size of `eloq`", "–", "≤ 10 MiB", size <= 10, f"{size:.2f} MiB", "–", "–")


def table(figures, rows):
    sdk, hand = figures["instructions per call"], figures["instructions per call, by hand"]
    more = figures["allocations per call"] - figures["allocations per call, by hand"]
    first = row(
        "instructions per `cluster()` call", "the same call hand-written on reqwest + serde into the same struct", "≤ 1.10",
        sdk / hand <= 1.10, f"{sdk:,.0f}", f"{hand:,.0f}", f"{sdk / hand:.3f}",
    )
    heap = row(
        "heap allocations per call over the hand-written one", "–", "≤ 10", more <= 10,
        f"{figures['allocations per call']:.1f}", f"{figures['allocations per call, by hand']:.1f}", f"{more:+.1f}",
    )
    again = figures["build.rs runs again"]
    rebuild = row(
        "rebuild after touching `src/facade/client.rs`", "–", "build.rs does not run again", not again,
        "runs again" if again else "does not run", "–", "–",
    )
    rows = [first, *rows, heap, rebuild]
    lines = ["| what | against | target | here | there | ratio | met |", "|---|---|---|---|---|---|---|"]
    for each in rows:
        cells = [each[name] for name in ("what", "against", "target", "ours", "other", "ratio")]
        lines.append(f"| {' | '.join(cells)} | {'yes' if each['met'] else '**no**'} |")
    return "\n".join(lines)


def own_cost(programs, calls=20000):
    """Returns the processor time of the service for each call, in microseconds."""
    with server(programs) as service:
        def ticks():
            fields = Path(f"/proc/{service['process']}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])

        before = ticks()
        run(programs / "calls", "hand", calls, "1", **environment(service))
        return (ticks() - before) / os.sysconf("SC_CLK_TCK") / calls * 1e6


def machine(runs, builds, service_cost):
    model = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    versions = run(PYTHON, "-m", "pip", "list", "--format", "freeze")
    requests = re.search(r"^requests==(.+)$", versions, re.MULTILINE)[1]
    lines = [
        f"- {os.cpu_count()} processors{f' ({model[1]})' if model else ''}, {int(memory[1]) // 2**20} GiB of memory, {platform.system()} {platform.machine()}",
        f"- {run('rustc', '--version').strip()}; {run('valgrind', '--version').strip()}",
        f"- reqwest {locked('reqwest')}, tokio {locked('tokio')}, rustls {locked('rustls')}, progenitor {locked('progenitor')}",
        f"- Python {platform.python_version()}, `{VENDOR}` with requests {requests}",
        f"- the service's own cost, a part of every time on both sides: {service_cost:.0f} µs of processor time for a call",
        f"- {runs} paired runs of each time, {builds} of the builds; medians, {time.strftime('%Y-%m-%d')}",
    ]
    return "\n".join(lines)


def locked(crate):
    return re.search(rf'name = "{crate}"\nversion = "(.+)"', (ROOT / "Cargo.lock").read_text())[1]


def write(page_table, page_machine):
    text = PAGE.read_text()
    for name, content in (("table", page_table), ("machine", page_machine)):
        begin, end = f"<!-- {name}: written by benches/compare/run.py -->\n", f"<!-- end of {name} -->"
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{content}\n\n{end}{rest.split(end, 1)[1]}"
    PAGE.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--builds", type=int, default=5)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--build", action="store_true")
    only.add_argument("--check", action="store_true")
    options = parser.parse_args()
    programs = build()
    if options.build:
        return None
    figures = deterministic(programs)
    if options.check:
        return check(figures)
    build_python()
    rows = []
    rows += timed(programs, options.runs)
    rows += applications(programs, options.runs, options.builds)
    rows += tool(programs, options.runs)
    RECORDED.write_text(json.dumps(figures, indent=2) + "\n")
    page_table = table(figures, rows)
    print(page_table)
    write(page_table, machine(options.runs, options.builds, own_cost(programs)))


if __name__ == "__main__":
    main()
