"""Writes the tables of docs/performance.md and its plots, from all files of results/."""

import json

import plot
from process import HERE, ROOT
from row import Row

RESULTS = HERE / "results"
PAGE = ROOT / "docs/performance.md"


def number(value, unit=""):
    if value is None:
        return "–"
    if unit == "ns":
        for limit, divisor, name in ((1e6, 1e3, "µs"), (1e9, 1e6, "ms"), (float("inf"), 1e9, "s")):
            if value < limit:
                return f"{digits(value / divisor)} {name}"
    if unit == "times":
        return f"{value:.2f}"
    if unit == "s":
        return f"{value * 1000:.1f} ms" if value < 0.5 else f"{digits(value)} s"
    if unit == "KiB" or unit == "bytes" and value >= 2**20:
        mebi = value / (1024 if unit == "KiB" else 2**20)
        return f"{mebi:.2f} MiB" if unit == "bytes" else f"{mebi:.1f} MiB"
    return f"{value:,.0f}" if value >= 1000 or isinstance(value, int) else f"{value:.1f}"


def digits(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(row):
    if row.of == "difference" and row.value() is not None:
        return f"{row.value():+.1f}"
    if row.ratio is None or row.of == "here":
        return "–"
    places = 3 if row.ratio < 10 else 1
    spread = f" ({row.low:.{places}f}–{row.high:.{places}f})" if row.low not in (None, row.high) else ""
    return f"{row.ratio:.{places}f}{spread}"


def verdict(row):
    return {"no": "**no**"}.get(row.verdict(), row.verdict())


def markdown(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


class Machine:
    """The figures of a machine."""

    def __init__(self, path):
        stored = json.loads(path.read_text())
        self.about, self.groups = stored["machine"], stored["groups"]
        self.rows = {name: [Row(**row) for row in group["rows"]] for name, group in self.groups.items()}
        self.date = max((group["date"] for group in self.groups.values()), default="")

    def find(self, group, key):
        return next((row for row in self.rows.get(group, []) if row.key == key), None)


def machines():
    """The machine that was measured last comes first."""
    return sorted(map(Machine, sorted(RESULTS.glob("*.json"))), key=lambda each: each.date, reverse=True)


def beside(group, rows, others):
    """Heads and cells for those of the other machines that have any of these rows."""
    known = [other for other in others if any(other.find(group, row.key) for row in rows)]
    heads = [f"ratio on {other.about['name']}, {other.groups[group]['date']}" for other in known]
    def cell(other, row):
        found = other.find(group, row.key)
        return "–" if found is None else ratio(found) if ratio(found) != "–" else number(found.here, found.unit)
    return heads, lambda row: [cell(other, row) for other in known]


def table(group, rows, others):
    heads, cells = beside(group, rows, others)
    return markdown(
        ["what", "against", "target", "here", "there", "ratio (range)", "met", *heads],
        [[row.what, row.against, row.target or "–", number(row.here, row.unit), number(row.there, row.unit), ratio(row), verdict(row),
          *cells(row)] for row in rows],
    )


def workloads(rows, others):
    heads, cells = beside("workloads", rows, others)

    def trips(row):
        more = f", {row.trips_there:,} by hand" if row.trips_there != row.trips else ""
        return f"{row.trips:,}{more}" if row.trips else "–"

    def sizes(row):
        return f"{row.sent:,} / {row.received:,}" if row.sent else "–"

    return markdown(
        ["work", "round trips", "bytes out / in", "here", "by hand", "ratio (range)", "", "bare socket", *heads],
        [[row.what, trips(row), sizes(row), number(row.here, row.unit), number(row.there, row.unit), ratio(row), verdict(row),
          number(row.floor, row.unit), *cells(row)] for row in rows],
    )


def growth(rows, others):
    points = [row for row in rows if row.size]
    clusters = [row for row in points if not row.key.startswith("callers")]
    first = markdown(
        ["clusters", "projects", "work", "requests", "time", "processor time for each", "peak memory"],
        [[f"{row.size:,}", row.projects, row.what, f"{row.trips:,}", number(row.here, "ns"), number(row.processor / row.size, "ns"),
          number(row.memory, "KiB")] for row in clusters],
    )
    second = markdown(
        ["callers", "requests", "time", "processor time for each call", "peak memory"],
        [[f"{row.size:,}", f"{row.trips:,}", number(row.here, "ns"), number(row.processor / row.trips, "ns"), number(row.memory, "KiB")]
         for row in points if row not in clusters],
    )
    return "\n\n".join([first, second, table("growth", [row for row in rows if not row.size], others)])


def profile(rows, _):
    *_, total = rows
    rows = sorted(rows, key=lambda row: -row.here)
    return markdown(
        ["crate", "instructions of a call", "share", "by hand", "share"],
        [[row.what, number(row.here, row.unit), f"{row.here / total.here:.1%}", number(row.there, row.unit),
          f"{row.there / total.there:.1%}"] for row in rows],
    )


def about(all_machines):
    def one(machine):
        known = machine.about
        lines = [known["hardware"], known["tools"], known["crates"], known["python"]]
        lines.append(f"the service's own cost, a part of every wall time on both sides: {known['service']} of processor time for a call")
        return f"**{known['name']}**, {machine.date}:\n\n" + "\n".join(f"- {line}" for line in lines)
    return "\n\n".join(map(one, all_machines))


def render():
    first, *others = machines()
    text = replaced(PAGE.read_text(), "machines", about([first, *others]))
    for group, rows in first.rows.items():
        write = {"workloads": workloads, "growth": growth, "profile": profile}.get(group)
        content = write(rows, others) if write else table(group, rows, others)
        known = first.groups[group]
        text = replaced(text, group, f"{content}\n\nMeasured on {known['date']} on {first.about['name']}: {known['how']}.")
        if group == "growth":
            (PAGE.parent / "performance-growth.svg").write_text(plot.growth(rows))
        if group == "profile":
            (PAGE.parent / "performance-call.svg").write_text(plot.flames(known["frames"]))
    PAGE.write_text(text)


def replaced(text, name, content):
    begin, end = f"<!-- {name}: written by benches/compare/run.py -->\n", f"<!-- end of {name} -->"
    head, rest = text.split(begin)
    return f"{head}{begin}\n{content}\n\n{end}{rest.split(end, 1)[1]}"
