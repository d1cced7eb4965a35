"""The tree of a property's paths as a drawing: an SVG file, or DOT for Graphviz.

The tree grows to the right. Each subtree has a band of its own, as high as it needs, so that
nothing overlaps; conditions of the same depth are in one column.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element, SubElement, tostring

from libvig.io.output import Outputs
from verify.errors import UsageError
from verify.explain import PARTIAL, answer, is_partial, place_of, ways_of, words
from verify.path_tree import End, Ending, Fork, Nodes, tree_of
from verify.result import Result

FORMATS = (".svg", ".dot")

WIDEST = 36  # characters of a line; longer text is wrapped
LETTER, LINE = 7.3, 16.0  # width and height, in pixels
PADDING, GAP, COLUMN_GAP = 8.0, 10.0, 64.0
MARGIN, TITLE = 20.0, 34.0
NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"

FORK = ("#ffffff", "#555555")
NEUTRAL = ("#eeeeee", "#999999")
COLOURS = {  # fill and border: they differ in brightness, too, for those who print
    Ending.PROVED: ("#d9f2d9", "#2e7d32"),
    Ending.REFUTED: ("#f4a9a0", "#b71c1c"),
    Ending.OPEN: ("#ffe2a8", "#b26a00"),
}


def check_format(name: str) -> None:
    """Refuse a file of which the name does not say in which format it is."""
    if not name.endswith(FORMATS):
        raise UsageError(f"--explain-file: {name} is neither SVG nor DOT; name it .svg or .dot")


def save(name: str, result: Result) -> None:
    """Write the drawing; InputError where that fails."""
    text = (svg if name.endswith(".svg") else dot)(title_of(result), tree_of(result.ends))
    with Outputs() as outputs:
        outputs.write(name, outputs.open(name), [text.encode()])


def title_of(result: Result) -> str:
    title = f"{result.name} ({result.verdict.value})"
    return f"{title}; {PARTIAL}" if is_partial(result) else title


def colours(node: Fork | End) -> tuple[str, str]:
    """Fill and border."""
    return FORK if isinstance(node, Fork) else COLOURS.get(node.ending, NEUTRAL)


def wrapped(node: Fork | End) -> list[str]:
    """The lines in a node's box."""
    parts = [*words(node), place_of(node)]
    return [line for part in parts for line in textwrap.wrap(part, WIDEST)]


# ---------------------------------------------------------------- DOT


def dot(title: str, nodes: Nodes) -> str:
    """The tree in the language of Graphviz."""
    settings = 'rankdir=LR; labelloc=t; node [shape=box, style=filled, fontname="monospace"];'
    return "\n".join(["digraph paths {", f"label={quoted([title])}; {settings}", *_dot(nodes), "}"])


def _dot(nodes: Nodes, above: str = "", label: str = "", path: str = "n") -> Iterator[str]:
    for number, node in enumerate(nodes):
        name = f"{path}_{number}"
        fill, border = colours(node)
        text = quoted([*wrapped(node), ""])
        yield f'{name} [label={text}, fillcolor="{fill}", color="{border}"];'
        if above:
            yield f'{above} -> {name} [label="{label}"];'
        for truth, following in ways_of(node):
            yield from _dot(following, name, answer(truth), f"{name}_{answer(truth)}")


def quoted(lines: Sequence[str]) -> str:
    """A string of DOT, of which each line but the last begins at the left."""
    return '"' + r"\l".join(line.replace("\\", r"\\").replace('"', r"\"") for line in lines) + '"'


# ---------------------------------------------------------------- SVG


@dataclass
class Box:
    """A node on the page, with the boxes behind it."""

    node: Fork | End
    label: str  # of the line that leads to it
    depth: int
    behind: list[Box]
    lines: list[str]
    x: float = 0.0
    y: float = 0.0  # of the middle

    @property
    def width(self) -> float:
        return max(map(len, self.lines)) * LETTER + 2 * PADDING

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 2 * PADDING

    @property
    def band(self) -> float:
        """How much height the subtree has to itself."""
        return max(self.height + GAP, self.band_behind)

    @cached_property
    def band_behind(self) -> float:
        return sum(box.band for box in self.behind)

    def everything(self) -> Iterator[Box]:
        """The boxes of the subtree."""
        yield self
        for box in self.behind:
            yield from box.everything()


