"""A log-log plot of lag against requests per job as SVG, with labels that keep clear."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from html import escape

from attrs import field, frozen

from benchmarks.optimum import Point

WIDTH, HEIGHT = 960, 640
LEFT, RIGHT, TOP, BOTTOM = 70, 930, 50, 570
X_RANGE = (0.8, 4000.0)
Y_RANGE = (0.04, 60.0)
_LABEL_HEIGHT = 13.0
_LABEL_WIDTH = 6.3  # of one character
_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_SIDES = ((1, 0), (1, -0.6), (1, 0.6), (0, -1), (0, 1), (-1, 0), (-1, 0.6), (-1, -0.6))

Box = tuple[float, float, float, float]


@frozen(kw_only=True)
class Series:
    """Points of one colour, each with its label, joined by a line or not."""

    name: str
    colour: str
    points: Sequence[Point]
    labels: Sequence[str] = ()
    line: bool = False
    dots: bool = True


@frozen
class _Canvas:
    parts: list[str] = field(factory=list)
    taken: list[Box] = field(factory=list)

    def text(self, x: float, y: float, words: str, style: str = "") -> None:
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>')

    def rule(self, x1: float, y1: float, x2: float, y2: float) -> None:
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {ends} stroke="#ddd"/>')

    def label(self, x: float, y: float, words: str, colour: str) -> None:
        """Put a label next to a point, where it covers nothing."""
        width = _LABEL_WIDTH * len(words)
        boxes = list(_places(x, y, width))
        box = next(
            (box for box in boxes if not any(_meet(box, one) for one in self.taken)), boxes[0]
        )
        self.taken.append(box)
        self.text(box[0], box[3] - 3, words, f'fill="{colour}"')


def draw(title: str, series: Sequence[Series]) -> str:
    """Return the SVG of the series."""
    canvas = _Canvas()
    _axes(canvas, title)
    for one in series:
        places = [_place(point) for point in one.points]
        canvas.taken.extend((x - 5, y - 5, x + 5, y + 5) for x, y in places if one.dots)
        if one.line:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            canvas.parts.append(
                f'<polyline points="{path}" fill="none" stroke="{one.colour}" stroke-width="1.5"/>'
            )
            canvas.taken.extend((x - 2, y - 2, x + 2, y + 2) for x, y in _along(places))
        canvas.parts.extend(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{one.colour}"/>'
            for x, y in (places if one.dots else ())
        )
    for one in series:
        for point, words in zip(one.points, one.labels, strict=False):
            canvas.label(*_place(point), words, one.colour)
    _legend(canvas, series)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    )
    return "\n".join([head, *canvas.parts, "</svg>", ""])


def _axes(canvas: _Canvas, title: str) -> None:
    canvas.text(LEFT, 28, title, 'font-size="15" font-weight="bold"')
    for tick in _TICKS:
        if X_RANGE[0] <= tick <= X_RANGE[1]:
            x = _place(Point(tick, 1))[0]
            canvas.rule(x, TOP, x, BOTTOM)
            canvas.text(x, BOTTOM + 18, f"{tick:g}", 'text-anchor="middle" fill="#555"')
        if Y_RANGE[0] <= tick <= Y_RANGE[1]:
            y = _place(Point(1, tick))[1]
            canvas.rule(LEFT, y, RIGHT, y)
            canvas.text(LEFT - 8, y + 4, f"{tick:g}", 'text-anchor="end" fill="#555"')
    middle = (TOP + BOTTOM) / 2
    canvas.text((LEFT + RIGHT) / 2, HEIGHT - 28, "requests per job", 'text-anchor="middle"')
    canvas.text(
        20, middle, "mean lag, seconds", f'text-anchor="middle" transform="rotate(-90 20 {middle})"'
    )


def _legend(canvas: _Canvas, series: Sequence[Series]) -> None:
    for row, one in enumerate(series):
        x, y = RIGHT - 330, TOP + 18 + 18 * row
        canvas.parts.append(
            f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{one.colour}"/>'
        )
        canvas.text(x + 16, y, one.name)


def _place(point: Point) -> tuple[float, float]:
    x = _share(point.requests, X_RANGE) * (RIGHT - LEFT) + LEFT
    y = BOTTOM - _share(point.lag, Y_RANGE) * (BOTTOM - TOP)
    return x, y


def _share(value: float, ends: tuple[float, float]) -> float:
    return math.log(value / ends[0]) / math.log(ends[1] / ends[0])


def _along(places: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield places on the line, close enough that no label fits between two."""
    for (x0, y0), (x1, y1) in itertools.pairwise(places):
        steps = max(1, round(math.hypot(x1 - x0, y1 - y0) / 4))
        for step in range(steps):
            share = step / steps
            yield x0 + share * (x1 - x0), y0 + share * (y1 - y0)


def _places(x: float, y: float, width: float) -> Iterator[Box]:
    """Yield where a label may stand, the best place first."""
    for away in (7, 16, 28, 42, 58):
        for right, down in _SIDES:
            left = x + right * away - (width if right < 0 else 0 if right > 0 else width / 2)
            top = y + down * (away + 4) - _LABEL_HEIGHT / 2
            yield left, top, left + width, top + _LABEL_HEIGHT


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
