"""What a chart shows of one run: its settings, its title and, as far as measured, its timeline."""

from dataclasses import dataclass

from core.spec.ideal import ideal
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One run of a chart: measured, on its way, or only foreseen (`timeline` is None).

    `title` may hold Plotly's own HTML. `guess_ns` is how long somebody thought that it would take.
    """

    spec: RunSpec
    title: str
    timeline: Timeline | None = None
    guess_ns: int | None = None

    @property
    def end_ns(self) -> int:
        """The last moment that the chart must show."""
        measured_ns = self.timeline.end_ns if self.timeline else 0
        return max(ideal(self.spec).wall_ns, measured_ns, self.guess_ns or 0)
