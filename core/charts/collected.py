"""A figure while its parts are collected: plain data, of which Plotly makes a figure in one go.

Plotly's own way, `make_subplots` and `add_trace`, checks every setting by itself: some 50 ms for
the chart of one small run, against 3 ms here. A server draws such charts all the time.
"""

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from core.charts.boxes import Place, noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The parts of a figure while they are collected.

    Attributes:
        traces: What is drawn, each as Plotly's own data.
        layout: The layout's settings, but for the lists that follow.
        annotations: The texts.
        shapes: The lines and the rectangles.
        images: The pictures below the traces.
        named: The names in the legend and their ranks, in the order in which they came.
        places: What the axes of each plot mean, by the axes' names.
    """

    traces: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def figure(self) -> go.Figure:
        """Return the figure of what was collected.

        Parts that share their settings, such as a font, no longer do in the figure: whoever
        changes one of them there changes nothing else.
        """
        parts = {"annotations": self.annotations, "shapes": self.shapes}
        layout = _parted(self.layout | parts) | {"images": self.images}
        layout["meta"] = noted(self.places)
        return go.Figure({"data": self.traces, "layout": layout}, _validate=False)


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
