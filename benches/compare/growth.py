"""The group `growth`: time, requests and memory from 1 to 10,000 clusters, and from 1 to 1,000 callers."""

import statistics

from process import run, server
from row import Row

CLUSTERS = (1, 10, 100, 1_000, 10_000)
CALLERS = (1, 10, 100, 1_000)
CALLS = 20
PROJECTS = 20
WORK = {
    "list": "list",
    "plan": "plan",
    "describe_all": "`describe_all`, 32 at once",
    "callers": f"callers of one client, {CALLS} calls each",
}


def sizes():
    for size in CLUSTERS:
        yield ("list", "plan", "describe_all"), size, 1
    yield ("list", "plan", "describe_all"), CLUSTERS[-1], PROJECTS
    for size in CALLERS:
        yield ("callers",), size, 1


def point(programs, service, kind, size, projects, runs):
    """The time of the work in nanoseconds for each run, and a row."""
    given = f"{size}x{projects}"
    rounds = 20 if size <= 100 else 2
    times, peaks = [], []
    for _ in range(runs):
        *lines, memory = run(programs / "work", "time", kind, given, rounds, 1, "sdk", **service).splitlines()
        times.append(statistics.median(int(line.split()[0]) for line in lines))
        peaks.append(int(memory))
    _, requests, sent, received = map(int, run(programs / "work", "wire", kind, given, "sdk", **service).split())
    key = f"{kind}.{size}" + (f"x{projects}" if projects > 1 else "")
    return times, Row(
        key, WORK[kind], unit="ns", here=statistics.median(times), size=size, projects=projects, trips=requests, sent=sent,
        received=received, memory=statistics.median(peaks),
    )


def measure(programs, options):
    times = {}
    for kinds, size, projects in sizes():
        # Callers describe one cluster.
        with server(programs, 1 if kinds == ("callers",) else size, projects=projects) as service:
            for kind in kinds:
                times[kind, size, projects], row = point(programs, service, kind, size, projects, options.runs)
                yield row
    for kind in WORK:
        many, few = (CALLERS if kind == "callers" else CLUSTERS)[:-3:-1]
        unit = "call" if kind == "callers" else "cluster"
        here, there = (sorted(time / size for time in times[kind, size, 1]) for size in (many, few))
        ratios = [one / other for one, other in zip(here, there)]
        yield Row(
            f"{kind}.growth", f"time per {unit} of {WORK[kind]}: {many:,}", f"{few:,}", "ns", statistics.median(here) / (CALLS if kind == "callers" else 1),
            statistics.median(there) / (CALLS if kind == "callers" else 1), statistics.median(ratios), min(ratios), max(ratios), "≤ 1.10",
        )
