"""The plots of docs/performance.md, as SVG that is readable on light and dark pages."""

import math
from html import escape

STYLE = (
    "text{font:12px sans-serif;fill:#333}.t{font-weight:bold}.g{stroke:#888;stroke-opacity:.3}.a{stroke:#888;fill:none}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}.f text,.f{font:11px sans-serif;fill:#111}"
)
COLORS = {"list": "#1f9e89", "plan": "#d95f02", "describe_all": "#7570b3", "callers": "#e7298a"}
NAMES = {"list": "list", "plan": "plan", "describe_all": "describe_all, 32 at once", "callers": "callers of one client"}
# Of a panel, with its margins.
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 440, 290, 70, 34, 20, 46


def document(width, height, parts):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def text(x, y, content, anchor="middle", kind="l"):
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def label(value, unit):
    if unit == "µs":
        return f"{value:g} µs" if value < 1000 else f"{value / 1000:g} ms" if value < 1e6 else f"{value / 1e6:g} s"
    return f"{value:,g} {unit}".strip()


class Axis:
    """A logarithmic axis from one power of ten to another, or of two where there are few."""

    def __init__(self, values, begin, end):
        low, high = math.log10(min(values)), math.log10(max(values))
        self.low, self.high = math.floor(low + 1e-9), math.ceil(high - 1e-9)
        self.high = max(self.high, self.low + 1)
        self.begin, self.end = begin, end

    def place(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        return [10**power for power in range(self.low, self.high + 1)]

    def lines(self):
        return [digit * 10**power for power in range(self.low, self.high) for digit in range(2, 10)]


def panel(left, top, title, across, unit, lines, legend=190):
    """`lines` are a name and points each; `legend` is its distance from the left."""
    points = [point for _, some in lines for point in some]
    x = Axis([point[0] for point in points], left + LEFT, left + WIDTH - RIGHT)
    y = Axis([point[1] for point in points], top + HEIGHT - BOTTOM, top + TOP)
    parts = [text(left + LEFT, top + 20, title, "start", "t"), text((x.begin + x.end) / 2, top + HEIGHT - 8, across)]
    for value in x.ticks():
        parts.append(f'<path class="g" d="M{x.place(value):.1f} {y.begin}V{y.end}"/>')
        parts.append(text(x.place(value), y.begin + 17, f"{value:,}"))
    for value in y.ticks():
        parts.append(f'<path class="g" d="M{x.begin} {y.place(value):.1f}H{x.end}"/>')
        parts.append(text(x.begin - 6, y.place(value) + 4, label(value, unit), "end"))
    marks = "".join(f"M{x.begin} {y.place(value):.1f}h4" for value in y.lines())
    parts.append(f'<path class="a" d="M{x.begin} {y.end}V{y.begin}H{x.end}{marks}"/>')
    for number, (name, some) in enumerate(lines):
        places = [f"{x.place(a):.1f} {y.place(b):.1f}" for a, b in some]
        parts.append(f'<path d="M{"L".join(places)}" stroke="{COLORS[name]}" stroke-width="2" fill="none"/>')
        parts += [f'<circle cx="{place.split()[0]}" cy="{place.split()[1]}" r="3" fill="{COLORS[name]}"/>' for place in places]
        if len(lines) > 1:
            row = y.end + 12 + 15 * number
            parts.append(f'<path d="M{x.begin + legend} {row - 4:.1f}h14" stroke="{COLORS[name]}" stroke-width="3"/>')
            parts.append(text(x.begin + legend + 18, row, NAMES[name], "start"))
    return parts


def growth(rows):
    """Processor time and memory against the number of clusters, and of callers."""
    points = {}
    for row in rows:
        if row.size and row.projects == 1:
            points.setdefault(row.key.split(".")[0], []).append(row)

    def lines(kinds, value):
        return [(kind, [(row.size, value(row)) for row in points[kind]]) for kind in kinds]

    clusters, callers = ("list", "plan", "describe_all"), ("callers",)
    memory = lambda row: row.memory / 1024
    parts = [
        *panel(0, 0, "Processor time for each cluster", "clusters", "µs", lines(clusters, lambda row: row.processor / row.size / 1000)),
        *panel(WIDTH, 0, "Peak memory", "clusters", "MiB", lines(clusters, memory), 20),
        *panel(0, HEIGHT, "Processor time for each call", "callers of one client", "µs", lines(callers, lambda row: row.processor / row.trips / 1000)),
        *panel(WIDTH, HEIGHT, "Peak memory", "callers of one client", "MiB", lines(callers, memory)),
    ]
    return document(2 * WIDTH, 2 * HEIGHT, parts)


FRAME_WIDTH, FRAME_HEIGHT, LEGEND = 1200, 17, 48
FRAME_COLORS = ["#8dd3c7", "#fdb462", "#80b1d3", "#fb8072", "#b3de69", "#fccde5", "#ffed6f", "#bebada", "#ccebc5", "#d9d9d9", "#bc80bd", "#e5c494"]


def flames(frames):
    """The caller is above its callees; the width is the share of all instructions."""
    groups = list(dict.fromkeys(sorted(frame[4] for frame in frames)))
    colors = dict(zip(groups, FRAME_COLORS))
    parts = []
    for number, group in enumerate(groups):
        x, y = 6 + number % 6 * 198, 6 + number // 6 * 20
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colors[group]}"/>{text(x + 17, y + 11, group, "start")}')
    for depth, start, width, name, group in frames:
        x, y, wide = start * FRAME_WIDTH, LEGEND + depth * FRAME_HEIGHT, width * FRAME_WIDTH
        letters = int((wide - 4) / 6)
        # The end of a path says most.
        shown = name if len(name) <= letters else "…" + name[len(name) - letters + 1:] if letters > 3 else ""
        parts.append(
            f'<g class="f"><title>{escape(name)}: {width:.1%}</title><rect x="{x:.1f}" y="{y}" width="{max(wide - 0.5, 0.5):.1f}" height="{FRAME_HEIGHT - 1}" '
            f'fill="{colors[group]}"/>' + (f'<text x="{x + 2:.1f}" y="{y + 12}">{escape(shown)}</text>' if shown else "") + "</g>"
        )
    height = LEGEND + (1 + max(frame[0] for frame in frames)) * FRAME_HEIGHT + 4
    return document(FRAME_WIDTH, height, parts)
