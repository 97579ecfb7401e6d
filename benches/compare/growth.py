"""The group `growth`: time, requests and memory from 1 to 10,000 clusters, and from 1 to 1,000 callers."""

import statistics

from process import run, server
from row import Row, compared

CLUSTERS = (1, 10, 100, 1_000, 10_000)
CALLERS = (1, 10, 100, 1_000)
CALLS = 20
PROJECTS = 20
WORK = {
    "list": "list",
    "plan": "plan",
    "describe_all": "`describe_all`, 32 at once",
    "callers": f"{CALLS} calls of each caller",
}


def sizes():
    for size in CLUSTERS:
        yield ("list", "plan", "describe_all"), size, 1
    yield ("list", "plan", "describe_all"), CLUSTERS[-1], PROJECTS
    for size in CALLERS:
        yield ("callers",), size, 1


def point(programs, service, kind, size, projects, runs):
    """A row, and the processor time of the client for each run, in nanoseconds."""
    given = f"{size}x{projects}"
    rounds = 20 if size <= 100 else 2
    walls, processors, peaks = [], [], []
    for _ in range(runs):
        *lines, memory = run(programs / "work", "time", kind, given, rounds, 1, "sdk", **service).splitlines()
        wall, processor = zip(*[map(int, line.split()) for line in lines])
        walls.append(statistics.median(wall))
        processors.append(statistics.median(processor))
        peaks.append(int(memory))
    _, requests, sent, received = map(int, run(programs / "work", "wire", kind, given, "sdk", **service).split())
    key = f"{kind}.{size}" + (f"x{projects}" if projects > 1 else "")
    row = Row(
        key, WORK[kind], unit="ns", here=statistics.median(walls), size=size, projects=projects, trips=requests, sent=sent,
        received=received, processor=statistics.median(processors), memory=statistics.median(peaks),
    )
    return row, processors


def measure(programs, options):
    each = {}
    for kinds, size, projects in sizes():
        # Callers describe one cluster.
        with server(programs, 1 if kinds == ("callers",) else size, projects=projects) as service:
            for kind in kinds:
                row, processors = point(programs, service, kind, size, projects, options.runs)
                yield row
                if projects == 1:
                    calls = CALLS if kind == "callers" else 1
                    each[kind, size] = [time / size / calls for time in processors]
    for kind in WORK:
        many, few = (CALLERS if kind == "callers" else CLUSTERS)[:-3:-1]
        unit, noun = ("call", "callers") if kind == "callers" else ("cluster", "clusters")
        figures = compared([[pair] for pair in zip(each[kind, many], each[kind, few])])
        what = f"processor time per {unit} with {many:,} {noun}: {WORK[kind]}"
        yield Row(f"{kind}.growth", what, f"with {few:,}", "ns", **figures, target="≤ 1.10")
