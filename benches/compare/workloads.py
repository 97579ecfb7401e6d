"""The group `workloads`: what users do, against the same work by hand and on bare sockets."""

import statistics
from subprocess import PIPE, Popen

from process import CLEAN, run, server
from row import Row, compared

BY_HAND = "the same work by hand"
WALL, PROCESSOR = 0, 1
IDLE_SAMPLES = 24
LISTS = 50


class Workload:
    """`rounds` and `batch` are of one run; the figure is the wall time or the processor time of one piece of work."""

    def __init__(self, kind, what, size, rounds, batch, figure=WALL, memory=False):
        self.kind, self.what, self.size, self.rounds, self.batch = kind, what, size, rounds, batch
        self.figure, self.memory = figure, memory


WORKLOADS = [
    Workload("first", "first call of a new client over TLS, handshake included", 1, 40, 1),
    Workload("idle", "a call after 30 s without one", 1, IDLE_SAMPLES, 1),
    Workload("page", "a list of 50 clusters, one page", 50, 50, 4),
    Workload("create", "a create with `.wait()`; processor time", 1, 20, 1, PROCESSOR),
    Workload("failing", "a call that fails after three retries; processor time", 1, 100, 1, PROCESSOR),
    Workload("describe_all", "`describe_all` of 10,000 clusters, 32 at once", 10_000, 2, 1, memory=True),
    Workload("plan", "a plan of 10,000 clusters", 10_000, 5, 1, memory=True),
    Workload("watch", "one interval of a watch of 1,000 clusters; processor time", 1_000, 5, 10, PROCESSOR),
]


def lines(programs, service, work, rounds, *clients, batch=None):
    """Lines of (wall, processor) of each client, and the peak memory."""
    *rounds, memory = run(
        programs / "work", "time", work.kind, work.size, rounds, batch or work.batch, *clients, **service
    ).splitlines()
    figures = [[int(part) for part in line.split()] for line in rounds]
    return [list(zip(line[::2], line[1::2])) for line in figures], int(memory)


def timed(programs, work, runs):
    """For each run lines with one figure for each of sdk, hand and socket."""
    if work.kind == "watch":
        return watch(programs, work, runs)
    clients = ("sdk", "hand", "socket")
    with server(programs, work.size) as service:
        if work.kind == "idle":
            # All samples are idle during the same 30 s.
            each, _ = lines(programs, service, work, work.rounds * runs, *clients)
            results = [each[number::runs] for number in range(runs)]
        else:
            results = [lines(programs, service, work, work.rounds, *clients)[0] for _ in range(runs)]
    return [[[client[work.figure] for client in line] for line in each] for each in results]


def watch(programs, work, runs):
    """The service ends each watch after some lists."""
    pages = work.size // 50
    results = []
    for number in range(runs):
        figures = {}
        for which in ("sdk", "hand") if number % 2 == 0 else ("hand", "sdk"):
            with server(programs, work.size, lists=LISTS * pages) as service:
                ((each,),), _ = lines(programs, service, work, 1, which, batch=1)
                figures[which] = each[work.figure] / LISTS
        with server(programs, work.size) as service:
            sockets, _ = lines(programs, service, work, work.rounds, "socket")
        floor = statistics.median(each[work.figure] for (each,) in sockets)
        results.append([[figures["sdk"], figures["hand"], floor]])
    return results


def wires(programs):
    """Round trips and bytes of each workload, by this crate and by hand. Deterministic."""
    counts = {}
    with server(programs) as service:
        # They wait for 30 s, so they run beside the others.
        waiting = [
            Popen([programs / "work", "wire", "idle", "1", which], env=CLEAN | service, stdout=PIPE, text=True)
            for which in ("sdk", "hand")
        ]
        for work in WORKLOADS:
            if work.kind == "idle":
                continue
            with server(programs, work.size) as other:
                counts[work.kind] = [wire(run(programs / "work", "wire", work.kind, work.size, which, **other), work)
                                     for which in ("sdk", "hand")]
        counts["idle"] = [wire(each.communicate()[0], None) for each in waiting]
    return counts


def wire(text, work):
    connections, requests, sent, received = map(int, text.split())
    # A handshake of TCP takes one round trip, and one of TLS 1.3 another.
    handshakes = connections * (2 if work and work.kind == "first" else 1)
    return {"trips": handshakes + requests, "sent": sent, "received": received}


def peaks(programs, work, runs):
    with server(programs, work.size) as service:
        pairs = []
        for number in range(runs):
            order = ("sdk", "hand") if number % 2 == 0 else ("hand", "sdk")
            memory = {which: lines(programs, service, work, 1, which)[1] for which in order}
            pairs.append([(memory["sdk"], memory["hand"])])
    return compared(pairs)


def measure(programs, options):
    counts = wires(programs)
    for work in WORKLOADS:
        ours, theirs = counts[work.kind]
        results = timed(programs, work, options.runs)
        floor = statistics.median(line[2] for each in results for line in each)
        figures = compared([[line[:2] for line in each] for each in results])
        yield Row(work.kind, work.what, BY_HAND, "ns", **figures, floor=floor, **ours, trips_there=theirs["trips"])
        if work.memory:
            yield Row(f"{work.kind}.memory", f"{work.what}; peak memory", BY_HAND, "KiB", **peaks(programs, work, options.runs))
