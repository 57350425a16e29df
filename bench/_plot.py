"""Points in; an SVG picture of a curve with axes out, on logarithmic scales. Writes nothing itself."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]
WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50


@dataclass(frozen=True, slots=True)
class Series:
    """A line through points, all of them positive; `dashed` for what is not measured."""

    label: str
    colour: str
    points: tuple[Point, ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def marks(self) -> Iterator[float]:
        """Powers of ten."""
        return (10.0**power for power in range(int(self.low), int(self.high) + 1))


def log_plot(title: str, x_label: str, y_label: str, series: Sequence[Series]) -> str:
    """The text of an SVG file."""
    across = _scale([x for item in series for x, _ in item.points], LEFT, WIDTH - RIGHT)
    upward = _scale([y for item in series for _, y in item.points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{escape(title)}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(WIDTH / 2, 20, title, "middle"),
        _text(WIDTH / 2, HEIGHT - 12, x_label, "middle"),
        f'<g transform="rotate(-90 16 {HEIGHT / 2})">{_text(16, HEIGHT / 2, y_label, "middle")}</g>',
        *_grid(across, upward),
        *(line for item in series for line in _line(item, across, upward)),
        *_legend(series),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _scale(values: list[float], start: float, end: float) -> _Scale:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return _Scale(low, max(high, low + 1), start, end)


def _grid(across: _Scale, upward: _Scale) -> Iterator[str]:
    for mark in across.marks():
        x = across(mark)
        yield f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        yield _text(x, HEIGHT - BOTTOM + 16, f"{mark:g}", "middle")
    for mark in upward.marks():
        y = upward(mark)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#ddd"/>'
        yield _text(LEFT - 6, y + 4, f"{mark:g}", "end")


def _line(item: Series, across: _Scale, upward: _Scale) -> Iterator[str]:
    points = [(across(x), upward(y)) for x, y in item.points]
    dashes = ' stroke-dasharray="5 4"' if item.dashed else ""
    places = " ".join(f"{x},{y}" for x, y in points)
    yield f'<polyline points="{places}" fill="none" stroke="{item.colour}" stroke-width="2"{dashes}/>'
    if not item.dashed:
        yield from (f'<circle cx="{x}" cy="{y}" r="3" fill="{item.colour}"/>' for x, y in points)


def _legend(series: Sequence[Series]) -> Iterator[str]:
    for position, item in enumerate(series):
        y = TOP + 14 + 18 * position
        yield f'<rect x="{LEFT + 10}" y="{y - 9}" width="10" height="10" fill="{item.colour}"/>'
        yield _text(LEFT + 26, y, item.label, "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'
