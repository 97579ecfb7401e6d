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


def once(programs, service, kind, given, which):
    """Wall time and processor time of a process in nanoseconds, and its peak memory."""
    rounds = 20 if int(given.split("x")[0]) <= 100 else 2
    *lines, memory = run(programs / "work", "time", kind, given, rounds, 1, which, **service).splitlines()
    wall, processor = zip(*[map(int, line.split()) for line in lines])
    return statistics.median(wall), statistics.median(processor), int(memory)


def point(programs, service, kind, size, projects, runs):
    """A row, and the processor time for each run, in nanoseconds."""
    given = f"{size}x{projects}"
    each = [once(programs, service, kind, given, "sdk") for _ in range(runs)]
    walls, processors, peaks = zip(*each)
    _, requests, sent, received = map(int, run(programs / "work", "wire", kind, given, "sdk", **service).split())
    key = f"{kind}.{size}" + (f"x{projects}" if projects > 1 else "")
    row = Row(
        key, WORK[kind], unit="ns", here=statistics.median(walls), size=size, projects=projects, trips=requests, sent=sent,
        received=received, processor=statistics.median(processors), memory=statistics.median(peaks),
    )
    return row, processors


def measure(programs, options):
    ours, theirs = {}, {}
    for kinds, size, projects in sizes():
        # Callers describe one cluster.
        with server(programs, 1 if kinds == ("callers",) else size, projects=projects) as service:
            for kind in kinds:
                row, times = point(programs, service, kind, size, projects, options.runs)
                yield row
                if projects == 1 and size >= 100:
                    ours[kind, size] = times
                    by_hand = [once(programs, service, kind, str(size), "hand") for _ in range(options.runs)]
                    theirs[kind, size] = [processor for _, processor, _ in by_hand]
    for kind in WORK:
        yield compared_growth(kind, ours, theirs)


def compared_growth(kind, ours, theirs):
    """By how much ten times the work takes longer than ten times its time."""
    few, many = (CALLERS if kind == "callers" else CLUSTERS)[-2:]
    here, there = ([more / less * few / many for more, less in zip(times[kind, many], times[kind, few])] for times in (ours, theirs))
    unit, noun = ("call", "callers") if kind == "callers" else ("cluster", "clusters")
    what = f"growth of the processor time for each {unit} from {few:,} to {many:,} {noun}: {WORK[kind]}"
    return Row(f"{kind}.growth", what, "the same by hand", "times", **compared([[pair] for pair in zip(here, there)]), target="≤ 1.10")
