#!/usr/bin/env python3
"""Compares the crate's cost with that of alternatives, and writes docs/performance.md.

    python3 benches/compare/run.py [--runs 5] [--builds 5] [--only GROUP,…]
    python3 benches/compare/run.py --page | --build | --check

It saves all figures in benches/compare/results, in a file for each model of processor, and renders the page and its plots from all
of these files. `--only` measures some of the groups: calls, workloads, growth, profile, tool, build. `--page` only renders. `--check`
measures only deterministic figures (instructions, allocations, requests and bytes, no rerun of build.rs), and fails if one is above
its recorded value. It compares the ratio of instructions to the hand-written client's, since their number depends on the machine's
libraries. `--build` only builds the programs of the check.
"""

import argparse
import json
import sys
import time

import build
import callgrind
import calls
import growth
import machine
import page
import process
import tool
import workloads

GROUPS = {
    "calls": calls, "workloads": workloads, "growth": growth, "profile": callgrind, "tool": tool, "build": build
}
# How much above the recorded figure is too much. Costs depend on versions of the compiler and of libraries. Bytes of certificates
# differ. Of ten thousand round trips a few can be those of one more connection.
COST, BYTES, TRIPS = 1.1, 1.02, 1.01


def measure(options):
    programs = process.build_programs()
    path = page.RESULTS / f"{machine.slug()}.json"
    stored = json.loads(path.read_text()) if path.exists() else {"groups": {}}
    stored["machine"] = machine.describe(programs)
    for name in options.only:
        began = time.monotonic()
        options.frames = None
        rows = list(GROUPS[name].measure(programs, options))
        runs = f"{options.builds} paired runs of builds, {options.runs} of the others" if name == "build" else f"{options.runs} runs"
        if name == "profile":
            runs = "callgrind, 1,000 calls less 0"
        stored["groups"][name] = {"date": machine.today(), "how": runs, "rows": [row.stored() for row in rows]}
        if options.frames:
            stored["groups"][name]["frames"] = options.frames
        # At once, so that a failure of a later group loses nothing.
        path.parent.mkdir(exist_ok=True)
        path.write_text(dumped(stored))
        print(f"{name} took {time.monotonic() - began:.0f} s", flush=True)
    page.render()


def dumped(stored):
    """JSON with a line for each row, so that changes can be read."""
    groups = []
    for name, group in stored["groups"].items():
        lists = {key: value for key, value in group.items() if isinstance(value, list)}
        fields = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in group.items() if key not in lists]
        for key, value in lists.items():
            each = ",\n        ".join(json.dumps(one, ensure_ascii=False) for one in value)
            fields.append(f"{json.dumps(key)}: [\n        {each}\n      ]")
        groups.append(f"    {json.dumps(name)}: {{\n      " + ",\n      ".join(fields) + "\n    }")
    about = json.dumps(stored["machine"], indent=2, ensure_ascii=False).replace("\n", "\n  ")
    return f'{{\n  "machine": {about},\n  "groups": {{\n' + ",\n".join(groups) + "\n  }\n}\n"


def check(programs):
    recorded = next(each for each in page.machines() if "workloads" in each.rows)
    worse = []

    def compare(name, figure, limit, factor):
        print(f"{name}: {figure:,.3f} (recorded: {limit:,.3f})")
        if figure > limit * factor:
            worse.append(name)

    for row in calls.deterministic(programs, "current"):
        known = recorded.find("calls", row.key)
        if row.unit == "instructions":
            compare(f"{row.what}, ratio", row.ratio, known.ratio, COST)
        else:
            compare(row.what, row.here, known.here, COST)
    for kind, (ours, _) in workloads.wires(programs).items():
        known = recorded.find("workloads", kind)
        compare(f"{kind}: round trips", ours["trips"], known.trips, TRIPS)
        compare(f"{kind}: bytes sent", ours["sent"], known.sent, BYTES)
        compare(f"{kind}: bytes received", ours["received"], known.received, BYTES)
    rerun = build.rerun()
    compare(rerun.what, rerun.here, 0, 1)
    if worse:
        sys.exit(f"above the recorded value: {', '.join(worse)}")


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--builds", type=int, default=5)
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(GROUPS), metavar="GROUP,…")
    alone = parser.add_mutually_exclusive_group()
    for name in ("--build", "--check", "--page"):
        alone.add_argument(name, action="store_true")
    options = parser.parse_args()
    for name in options.only:
        if name not in GROUPS:
            parser.error(f"no group {name}; the groups are {', '.join(GROUPS)}")
    return options


def main():
    options = parsed()
    if options.page:
        page.render()
    elif options.build:
        process.build_programs()
    elif options.check:
        check(process.build_programs())
    else:
        measure(options)


if __name__ == "__main__":
    main()
