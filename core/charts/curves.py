"""Curves over bins: each value holds for the whole of its bin; kinds of spans are stacked."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.charts.bins import Bins, Floats
from core.charts.kinds import kind_looks
from core.charts.plot import Plot


def held(plot: Plot, bins: Bins, values: Floats) -> dict[str, Any]:
    """Return the settings of a line that holds each value until the next bin."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x0": bins.start_ns / plot.axis.unit_ns,
        "dx": bins.width_ns / plot.axis.unit_ns,
        "y": np.append(values, values[-1]),
    }


def add_stack(plot: Plot, bins: Bins, curves: Mapping[int, Floats]) -> None:
    """Draw curves upon one another, by the number of their kind, the first one at the bottom."""
    looks = kind_looks()
    for kind, values in curves.items():
        look = looks[kind]
        plot.add(
            held(plot, bins, values)
            | plot.in_legend(look.name, look.rank)
            | {
                "stackgroup": "kinds",
                "line": {"shape": "hv", "width": 0, "color": look.colour},
                "fillcolor": look.colour,
                "hoverinfo": "skip",
            }
        )


def add_hover(
    plot: Plot, bins: Bins, top: float, *, numbers: Sequence[Floats], template: str
) -> None:
    """Let a pointer read `numbers` of a bin in one label, wherever it rests from 0 up to `top`.

    It reads cells that nobody sees. A line would be read from close by only, not from the middle of
    what is filled below it.
    """
    table = np.array(numbers, dtype=np.float32).T
    plot.add(
        {
            "type": "heatmap",
            "z": np.zeros((1, bins.count), dtype=np.uint8),
            "x0": (bins.start_ns + bins.width_ns / 2) / plot.axis.unit_ns,
            "dx": bins.width_ns / plot.axis.unit_ns,
            "y0": top / 2,
            "dy": top,
            "opacity": 0,
            "showscale": False,
            "customdata": table[None],
            "hovertemplate": template + "<extra></extra>",
        }
    )
