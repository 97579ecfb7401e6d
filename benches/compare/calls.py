"""The group `calls`: one call, against the same call by hand and by the vendor's Python SDK."""

import re
import tempfile
from pathlib import Path

from process import HERE, PYTHON, build_vendor, run, server
from row import Row, alternated, compared

RUNTIMES = {
    "current": "current-thread runtime",
    "multi": "multi-threaded runtime",
    "blocking": "blocking client",
}
BY_HAND = {
    "current": "the same call by hand on reqwest + serde",
    "multi": "the same call by hand on reqwest + serde",
    "blocking": "the same call by hand on reqwest's `blocking` + serde",
}
# Measurements of each client in a run.
PAIRS = 50


def instructions(programs, runtime, which, service, calls):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        run(
            "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", programs / "calls", runtime, which, calls, "1",
            **service,
        )
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1])


def instructions_per_call(programs, runtime, service, calls=1000):
    def per_call(which):
        return (instructions(programs, runtime, which, service, calls) - instructions(programs, runtime, which, service, 0)) / calls

    return per_call("sdk"), per_call("hand")


def allocations_per_call(programs, runtime, service):
    """Blocks and bytes, of both clients."""
    each = [run(programs / "allocations", runtime, which, **service).split() for which in ("sdk", "hand")]
    return zip(*[[float(part) for part in parts] for parts in each])


def deterministic(programs, runtime):
    """Instructions and allocations."""
    name, against = RUNTIMES[runtime], BY_HAND[runtime]
    with server(programs) as service:
        ours, other = instructions_per_call(programs, runtime, service)
        yield Row(
            f"{runtime}.instructions", f"instructions of a call, {name}", against, "instructions", ours, other, ours / other,
            target="≤ 1.05",
        )
        (blocks, others), (size, other_size) = allocations_per_call(programs, runtime, service)
        yield Row(
            f"{runtime}.allocations", f"heap allocations of a call, {name}", against, "", blocks, others, blocks / others,
            target="≤ +2", of="difference",
        )
        yield Row(
            f"{runtime}.allocated", f"bytes allocated by a call, {name}", against, "bytes", size, other_size, size / other_size
        )


def turns(programs, service, runtime, calls, tasks, runs):
    """Nanoseconds per call, in pairs for each run."""
    results = []
    for _ in range(runs):
        out = run(programs / "calls", runtime, "pairs", calls, tasks, PAIRS, **service)
        results.append([[int(part) / calls for part in line.split()] for line in out.splitlines()])
    return results


def timed(programs, runtime, runs):
    name, against = RUNTIMES[runtime], BY_HAND[runtime]
    at_once = "64 threads" if runtime == "blocking" else "64 at once"
    with server(programs) as service:
        figures = compared(turns(programs, service, runtime, 300, 1, runs))
        yield Row(f"{runtime}.wall", f"wall time of a call, sequential, {name}", against, "ns", **figures, target="≤ 1.03")
        pairs = turns(programs, service, runtime, 640, 64, runs)
        rates = [[(1e9 / ours, 1e9 / other) for ours, other in each] for each in pairs]
        yield Row(f"{runtime}.at64", f"calls a second, {at_once}, {name}", against, "", **compared(rates), target="≥ 0.97")


def vendor(programs, runs):
    build_vendor()
    against = "the vendor's Python SDK, same server"
    with server(programs) as service:
        def a_second(which):
            if which == "sdk":
                return 3000e9 / int(run(programs / "calls", "current", "sdk", "3000", "1", **service))
            return 300e9 / int(run(PYTHON, HERE / "vendor.py", "calls", "300", **service))

        yield Row("vendor.calls", "calls a second, sequential", against, "", **alternated(runs, a_second), target="≥ 20")
    with server(programs, 100, latency_ms=50) as service:
        def all_clusters(*command):
            nanoseconds, count = run(*command, **service).split()
            assert int(count) == 100
            return int(nanoseconds)

        others = [all_clusters(PYTHON, HERE / "vendor.py", "all") for _ in range(runs)]
        for concurrency, target in ((8, 10), (32, 25)):
            pairs = [[(all_clusters(programs / "calls", "all", concurrency), other)] for other in others]
            yield Row(
                f"vendor.describe{concurrency}", f"describing 100 clusters at 50 ms latency, {concurrency} at once",
                against, "ns", **compared(pairs, inverse=True), target=f"≥ {target} times faster",
            )


def measure(programs, options):
    for runtime in RUNTIMES:
        yield from deterministic(programs, runtime)
        yield from timed(programs, runtime, options.runs)
    yield from vendor(programs, options.runs)
