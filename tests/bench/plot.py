"""Draws how cost grows: ``python -m tests.bench.plot FILE.json screenshots/growth.svg``.

``FILE.json`` is what ``python -m tests.bench --growth --json FILE.json`` wrote. Two panels with logarithmic
axes; plain SVG that needs nothing.
"""

import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1220, 500
PANEL_WIDTH, PANEL_HEIGHT = 400, 300
TOP = 110
LEFTS = (90, 660)
LABEL_ROOM = 32
"""Distance between the labels of two lines that end close together."""

INK, QUIET, GRID, PAPER = "#1f2933", "#616e7c", "#dfe4ea", "#ffffff"
COLOURS = ("#0b6bcb", "#c2410c", "#15803d")
FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a panel: its name and its points (x, milliseconds)."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Axis:
    """Decades from ``low`` to ``high``, drawn over ``length`` pixels."""

    low: float
    high: float
    length: float

    def at(self, figure: float) -> float:
        """Pixels from the low end."""
        span = math.log10(self.high) - math.log10(self.low)
        return (math.log10(max(figure, self.low)) - math.log10(self.low)) / span * self.length

    @property
    def decades(self) -> list[float]:
        first, last = round(math.log10(self.low)), round(math.log10(self.high))
        return [10.0**power for power in range(first, last + 1)]


def decades_around(figures: Iterable[float], length: float) -> Axis:
    """An axis from the decade below the smallest to the one above the largest."""
    figures = list(figures)
    low = math.floor(math.log10(min(figures)))
    high = math.ceil(math.log10(max(figures)))
    return Axis(10.0**low, 10.0 ** max(high, low + 1), length)


def draw(growth: dict[str, Any]) -> str:
    """Return the whole picture as SVG."""
    sizes, rates = growth["sizes"], growth["rates"]
    by_size = [
        Line("first paint", [(each["participants"], each["first_paint_ms"]) for each in sizes]),
        Line("filter keystroke", [(each["participants"], each["filter_ms"]) for each in sizes]),
        Line("one move", [(each["participants"], each["one_move_ms"]) for each in sizes]),
    ]
    by_rate = [
        Line("event to pixel p50", [(each["rate"], each["p50_ms"]) for each in rates]),
        Line("event to pixel p99", [(each["rate"], each["p99_ms"]) for each in rates]),
        Line("key to repaint p99", [(each["rate"], each["key_p99_ms"]) for each in rates]),
    ]
    memory = [(each["participants"], f"{each['bytes_each']:,.0f} B each") for each in sizes]
    processor = [(each["rate"], f"{each['cpu']:.0%} of a core") for each in rates]
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' "
            f"width='{WIDTH}' height='{HEIGHT}' role='img' aria-label='How cost grows' {FONT}>",
            f"<rect width='{WIDTH}' height='{HEIGHT}' fill='{PAPER}'/>",
            _text(LEFTS[0] - 40, 44, "How cost grows", size=24, weight=600),
            _text(LEFTS[0] - 40, 68, "both axes logarithmic; less is better", colour=QUIET),
            *_panel(LEFTS[0], "Participants watched", "participants", by_size, memory),
            *_panel(LEFTS[1], "Events a second, 10,000 participants", "events/s", by_rate, processor),
            "</svg>",
            "",
        ]
    )


def _panel(
    left: float, title: str, unit: str, lines: Sequence[Line], beneath: Sequence[tuple[float, str]]
) -> list[str]:
    across = decades_around((x for line in lines for x, _ in line.points), PANEL_WIDTH)
    up = decades_around((y for line in lines for _, y in line.points), PANEL_HEIGHT)
    bottom = TOP + PANEL_HEIGHT

    def place(point: Point) -> Point:
        return left + across.at(point[0]), bottom - up.at(point[1])

    return [
        _text(left, TOP - 16, title, size=15, weight=600),
        *_grid(left, across, up),
        *(
            _text(left + across.at(x), bottom + 42, said, "middle", colour=QUIET, size=11)
            for x, said in beneath
        ),
        _text(left + PANEL_WIDTH / 2, bottom + 66, unit, "middle", colour=QUIET),
        *_lines(lines, place),
    ]


def _grid(left: float, across: Axis, up: Axis) -> list[str]:
    bottom = TOP + PANEL_HEIGHT
    drawn: list[str] = []
    for figure in across.decades:
        x = left + across.at(figure)
        drawn.append(_rule(x, TOP, x, bottom))
        drawn.append(_text(x, bottom + 22, _short(figure), "middle"))
    for figure in up.decades:
        y = bottom - up.at(figure)
        drawn.append(_rule(left, y, left + PANEL_WIDTH, y))
        drawn.append(_text(left - 10, y + 4, f"{_short(figure)} ms", "end"))
    return drawn


def _lines(lines: Sequence[Line], place: Callable[[Point], Point]) -> list[str]:
    drawn: list[str] = []
    label_ys = _apart([place(line.points[-1])[1] for line in lines])
    for line, colour, label_y in zip(lines, COLOURS, label_ys, strict=True):
        places = [place(point) for point in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawn.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2.5'/>")
        for (x, y), (_, figure) in zip(places, line.points, strict=True):
            drawn.append(
                f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4.5' fill='{colour}' stroke='{PAPER}' "
                f"stroke-width='1.5'><title>{escape(line.name)}: {figure:.1f} ms</title></circle>"
            )
        last_x, last = places[-1][0], line.points[-1][1]
        drawn.append(_text(last_x + 12, label_y - 2, line.name, colour=colour, weight=600, size=12))
        drawn.append(_text(last_x + 12, label_y + 12, f"{last:.0f} ms", colour=colour, size=11))
    return drawn


def _apart(ys: Sequence[float]) -> list[float]:
    """The same heights in the same order, moved down where two labels would overlap."""
    moved = dict.fromkeys(range(len(ys)), 0.0)
    lowest = -math.inf
    for number in sorted(moved, key=lambda number: ys[number]):
        moved[number] = lowest = max(ys[number], lowest + LABEL_ROOM)
    return list(moved.values())


def _short(figure: float) -> str:
    if figure >= 1_000_000:
        return f"{figure / 1_000_000:g}M"
    return f"{figure / 1_000:g}k" if figure >= 1_000 else f"{figure:g}"


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return f"<line x1='{x:.1f}' y1='{y:.1f}' x2='{to_x:.1f}' y2='{to_y:.1f}' stroke='{GRID}'/>"


def _text(
    x: float,
    y: float,
    said: str,
    anchor: str = "start",
    *,
    colour: str = INK,
    size: int = 13,
    weight: int = 400,
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}' "
        f"font-weight='{weight}' fill='{colour}'>{escape(said)}</text>"
    )


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("Usage: python -m tests.bench.plot FILE.json PICTURE.svg")
    measured, picture = map(Path, sys.argv[1:])
    growth = json.loads(measured.read_text()).get("growth")
    if growth is None:
        sys.exit(
            f"{measured} holds no growth; measure it by: python -m tests.bench --growth --json {measured}"
        )
    picture.write_text(draw(growth))


if __name__ == "__main__":
    main()
