"""The group `profile`: the instructions of one call by crate, and the frames of a flame graph."""

import re
import tempfile
from collections import Counter
from pathlib import Path

from process import ROOT, run, server
from row import Row

CALLS = 1000
OURS = "eloq-sdk, with generated code"
PROGRAM = "the program itself"
STD = "Rust's standard library"
LIBC = "libc, with the allocator"
OTHER = "other crates"
CRATES = {
    "reqwest": "reqwest, tower",
    "tower": "reqwest, tower",
    "tower_http": "reqwest, tower",
    "tower_service": "reqwest, tower",
    "hyper": "hyper, hyper-util",
    "hyper_util": "hyper, hyper-util",
    "hyper_rustls": "hyper, hyper-util",
    "http": "http, http-body, httparse",
    "http_body": "http, http-body, httparse",
    "http_body_util": "http, http-body, httparse",
    "httparse": "http, http-body, httparse",
    "tokio": "tokio, mio",
    "mio": "tokio, mio",
    "serde": "serde, serde_json",
    "serde_core": "serde, serde_json",
    "serde_json": "serde, serde_json",
    "itoa": "serde, serde_json",
    "url": "url",
    "form_urlencoded": "url",
    "percent_encoding": "url",
    "idna": "url",
    "tracing": "tracing",
    "tracing_core": "tracing",
    "eloq_sdk": OURS,
    "eloq_sdk_benches": PROGRAM,
    "calls": PROGRAM,
    "core": STD,
    "alloc": STD,
    "std": STD,
    "hashbrown": STD,
}
GROUPS = [*dict.fromkeys(CRATES.values()), LIBC, OTHER]
# A frame below this share of all instructions is left out.
SMALLEST = 0.003


class Profile:
    """Instructions by function and source file, and those of calls from one function to another."""

    def __init__(self):
        self.own, self.edges, self.objects = Counter(), Counter(), {}

    def less(self, other):
        for mine, its in ((self.own, other.own), (self.edges, other.edges)):
            mine.subtract({key: count for key, count in its.items() if key in mine})
        return self

    def by_group(self):
        groups = Counter()
        for (function, home, file), count in self.own.items():
            group = of_file(file)
            # What is inlined from the standard library belongs to the crate of the function.
            if group in (STD, None):
                group = of_file(home)
                group = group if group not in (STD, None) else of_function(function, self.objects.get(function))
            groups[group] += count
        return groups


def parse(text):
    """Reads the format that callgrind writes: https://valgrind.org/docs/manual/cl-format.html"""
    names, profile = {}, Profile()
    function = callee = home = file = place = None
    is_call = False
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if line[:1] in tuple("0123456789+-*"):
            count = int(line.split()[1])
            if is_call:
                profile.edges[function, callee] += count
            else:
                profile.own[function, home, file] += count
            is_call = False
        elif equals and key in ("ob", "cob", "fl", "fi", "fe", "cfi", "cfl", "fn", "cfn"):
            number, _, name = value.partition(" ")
            kind = {"b": "ob", "n": "fn"}.get(key[-1], "fl")
            name = names.setdefault((kind, number), re.sub(r"'\d+$", "", name))
            if key == "ob":
                place = name
            elif key == "fl":
                home = file = name
            elif key in ("fi", "fe"):
                file = name
            elif key == "fn":
                function, file = name, home
                profile.objects[function] = place
            elif key == "cfn":
                callee = name
        elif equals and key == "calls":
            is_call = True
    return profile


def of_file(path):
    """The group of a source file; `None` if it does not tell."""
    if crate := re.search(r"/registry/src/[^/]+/(.+?)-\d+\.[^/]*/", path or ""):
        return CRATES.get(crate[1].replace("-", "_"), OTHER)
    if "/rustc/" in path or path.startswith("library/"):
        return STD
    if "/out/" in path or path.startswith(f"{ROOT}/src/"):
        return OURS
    return PROGRAM if path.endswith(".rs") else None


def of_function(name, place=""):
    """The group by the name of a function and the object file that contains it."""
    if re.search(r"/(libc|libm|ld-linux)[^/]*$", place or "") or name in ("malloc", "free", "realloc", "calloc"):
        return LIBC
    # What drops a value belongs to the crate of its type.
    name = name.removeprefix("core::ptr::drop_in_place")
    crate = re.search(r"[a-z_][a-z0-9_]*(?=::)", name)
    return CRATES.get(crate[0], OTHER) if crate else LIBC if place == "???" else OTHER


def short(name):
    """A name without generic arguments and without the traits of methods."""
    before = None
    while before != name:
        before, name = name, re.sub(r"(?<=[\w:])<[^<>]*>", "", name.replace("->", ""))
    name = re.sub(r"<([^<>]*?) as [^<>]*>", r"\1", name)
    name = re.sub(r"[<>&*]|dyn |\{\{vtable.shim\}\}", "", name).replace("{{closure}}", "{closure}")
    return name if len(name) <= 100 else name[:99] + "…"


def frames(profile):
    """Frames of a flame graph: depth, start and width as shares, name, group. A callee has of its instructions what its caller's part of
    all calls is, since callgrind does not record whole stacks."""
    own, callees = Counter(), {}
    for (function, _, _), count in profile.own.items():
        own[function] += count
    for (caller, callee), count in profile.edges.items():
        if count > 0:
            callees.setdefault(caller, []).append((callee, count))
    whole = Counter(own)
    for caller, calls in callees.items():
        whole[caller] += sum(count for _, count in calls)
    root, found = "calls::main", []
    # The way to the runtime is the same for all.
    while (calls := callees.get(root)) and max(count for _, count in calls) > 0.98 * whole[root]:
        root = max(calls, key=lambda call: call[1])[0]
    total = whole[root]

    def add(function, cost, depth, start, stack):
        if cost < SMALLEST * total:
            return
        group = of_function(function, profile.objects.get(function))
        found.append([depth, round(start / total, 5), round(cost / total, 5), short(function), group])
        for callee, count in sorted(callees.get(function, []), key=lambda call: -call[1]):
            part = count * cost / whole[function]
            if callee not in stack:
                add(callee, part, depth + 1, start, stack | {callee})
                start += part

    add(root, total, 0, 0, {root})
    return found


def profiled(programs, which):
    with server(programs) as service, tempfile.TemporaryDirectory() as folder:
        def of(calls):
            out = Path(folder) / f"callgrind.{calls}"
            run(
                "valgrind", "--tool=callgrind", "--dump-instr=no", f"--callgrind-out-file={out}", programs / "calls", "current",
                which, calls, "1", **service,
            )
            return parse(out.read_text())

        return of(CALLS).less(of(0))


def measure(programs, options):
    sdk, hand = (profiled(programs, which) for which in ("sdk", "hand"))
    ours, theirs = sdk.by_group(), hand.by_group()
    for group in GROUPS:
        yield Row(group, group, "the call by hand", "instructions", ours[group] / CALLS, theirs[group] / CALLS)
    all_of = [sum(groups.values()) / CALLS for groups in (ours, theirs)]
    yield Row("all", "all", "the call by hand", "instructions", *all_of, all_of[0] / all_of[1])
    options.frames = frames(sdk)
