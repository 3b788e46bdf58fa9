"""The places of a schematic's labels."""

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]
Baseline = Literal["top", "center", "bottom"]

FONT_SIZE = 11.0
LINE_HEIGHT = 0.42
"""Distance between the lines of a label, grid units."""
POINTS_PER_UNIT = 36.0
"""Points per grid unit: schemdraw's own scale of half an inch."""


@dataclass(frozen=True)
class LabelPlace:
    """Where the lines of an element's label stand, in points of the SVG document, y downwards.

    Attributes:
        x: of the `align` side of every line.
        y: of the `baseline` side of the first line; each further one is `line_height` below.
        align: left, center or right.
        baseline: top, center or bottom.
        line_height: distance of the lines, points.
        font_size: height of the type, points.
    """

    x: float
    y: float
    align: Align
    baseline: Baseline
    line_height: float = LINE_HEIGHT * POINTS_PER_UNIT
    font_size: float = FONT_SIZE
