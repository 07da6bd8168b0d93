"""A figure while its parts are collected, and its style: plain data, one figure made in one go.

Plotly's own way, `make_subplots` and `add_trace`, checks every single setting: some 50 ms of a
processor for the chart of one small run, which a server draws twice a run for each of its visitors.
Here it is 3 ms; to a page the data go as they are, and Plotly makes no figure of them at all.

Whoever draws gets the style as an argument and asks it for each size, so a chart that is projected
is made so from the start: larger, and with nothing on it too small for the back row.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

from core.analysis.span_classes import ON_LIGHT, Mark, SpanClass
from core.charts.axis import PlotAxes, TimeAxis, noted

QUIET, GUESSED = "#808080", "#B8860B"
SHADE, OUTLINE = "rgba(128,128,128,0.18)", "rgba(128,128,128,0.10)"
DARK_IDEAL, DARK_SHADE, DARK_OUTLINE = "#B8B8B8", "rgba(184,184,184,0.22)", "rgba(184,184,184,0.14)"
"""What is drawn behind a run, on a light and on a dark page: on both it is as far from the paper as
it takes to see its edge, a contrast of 3 (WCAG 1.4.11) and more."""
BEFORE = "rgba(128,128,128,0.12)"
HATCHED = {"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": "rgba(128,128,128,0.9)"}
"""The time before the first job: hatched, as an ideal and a job in a queue are grey, too."""
GRID = "rgba(128,128,128,0.3)"
"""Plotly draws the grid over pictures: it must let them be seen."""
ON_LIGHT_PAPER, ON_DARK_PAPER = "rgba(255,255,255,0.6)", "rgba(0,0,0,0.6)"
BRIGHT_FROM = 3 * 128
"""The sum of red, green and blue from which an ink is one for dark paper."""

IDEAL_RANK, MARKS_RANK, GUESS_RANK = 1, 10, 100
"""Where in a legend stands what is no state; those of spans are the ranks of their classes."""

TEXT_FACTOR, HEIGHT_FACTOR = 1.35, 1.1
"""A hall's chart grows less than its texts: three runs of five jobs must be seen at once there."""
LEAST_TEXT_PX = 18
# A text of 13 px is as high as its bar with half a pixel of air. In a hall it has 18 px, of which
# one below its letters may reach over the edge.
LABELLED_BAR_PX, PROJECTED_LABELLED_BAR_PX = 13.5, 17
PLOTLY_TEXT_PX = 12
SMALL_PX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The look of one figure; all sizes are given as they are on a page, and returned as needed.

    Attributes:
        ink: The colour of all texts; None leaves it to the page's theme, taken for a light one.
        is_projected: Whether it is seen from far away.
    """

    ink: str | None = None
    is_projected: bool = False

    def text_px(self, usual_px: float) -> float:
        """Return the size of a text; in a hall none is smaller than `LEAST_TEXT_PX`."""
        if not self.is_projected:
            return usual_px
        return max(LEAST_TEXT_PX, round(usual_px * TEXT_FACTOR, 1))

    def font(self, usual_px: float) -> dict[str, Any]:
        """Return the settings of a text in the ink of the figure."""
        return {"size": self.text_px(usual_px), "color": self.ink}

    def small(self, line: str) -> str:
        """Return a line of small text below a title, in a hall beside it, as Plotly's own HTML."""
        before = " · " if self.is_projected else "<br>"
        return f'{before}<span style="font-size:{self.text_px(SMALL_PX)}px">{line}</span>'

    def mark_px(self, usual_px: float) -> float:
        """Return the size of a mark."""
        return usual_px * TEXT_FACTOR if self.is_projected else usual_px

    def width_px(self, usual_px: float) -> float:
        """Return a width, or a distance from a text."""
        return usual_px * TEXT_FACTOR if self.is_projected else usual_px

    def margin(
        self, *, sides_px: tuple[float, float], ends_px: tuple[float, float]
    ) -> dict[str, int]:
        """Return the margins at the left and right, where texts stand, and above and below."""
        left_px, right_px = (round(self.width_px(side)) for side in sides_px)
        top_px, bottom_px = (self.height_px(end) for end in ends_px)
        return {"l": left_px, "r": right_px, "t": top_px, "b": bottom_px}

    def height_px(self, usual_px: float) -> int:
        """Return a height, in whole pixels."""
        return round(usual_px * HEIGHT_FACTOR) if self.is_projected else round(usual_px)

    def holds_text(self, bar_px: float) -> bool:
        """Return whether a text fits into a bar that is so high on a page."""
        if bar_px < LABELLED_BAR_PX:
            return False
        return not self.is_projected or bar_px * HEIGHT_FACTOR >= PROJECTED_LABELLED_BAR_PX

    def plotly_font(self) -> dict[str, Any]:
        """Return the settings of texts that have no size of their own; empty for Plotly's own."""
        return {"font": {"size": self.text_px(PLOTLY_TEXT_PX)}} if self.is_projected else {}

    @property
    def line_ink(self) -> str:
        """The colour of a line that must be seen upon everything."""
        return self.ink or ON_LIGHT

    @property
    def is_dark(self) -> bool:
        """Whether the page is dark, which its ink says."""
        return sum(bytes.fromhex(self.line_ink.removeprefix("#"))) >= BRIGHT_FROM

    @property
    def paper(self) -> str:
        """The colour below such a line: the opposite of its ink, half transparent."""
        return ON_DARK_PAPER if self.is_dark else ON_LIGHT_PAPER

    def colour(self, look: SpanClass | Mark) -> str:
        """Return the colour of what belongs to a class of spans, or of a mark."""
        return (self.is_dark and look.dark_colour) or look.colour

    def text_colour(self, look: SpanClass) -> str:
        """Return the colour of texts on bars of a class."""
        return look.dark_text_colour if self.is_dark else look.text_colour

    @property
    def ideal_line(self) -> str:
        """The colour of the line of an ideal schedule."""
        return DARK_IDEAL if self.is_dark else QUIET

    @property
    def ideal_bar(self) -> str:
        """The colour inside of the outline of an ideal schedule."""
        return DARK_OUTLINE if self.is_dark else OUTLINE

    @property
    def crossed(self) -> dict[str, Any]:
        """The pattern upon what the event loop did for no job; the colour below shows through."""
        colour = "rgba(0,0,0,0.8)" if self.is_dark else "rgba(255,255,255,0.9)"
        return {"shape": "x", "size": 6, "solidity": 0.35, "fgcolor": colour}

    @property
    def ideal_area(self) -> str:
        """The colour below the curve of an ideal schedule."""
        return DARK_SHADE if self.is_dark else SHADE


