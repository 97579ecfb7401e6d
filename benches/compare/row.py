"""Rows of the tables: figures, the ratio with its range, and whether the target is met."""

import statistics
from dataclasses import asdict, dataclass


@dataclass
class Row:
    """One figure of the crate, and what it is compared with."""

    key: str
    what: str
    against: str = "–"
    # Of `here`, `there` and `floor`.
    unit: str = ""
    here: float | None = None
    there: float | None = None
    ratio: float | None = None
    # The range over the runs of what the target limits.
    low: float | None = None
    high: float | None = None
    # Such as "≤ 1.05".
    target: str | None = None
    # What it limits: `ratio`, `difference` (here less there) or `here`.
    of: str = "ratio"
    # The bare socket's figure.
    floor: float | None = None
    size: int | None = None
    projects: int | None = None
    trips: int | None = None
    trips_there: int | None = None
    sent: int | None = None
    received: int | None = None
    # Of the client, in nanoseconds; `here` is the wall time then.
    processor: float | None = None
    # In KiB.
    memory: float | None = None

    def stored(self):
        return {name: value for name, value in asdict(self).items() if value not in (None, "") and value != DEFAULTS.get(name)}

    def value(self):
        if self.of == "difference":
            return None if self.here is None or self.there is None else self.here - self.there
        return self.here if self.of == "here" else self.ratio

    def verdict(self):
        """`met`, `no` or `noise`; empty without a target."""
        value = self.value()
        if value is None:
            return ""
        if self.low is not None and self.high is not None and self.is_noise(value):
            return "noise"
        return "" if not self.target else "met" if self.meets(value) else "no"

    def is_noise(self, value):
        if self.target:
            return self.meets(self.low) != self.meets(self.high)
        return self.high - self.low > 0.1 * abs(value)

    def meets(self, value):
        sign, limit = self.target.split(" ", 1)
        number, *unit = limit.split()
        limit = float(number) * SCALES.get("".join(unit), 1)
        return value <= limit if sign == "≤" else value >= limit


# Of targets, in the units of rows.
SCALES = {"ms": 1e-3, "MiB": 2**20}
DEFAULTS = {"against": "–", "of": "ratio"}


def compared(runs, inverse=False):
    """The fields of a row from runs, each with pairs of figures: the ratio is the median of all pairs' ratios, and the range is that
    of the runs' medians. `inverse` is for what is better when it is larger here."""
    pairs = [pair for run in runs for pair in run]

    def ratios(some):
        return statistics.median(there / here if inverse else here / there for here, there in some)

    each = [ratios(run) for run in runs]
    return {
        "here": statistics.median(here for here, _ in pairs),
        "there": statistics.median(there for _, there in pairs),
        "ratio": ratios(pairs),
        "low": min(each),
        "high": max(each),
    }


def alternated(runs, measure, samples=1, **options):
    """Alternates `measure("sdk")` and `measure("other")`, and compares what they return."""
    results = []
    for number in range(runs):
        pairs = []
        for sample in range(samples):
            order = ("sdk", "other") if (number + sample) % 2 == 0 else ("other", "sdk")
            pair = {which: measure(which) for which in order}
            pairs.append((pair["sdk"], pair["other"]))
        results.append(pairs)
    return compared(results, **options)
