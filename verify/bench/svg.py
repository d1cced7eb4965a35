"""Panels of bars and of lines in SVG, one below the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "'DejaVu Sans', Helvetica, Arial, sans-serif"
WIDTH, PANEL, TOP = 860, 290, 56
LEFT, RIGHT = 70, 24  # beside the area of a panel
ABOVE, BELOW = 62, 44
HEIGHT = PANEL - ABOVE - BELOW  # of the area
GAP = 0.3  # of a group of bars, before the next one
WIDE = 22  # bars with room for a label of the usual size
DARK, GREY, LIGHT = "#222222", "#666666", "#dddddd"


class Series(NamedTuple):
    """What has a colour of its own."""

    name: str
    colour: str


class Scale(NamedTuple):
    """The vertical axis, from its lowest to its highest value."""

    low: float
    high: float
    is_log: bool

    def share(self, value: float) -> float:
        """How far up a value is, 0 to 1."""
        if not self.is_log:
            return (value - self.low) / (self.high - self.low)
        value = max(value, self.low)
        return math.log(value / self.low) / math.log(self.high / self.low)

    def ticks(self) -> list[float]:
        if self.is_log:
            return [10.0**n for n in range(_floor_log(self.low), _floor_log(self.high) + 1)]
        step = self.high / 5
        return [step * n for n in range(6)]


def scale_for(values: Sequence[float], is_log: bool) -> Scale:
    """One that all values fit in, which are above 0."""
    if is_log:
        low, high = _floor_log(min(values)), _floor_log(max(values)) + 1
        return Scale(10.0**low, 10.0**high, True)
    step = 10.0 ** _floor_log(max(values)) / 2
    return Scale(0.0, step * math.ceil(max(values) * 1.02 / step), False)


def _floor_log(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)


class Drawing:
    """A title, a line below it, and so many panels."""

    def __init__(self, title: str, below: str, panels: int) -> None:
        height = TOP + panels * PANEL
        box = {"viewBox": f"0 0 {WIDTH} {height}", "width": str(WIDTH), "height": str(height)}
        self._root = Element("svg", {"xmlns": NAMESPACE, "font-family": FONT, **box})
        self._put("rect", width=WIDTH, height=height, fill="#ffffff")
        self._text(LEFT, 26, title, size=17, weight="bold", anchor="start")
        self._text(LEFT, 46, below, size=11, colour=GREY, anchor="start")
        self._panels = 0

    def rendered(self) -> str:
        return tostring(self._root, encoding="unicode") + "\n"

    def bars(
        self,
        title: str,
        series: Sequence[Series],
        groups: Mapping[str, Sequence[float | None]],
        is_log: bool = False,
    ) -> None:
        """A group of bars for each name, with a value for each series, or None."""
        present = [value for values in groups.values() for value in values if value is not None]
        scale = scale_for(present, is_log)
        bottom = self._panel(title, series, scale)
        step = (WIDTH - LEFT - RIGHT) / len(groups)
        width = step * (1 - GAP) / len(series)
        labels: list[tuple[float, float, str]] = []
        for number, (name, values) in enumerate(groups.items()):
            start = LEFT + step * number + step * GAP / 2
            self._text(start + step * (1 - GAP) / 2, bottom + 18, name, size=13)
            for place, value in enumerate(values):
                if value is not None:
                    at, top = start + width * place, bottom - HEIGHT * scale.share(value)
                    self._put(
                        "rect",
                        x=at,
                        y=top,
                        width=width * 0.92,
                        height=bottom - top,
                        fill=series[place].colour,
                    )
                    labels.append((at + width * 0.46, top - 4, _number(value)))
        for x, y, label in labels:  # in front of the bars
            self._text(x, y, label, size=9 if width > WIDE else 7, colour=DARK)

    def lines(
        self,
        title: str,
        series: Sequence[Series],
        points: Sequence[Sequence[dict[float, float]]],
        names: dict[float, str],
    ) -> None:
        """Lines for each series through points, by place on a logarithmic axis.

        The first line is drawn through, the others are dashed.
        """
        scale = scale_for([y for lines in points for line in lines for y in line.values()], True)
        bottom = self._panel(title, series, scale)
        low, high = math.log(min(names)), math.log(max(names))

        def at(x: float) -> float:
            share = (math.log(x) - low) / (high - low) if high > low else 0.5
            return LEFT + 30 + share * (WIDTH - LEFT - RIGHT - 60)

        for x, name in names.items():
            self._text(at(x), bottom + 18, name, size=11)
        for (_, colour), lines in zip(series, points, strict=True):
            for number, line in enumerate(lines):
                places = [
                    (at(x), bottom - HEIGHT * scale.share(y)) for x, y in sorted(line.items())
                ]
                path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
                style = {"stroke-width": 2.2, **({"stroke-dasharray": "6 4"} if number else {})}
                self._put("polyline", points=path, fill="none", stroke=colour, **style)
                for x, y in places:
                    self._put("circle", cx=x, cy=y, r=3.2, fill=colour)

    def _panel(self, title: str, series: Sequence[Series], scale: Scale) -> float:
        """What all panels have; returns where the bottom of its area is."""
        top = TOP + PANEL * self._panels
        bottom = top + PANEL - BELOW
        self._panels += 1
        self._text(LEFT, top + 20, title, size=14, weight="bold", anchor="start")
        x = float(LEFT)
        for name, colour in series:
            self._put("rect", x=x, y=top + 31, width=11, height=11, fill=colour)
            self._text(x + 16, top + 41, name, size=11, anchor="start")
            x += 32 + 6.2 * len(name)
        for tick in scale.ticks():
            y = bottom - HEIGHT * scale.share(tick)
            self._put("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke=LIGHT)
            self._text(LEFT - 8, y + 4, _number(tick), size=11, colour=GREY, anchor="end")
        return bottom

    def _put(self, kind: str, **attributes: object) -> Element:
        as_text = {
            name: f"{value:.1f}" if isinstance(value, float) else str(value)
            for name, value in attributes.items()
        }
        return SubElement(self._root, kind, as_text)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int,
        colour: str = DARK,
        weight: str = "normal",
        anchor: str = "middle",
    ) -> None:
        style = {"font-size": size, "font-weight": weight, "text-anchor": anchor}
        self._put("text", x=float(x), y=float(y), fill=colour, **style).text = text


def _number(value: float) -> str:
    """Three digits, with a unit for large ones."""
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"