USUAL = Style()
"""The style of a page that does not know its theme."""


Figure = go.Figure
TITLE_TEXT_PX, ABOVE_PLOT_PX = 16, 4
# What plotly.js decodes. It has no 64-bit integers: they go as floats, which hold every nanosecond
# of a hundred days.
TYPED = {"i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"}
# Up to this number a list is about as short as its bytes in base64 with their three keys.
LISTED_UP_TO = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureParts:
    """The parts of a figure while they are collected.

    Attributes:
        traces: What is drawn, each as Plotly's own data.
        layout: The layout's settings, but for the lists that follow.
        annotations: The texts, titles among them.
        titles: The titles, of which the place is set once the names of all rows are known.
        shapes: The lines and the rectangles.
        images: The pictures below the traces.
        named: The names in the legend and their ranks, in the order in which they came.
        axes: What the axes of each plot mean, by the axes' names.
        trees: The vertical axes whose names of rows stand at the left edge.
        style: How it looks.
    """

    traces: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    titles: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    axes: dict[str, PlotAxes] = field(default_factory=dict)
    trees: list[str] = field(default_factory=list)
    style: Style = USUAL

    def add_title(self, text: str, top: float) -> None:
        """Write a title above a plot that ends at `top`, a share of the height of all plots."""
        title = {
            "text": text,
            "align": "left",
            "font": {"size": self.style.text_px(TITLE_TEXT_PX)},
            "showarrow": False,
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "paper",
            "y": top,
            "yanchor": "bottom",
            "yshift": self.style.width_px(ABOVE_PLOT_PX),
        }
        self.annotations.append(title)
        self.titles.append(title)

    def figure(self) -> go.Figure:
        """Return the figure of what was collected.

        Parts that share their settings, such as a font, no longer do in the figure: whoever
        changes one of them there changes nothing else.
        """
        parts = {"annotations": self.annotations, "shapes": self.shapes}
        layout = _parted(self.layout | parts) | {"images": self.images}
        layout["meta"] = noted(self.axes)
        # To check each setting takes Plotly more time than all the rest, and all are ours.
        return go.Figure({"data": self.traces, "layout": layout}, _validate=False)

    def plain_figure(self) -> "PlainFigure":
        """Return the same for a page, which only passes it on.

        There is no template in it: a page has one of its own for all charts.
        """
        traces = [{name: _written(value) for name, value in each.items()} for each in self.traces]
        parts = {"annotations": self.annotations, "shapes": self.shapes, "images": self.images}
        layout = self.layout | parts | {"meta": noted(self.axes)}
        return PlainFigure({"data": traces, "layout": layout})


def plotlys_look() -> Any:
    """Return the template of Plotly itself.

    Each figure gets the default one when it is made, and Streamlit puts its own in that place.
    """
    return pio.templates["plotly"]


