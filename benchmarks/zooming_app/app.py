"""The app that `python -m benchmarks.zooming` measures: our chart, over runs that are made up.

`?spans=100000` chooses the size. The slider shows another run of the same size, of as many jobs
with longer steps, so that all of the chart is drawn anew.
"""

from typing import cast

import streamlit as st

from benchmarks.reading import recorded
from core.charts.exact_lanes import LaneView
from core.errors import LoopscopeError
from core.measuring.measurement import Measurement
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Timeline
from pages.components import chart_view
from pages.components.run_panel import RunView

STEPS = 4
SPANS_PER_STEP = 3


class Made:
    """A run that has ended, as far as a chart asks a measurement for it."""

    error: LoopscopeError | None = None

    def __init__(self, timeline: Timeline) -> None:
        self.spec = timeline.spec
        self._timeline = timeline

    def timeline(self) -> Timeline:
        """Return the run."""
        return self._timeline


@st.cache_resource
def made(spans: int, run: int) -> Made:
    """Return a run of about so many spans; `run` tells runs of one size apart."""
    jobs = max(1, spans // (STEPS * SPANS_PER_STEP)) + run
    recording = Recording(
        events=recorded(jobs, STEPS), started_ns=0, returned_ns=jobs * (1 + STEPS * 1_000) + 300
    )
    return Made(assemble(RunSpec(pattern="gather", tasks=jobs, sleep_s=0.001), recording))


@st.fragment
def chart(run: Made) -> None:
    """Show the chart of a run, as the pages do."""
    chart_view.show(
        RunView(page="benchmark", specs=(run.spec,), lanes=LaneView.JOBS),
        [cast("Measurement", run)],
    )


st.set_page_config(layout="wide")
size = int(st.query_params.get("spans", "1000"))
for each in range(2):
    made(size, each)
chart(made(size, st.slider("Run", 0, 99) % 2))
