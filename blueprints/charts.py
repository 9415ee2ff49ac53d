"""Geometry of the charts: plain numbers in, positions out; the macros of templates/_charts.html draw them.

Across, positions are per cent of the picture's width, so that a chart fits any screen while its text keeps
its size; downwards they are pixels. Nothing here knows a language or a colour: segments carry class names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Which of five tones a side of 1-5 categories uses, from the middle outwards.
TONES = {0: (), 1: (4,), 2: (2, 5), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}
MIN_LABEL_WIDTH = 6.0


@dataclass(frozen=True)
class Segment:
    """One category of a bar: start and width in per cent, its class, and whether its figure fits inside."""

    index: int
    share: float
    x: float
    width: float
    tone: str
    is_labelled: bool

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class LikertBar:
    """A diverging bar; without shares (a hidden item) it has no segments."""

    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class LikertChart:
    """Bars on one common scale; `centre` is where the middle of the middle category stands in all of them."""

    bars: tuple[LikertBar, ...]
    centre: float


def likert_tones(n_categories: int) -> tuple[str, ...]:
    """Class names of the categories from lowest to highest: low-5 .. low-1, mid, high-1 .. high-5."""
    if n_categories > 11:
        raise ValueError("at most eleven categories can be told apart")
    tones = TONES[n_categories // 2]
    middle = ("mid",) if n_categories % 2 else ()
    return (*(f"low-{t}" for t in reversed(tones)), *middle, *(f"high-{t}" for t in tones))


def likert(rows: Sequence[Sequence[float] | None]) -> LikertChart:
    """Diverging bars of shares (0-1, lowest category first) of items with one code list; None is hidden."""
    sides = [_sides(row) for row in rows if row]
    left = max((low for low, _ in sides), default=0.5)
    right = max((high for _, high in sides), default=0.5)
    scale = 100 / ((left + right) or 1)
    return LikertChart(tuple(_bar(row, left, scale) for row in rows), left * scale)


def _sides(shares: Sequence[float]) -> tuple[float, float]:
    half = len(shares) // 2
    middle = shares[half] / 2 if len(shares) % 2 else 0.0
    return sum(shares[:half]) + middle, sum(shares[len(shares) - half :]) + middle


def _bar(shares: Sequence[float] | None, left: float, scale: float) -> LikertBar:
    if not shares:
        return LikertBar(())
    x = (left - _sides(shares)[0]) * scale
    segments = []
    for index, (share, tone) in enumerate(zip(shares, likert_tones(len(shares)), strict=True)):
        width = share * scale
        segments.append(Segment(index, share, x, width, tone, width >= MIN_LABEL_WIDTH))
        x += width
    return LikertBar(tuple(segments))


@dataclass(frozen=True)
class Axis:
    """A scale from low to high drawn between two margins (per cent or pixels)."""

    low: float
    high: float
    start: float = 0.0
    end: float = 100.0

    def at(self, value: float) -> float:
        """The place of a value; values outside the axis stop at its ends."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class Tick:
    value: float
    at: float


def ticks(axis: Axis, n_steps: int = 4) -> tuple[Tick, ...]:
    """Evenly spaced marks, both ends included."""
    step = (axis.high - axis.low) / n_steps
    return tuple(Tick(axis.low + i * step, axis.at(axis.low + i * step)) for i in range(n_steps + 1))


@dataclass(frozen=True)
class Interval:
    """A dot with its interval, each None when it is not shown."""

    dot: float | None
    low: float | None
    high: float | None
    reference: float | None

    @property
    def width(self) -> float:
        return self.high - self.low if self.low is not None and self.high is not None else 0.0


def interval(
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    axis_low: float = 0.0,
    axis_high: float = 100.0,
    reference: float | None = None,
) -> Interval:
    """Where value, interval and reference stand on the axis, with 2 % air at both ends."""
    axis = Axis(axis_low, axis_high, 2.0, 98.0)
    has_interval = low is not None and high is not None
    return Interval(
        _place(axis, value),
        _place(axis, low) if has_interval else None,
        _place(axis, high) if has_interval else None,
        _place(axis, reference),
    )


def _place(axis: Axis, value: float | None) -> float | None:
    return None if value is None else axis.at(value)


@dataclass(frozen=True)
class TrendPoint:
    """One measurement: x in per cent, y downwards in pixels; y is None where the value is hidden."""

    x: float
    y: float | None
    y_low: float | None
    y_high: float | None


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Trend:
    points: tuple[TrendPoint, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]


def trend(
    values: Sequence[tuple[float | None, float | None, float | None]],
    *,
    axis_low: float = 0.0,
    axis_high: float = 100.0,
    height: int = 240,
    shift: float = 0.0,
) -> Trend:
    """A line over measurements (value, low, high), oldest first, broken where hidden, set `shift` % aside."""
    axis = Axis(axis_low, axis_high, height - 34.0, 24.0)
    xs = Axis(0, max(len(values) - 1, 0), 16.0, 90.0)
    points = tuple(
        TrendPoint(xs.at(i) + shift, _place(axis, v), _place(axis, low), _place(axis, high))
        for i, (v, low, high) in enumerate(values)
    )
    return Trend(points, _lines([(p.x, p.y) for p in points]), ticks(axis))


def _lines(points: Sequence[tuple[float, float | None]]) -> tuple[Line, ...]:
    pairs = zip(points, points[1:], strict=False)
    return tuple(Line(a[0], a[1], b[0], b[1]) for a, b in pairs if a[1] is not None and b[1] is not None)


@dataclass(frozen=True)
class Spark:
    lines: tuple[Line, ...]
    last: tuple[float, float] | None


def spark(values: Sequence[float | None], *, width: int = 96, height: int = 28) -> Spark:
    """A word-sized line in pixels on its own scale, with gaps for None and a dot at the last shown value."""
    shown = [v for v in values if v is not None]
    if not shown:
        return Spark((), None)
    ys = Axis(min(shown), max(shown), height - 5.0, 5.0)
    xs = Axis(0, max(len(values) - 1, 0), 5.0, width - 5.0)
    points = [(xs.at(i), _place(ys, v)) for i, v in enumerate(values)]
    last = next((x, y) for x, y in reversed(points) if y is not None)
    return Spark(_lines(points), last)
