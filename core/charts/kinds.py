"""What a span counts as in a chart: its state, or a kind of its own where it blocks or connects."""

import numpy as np

from core.charts.palette import Look, blocking_look, connecting_look, looks
from core.timeline.timeline import BLOCKING_NS, Integers, On, Spans, State

CONNECTING, BLOCKING = len(State), len(State) + 1
KINDS = len(State) + 2


def kind_looks() -> list[Look]:
    """Return the look of each kind, in the order of their numbers."""
    return [*(looks()[state] for state in State), connecting_look(), blocking_look()]


def kinds_of(spans: Spans) -> Integers:
    """Return the number of each span's kind: that of its state, `CONNECTING` or `BLOCKING`."""
    kind = spans.state.copy()
    waiting = np.flatnonzero(spans.on == On.CONNECTION)
    kind[waiting[spans.state[waiting] == State.WAITING]] = CONNECTING
    running = np.flatnonzero(spans.state == State.RUNNING)
    lasted_ns = spans.end_ns[running] - spans.start_ns[running]
    kind[running[lasted_ns >= BLOCKING_NS]] = BLOCKING
    return kind
