"""One plot of a figure: where a part of a chart draws itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.axis import TimeAxis
from core.charts.boxes import Place
from core.charts.collected import Sheet, axis_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One plot of a sheet, on a time axis; `x` and `y` are Plotly's names of its two axes."""

    sheet: Sheet
    axis: TimeAxis
    x: str
    y: str

    @property
    def ink(self) -> str | None:
        """The colour of all texts; None is left to the page's theme."""
        return self.sheet.ink

    @property
    def name(self) -> str:
        """What a box that is drawn in the plot calls it."""
        return f"{self.x} {self.y}"

    def add(self, trace: dict[str, Any]) -> None:
        """Draw a trace, given as Plotly's own data."""
        self.sheet.traces.append(trace | {"xaxis": self.x, "yaxis": self.y})

    def in_legend(self, name: str, rank: int) -> dict[str, Any]:
        """Return the settings of a trace that the legend names, once in the figure."""
        first = name not in self.sheet.named
        self.sheet.named[name] = rank
        return {"name": name, "legendgroup": name, "legendrank": rank, "showlegend": first}

    def update_y(self, **settings: Any) -> None:
        """Change settings of the vertical axis."""
        self.sheet.layout[axis_key(self.y)].update(settings)

    def note_jobs(self, numbers: Sequence[int]) -> None:
        """Tell a box drawn in the plot that its rows are jobs with some rising numbers."""
        place = Place(
            unit_ns=self.axis.unit_ns,
            first_job=numbers[0] if numbers else 0,
            jobs=len(numbers),
            numbers=tuple(numbers) if _has_gaps(numbers) else (),
        )
        self.sheet.places[self.name] = place

    def shape(self, **settings: Any) -> None:
        """Draw a shape over the whole height; horizontal places are those of the time axis."""
        self.sheet.shapes.append(
            {"xref": self.x, "yref": f"{self.y} domain", "y0": 0, "y1": 1} | settings
        )

    def note(self, **settings: Any) -> None:
        """Write a text at places of the two axes."""
        self.sheet.annotations.append(
            {"xref": self.x, "yref": self.y, "showarrow": False} | settings
        )

    def note_at_share(self, **settings: Any) -> None:
        """Write a text that vertically stands at a share of the plot's height."""
        self.note(yref=f"{self.y} domain", **settings)

    def image(self, **settings: Any) -> None:
        """Put an image below the traces."""
        self.sheet.images.append({"xref": self.x, "yref": self.y, "layer": "below"} | settings)


def _has_gaps(numbers: Sequence[int]) -> bool:
    return len(numbers) > 0 and numbers[-1] - numbers[0] >= len(numbers)