def boxes_of(nodes: Nodes, label: str = "", depth: int = 0) -> list[Box]:
    """The boxes of a tree, not yet placed."""
    return [
        Box(
            node,
            label,
            depth,
            [
                box
                for truth, following in ways_of(node)
                for box in boxes_of(following, answer(truth), depth + 1)
            ],
            wrapped(node),
        )
        for node in nodes
    ]


def place_all(boxes: list[Box], top: float, columns: Sequence[float]) -> None:
    """Give each subtree its band, and put each box beside the middle of those behind it."""
    for box in boxes:
        place_all(box.behind, top + (box.band - box.band_behind) / 2, columns)
        half = (box.height + GAP) / 2
        middle = (box.behind[0].y + box.behind[-1].y) / 2 if box.behind else top + half
        box.x = columns[box.depth]
        box.y = min(max(middle, top + half), top + box.band - half)
        top += box.band


def columns_of(boxes: list[Box]) -> list[float]:
    """Where each column begins, and where the last one ends."""
    columns = [MARGIN]
    for depth in range(1 + max((box.depth for box in boxes), default=0)):
        widest = max((box.width for box in boxes if box.depth == depth), default=0.0)
        columns.append(columns[-1] + widest + COLUMN_GAP)
    return columns


def svg(title: str, nodes: Nodes) -> str:
    """The tree as a drawing."""
    roots = boxes_of(nodes)
    boxes = [box for root in roots for box in root.everything()]
    columns = columns_of(boxes)
    place_all(roots, MARGIN + TITLE, columns)
    width = max(columns[-1] - COLUMN_GAP, MARGIN + len(title) * LETTER) + MARGIN
    height = MARGIN + TITLE + sum(root.band for root in roots) + MARGIN
    size = {"width": f"{width:.0f}", "height": f"{height:.0f}"}
    page = Element(
        "svg", {"xmlns": NAMESPACE, "viewBox": "0 0 {width} {height}".format(**size), **size}
    )
    SubElement(page, "title").text = title
    SubElement(page, "rect", {**size, "fill": "#ffffff"})
    written = SubElement(page, "g", {"font-family": FONT, "font-size": "12"})
    write(written, MARGIN, MARGIN + LINE, title, {"font-weight": "bold"})
    for box in boxes:
        for other in box.behind:
            draw_line(written, box, other)
        draw_box(written, box)
    return tostring(page, encoding="unicode") + "\n"


def draw_line(page: Element, box: Box, other: Box) -> None:
    """From a box to one behind it, with the answer that leads there."""
    start, end = box.x + box.width, other.x
    bend = end - COLUMN_GAP + LETTER
    path = f"M {start:.1f} {box.y:.1f} H {bend:.1f} V {other.y:.1f} H {end:.1f}"
    SubElement(page, "path", d=path, fill="none", stroke=FORK[1])
    write(page, bend + LETTER, other.y - 4, other.label, {"fill": FORK[1]})


def draw_box(page: Element, box: Box) -> None:
    fill, border = colours(box.node)
    top = box.y - box.height / 2
    SubElement(
        page, "rect", x=f"{box.x:.1f}", y=f"{top:.1f}", width=f"{box.width:.1f}",
        height=f"{box.height:.1f}", rx="4", fill=fill, stroke=border,
    )  # fmt: skip
    for number, line in enumerate(box.lines, start=1):
        write(page, box.x + PADDING, top + PADDING + number * LINE - 4, line, {})


def write(page: Element, x: float, y: float, text: str, style: dict[str, str]) -> None:
    SubElement(page, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", **style}).text = text