class PlainFigure(go.Figure):  # type: ignore[misc]  # Plotly has no types
    """Plain data that pass for a figure: there is nothing to it but `to_dict`.

    Streamlit takes the data of a figure as they are; those of a dictionary it would check setting
    by setting.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        """Hold data that are right; a figure of Plotly's own would copy them, and look at each."""
        object.__setattr__(self, "_plain", data)

    def to_dict(self) -> dict[str, Any]:
        """Return the data."""
        plain: dict[str, Any] = self._plain
        return plain


def _written(value: Any) -> Any:
    """Return a setting as JSON takes it; long columns of numbers as Plotly's typed arrays.

    Source: plotly.js, `src/lib/array.js`, which reads `dtype`, `bdata` and `shape`.
    """
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind not in "iuf" or value.size <= LISTED_UP_TO:
        return value.tolist()
    numbers = value if value.dtype.str[1:] in TYPED else value.astype(np.float64)
    typed = {
        "dtype": numbers.dtype.str[1:],
        "bdata": base64.b64encode(numbers.tobytes()).decode("ascii"),
    }
    if numbers.ndim > 1:
        typed["shape"] = ", ".join(map(str, numbers.shape))
    return typed


def _parted(value: Any) -> Any:
    """Return settings with a dictionary of its own in each place; `deepcopy` would share them."""
    if isinstance(value, dict):
        return {name: _parted(part) for name, part in value.items()}
    return [_parted(part) for part in value] if isinstance(value, list) else value


def axis_name(letter: str, number: int) -> str:
    """Return what a trace calls an axis: `x`, `x2`, ..."""
    return letter if number == 1 else f"{letter}{number}"


def axis_key(name: str) -> str:
    """Return what the layout calls an axis: `xaxis`, `xaxis2`, ..."""
    return f"{name[0]}axis{name[1:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One plot of a parts, on a time axis; `x` and `y` are Plotly's names of its two axes.

    `height_px` is how high it is on a page; in a hall it is higher, and its texts yet more.
    """

    parts: FigureParts
    axis: TimeAxis
    x: str
    y: str
    height_px: float = 1_000

    def room_for(self, text_px: float) -> int:
        """Return how many texts, each so high on a page, have room one below another."""
        return int(self.style.height_px(self.height_px) // self.style.width_px(text_px))

    @property
    def style(self) -> Style:
        """How the figure looks."""
        return self.parts.style

    @property
    def name(self) -> str:
        """What a box that is drawn in the plot calls it."""
        return f"{self.x} {self.y}"

    def add(self, trace: dict[str, Any]) -> None:
        """Draw a trace, given as Plotly's own data."""
        self.parts.traces.append(trace | {"xaxis": self.x, "yaxis": self.y})

    def in_legend(self, name: str, rank: int) -> dict[str, Any]:
        """Return the settings of a trace that the legend names, once in the figure."""
        # Plotly hides and shows all traces of a group by one entry of the legend.
        first = name not in self.parts.named
        self.parts.named[name] = rank
        return {"name": name, "legendgroup": name, "legendrank": rank, "showlegend": first}

    def update_y(self, **settings: Any) -> None:
        """Change settings of the vertical axis."""
        self.parts.layout[axis_key(self.y)].update(settings)

    def note_jobs(self, numbers: Sequence[int]) -> None:
        """Note for boxes drawn in the plot that its rows are jobs with some rising numbers."""
        axes = PlotAxes(
            unit_ns=self.axis.unit_ns,
            first_job=numbers[0] if numbers else 0,
            jobs=len(numbers),
            numbers=tuple(numbers) if _has_gaps(numbers) else (),
        )
        self.parts.axes[self.name] = axes

    def shape(self, **settings: Any) -> None:
        """Draw a shape over the whole height; horizontal places are those of the time axis."""
        self.parts.shapes.append(
            {"xref": self.x, "yref": f"{self.y} domain", "y0": 0, "y1": 1} | settings
        )

    def note(self, **settings: Any) -> None:
        """Write a text at places of the two axes."""
        self.parts.annotations.append(
            {"xref": self.x, "yref": self.y, "showarrow": False} | settings
        )

    def note_at_share(self, **settings: Any) -> None:
        """Write a text that vertically stands at a share of the plot's height."""
        self.note(yref=f"{self.y} domain", **settings)

    def image(self, **settings: Any) -> None:
        """Put an image below the traces."""
        # Above the traces a picture would cover its own marks, and the grid would be lost.
        self.parts.images.append({"xref": self.x, "yref": self.y, "layer": "below"} | settings)


def _has_gaps(numbers: Sequence[int]) -> bool:
    return len(numbers) > 0 and numbers[-1] - numbers[0] >= len(numbers)
