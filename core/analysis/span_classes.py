"""The classes of spans and the ends of jobs: what belongs to each, its look, sign and meaning.

Every chart, the chart made of text, the legends and the glossary read them from here, so a new one
is one entry. The colours are those that colour-blind people can distinguish. Source: M. Okabe and
K. Ito, "Color Universal Design" (2008).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.text.language import NS_PER_MS, _, number_text, once_a_language
from core.text.legible import shortened
from core.timeline.timeline import (
    BLOCKING_MS,
    Booleans,
    Cause,
    Integers,
    On,
    Outcome,
    Spans,
    State,
    Timeline,
)

CONNECTING, BLOCKING = len(State), len(State) + 1
"""The numbers of the classes that are no state of their own; those of states are the states'."""
COUNT = len(State) + 2
ON_LIGHT, ON_DARK = "#1A1A1A", "#FFFFFF"
"""Inks on light and on dark colours."""

COLOURS = {
    State.QUEUED: "#D9D9D9",
    State.READY: "#E69F00",
    State.RUNNING: "#0072B2",
    State.WAITING: "#8FD0F5",
    State.WORKING: "#009E73",
    CONNECTING: "#F0E442",
    BLOCKING: "#D55E00",
}
# On a dark page the same hues, but what uses the loop or a worker is bright and what waits is dim,
# as on a light page it is dark and pale. Each is 1.25 times as bright as the one before it or more
# (WCAG contrast), so all differ in grey as well.
DARK_COLOURS = {
    State.QUEUED: "#545454",
    State.WAITING: "#2A6B8F",
    CONNECTING: "#7F781E",
    State.READY: "#B67E00",
    BLOCKING: "#FF7204",
    State.WORKING: "#1DCA9A",
    State.RUNNING: "#84D3FF",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanClass:
    """A class of spans.

    Classes differ in height as well as in colour: a job that uses a worker or the loop fills its
    row, one that waits is lower, one that is held up is lowest. (Plotly's hatch patterns would do
    as well, but are not painted inside of Streamlit.) Bars of a class that lasts microseconds get
    an edge of their own colour, so that one pixel of them is seen at any zoom.

    Attributes:
        name: What it is called, in the language of the context.
        meaning: What it means, after its name.
        sign: Its character in a chart made of text; empty if it stands as its state there.
        colour: Of its bars.
        text_colour: Of texts on its bars.
        dark_colour: Of its bars on a dark page.
        dark_text_colour: Of texts on those.
        height: Of its bars, as a share of their row.
        rank: Its place in a legend.
        order: Its place in texts, which name the classes as a job lives through them.
        level: Its place from the bottom where jobs are stacked by class: what holds a loop or a
            worker lies lowest, where its number can be read. None has a plot of its own instead.
        edge_px: How wide an edge its bars have.
        short_name: What a bar is called that is just wide enough for a word, if not by the name.
        rule: Which spans belong to it, whatever their state; None if the state alone decides.
    """

    name: str
    meaning: str
    sign: str
    colour: str
    text_colour: str = ON_LIGHT
    dark_colour: str
    dark_text_colour: str = ON_LIGHT
    height: float
    rank: int
    order: int
    level: int | None
    edge_px: float = 0
    short_name: str = ""
    rule: Callable[[Spans], Booleans] | None = None

    @property
    def bar_name(self) -> str:
        """What a bar is called that is just wide enough for a word."""
        return self.short_name or self.name


@once_a_language
def span_classes() -> dict[int, SpanClass]:
    """Return the classes by their numbers, which count from 0, in the context's language."""
    return {
        State.QUEUED: SpanClass(
            name=_("queued"),
            meaning=_("queued: the executor's workers are all busy"),
            sign=":",
            colour=COLOURS[State.QUEUED],
            dark_colour=DARK_COLOURS[State.QUEUED],
            dark_text_colour=ON_DARK,
            height=0.58,
            rank=2,
            order=0,
            level=None,
        ),
        State.READY: SpanClass(
            name=_("ready"),
            meaning=_("ready: could run, but the event loop has not come to it yet"),
            sign="!",
            colour=COLOURS[State.READY],
            dark_colour=DARK_COLOURS[State.READY],
            height=0.58,
            rank=3,
            order=1,
            level=5,
        ),
        State.RUNNING: SpanClass(
            name=_("running"),
            meaning=_("running: holds the event loop"),
            sign="#",
            colour=COLOURS[State.RUNNING],
            dark_colour=DARK_COLOURS[State.RUNNING],
            text_colour=ON_DARK,
            height=0.86,
            rank=4,
            order=2,
            level=1,
            edge_px=1,
        ),
        State.WAITING: SpanClass(
            name=_("waiting"),
            meaning=_("waiting: for a timer, I/O, another task or an executor"),
            sign=".",
            colour=COLOURS[State.WAITING],
            dark_colour=DARK_COLOURS[State.WAITING],
            dark_text_colour=ON_DARK,
            height=0.72,
            rank=5,
            order=4,
            level=3,
        ),
        State.WORKING: SpanClass(
            name=_("working"),
            meaning=_("working: in a thread or a process"),
            sign="=",
            colour=COLOURS[State.WORKING],
            dark_colour=DARK_COLOURS[State.WORKING],
            height=0.86,
            rank=6,
            order=5,
            level=2,
        ),
        CONNECTING: SpanClass(
            name=_("waiting for a connection"),
            short_name=_("connection"),
            meaning=_("waiting for a connection: until one of those that the jobs share is free"),
            sign="",
            colour=COLOURS[CONNECTING],
            dark_colour=DARK_COLOURS[CONNECTING],
            dark_text_colour=ON_DARK,
            height=0.58,
            rank=8,
            order=6,
            level=4,
            rule=lambda spans: spans.is_connecting,
        ),
        BLOCKING: SpanClass(
            name=_("blocking"),
            meaning=_("blocking: holds the event loop for {ms} ms or more").format(ms=BLOCKING_MS),
            sign="B",
            colour=COLOURS[BLOCKING],
            dark_colour=DARK_COLOURS[BLOCKING],
            height=0.86,
            rank=7,
            order=3,
            level=0,
            rule=lambda spans: spans.is_blocking,
        ),
    }


def in_order_of_life() -> list[SpanClass]:
    """Return the classes as texts name them: blocking after running, a connection after a wait."""
    return sorted(span_classes().values(), key=lambda each: each.order)


def from_bottom() -> list[int]:
    """Return the numbers of the classes that are stacked upon one another, the lowest first."""
    levels = [
        (each.level, number) for number, each in span_classes().items() if each.level is not None
    ]
    return [number for _level, number in sorted(levels)]


def class_of(spans: Spans) -> Integers:
    """Return the number of each span's class: that of its state, `CONNECTING` or `BLOCKING`.

    What held the loop for long, but by no doing of the job's, stays a running span.
    """
    found = spans.state.copy()
    for number, each in span_classes().items():
        if each.rule is not None:
            found[np.flatnonzero(each.rule(spans))] = number
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark of fixed size for what is rare, so that no level of detail can hide it.

    Attributes:
        name: What it marks, in the language of the context.
        meaning: What it looks like and means, after what the legend calls it.
        key: What the legend calls it, where a class of spans has its name already.
        sign: Its character in a chart made of text.
        symbol: Its shape, by Plotly's name.
        colour: Of its inside.
        dark_colour: The same on a dark page, if it differs there.
        edge_colour: Of its edge, which keeps it apart from what is below it.
        edge_px: How wide that edge is.
    """

    name: str
    meaning: str
    key: str = ""
    sign: str
    symbol: str
    colour: str
    dark_colour: str = ""
    edge_colour: str
    edge_px: float


CANCELLED, FAILED, LOST = "#CC79A7", "#000000", "#808080"
DARK_CANCELLED = "#E39BC3"


@once_a_language
def end_marks() -> dict[Outcome, Mark]:
    """Return the mark of each outcome but `ok`, which has none."""
    return {
        Outcome.FAILED: Mark(
            name=_("failed"),
            meaning=_("failed: a black cross where a job ended by an exception"),
            sign="x",
            symbol="x",
            colour=FAILED,
            edge_colour=ON_DARK,
            edge_px=1.5,
        ),
        Outcome.CANCELLED: Mark(
            name=_("cancelled"),
            meaning=_("cancelled: a pink octagon where a job ended by its cancellation"),
            sign="c",
            # The shape of a stop sign. Its dark edge parts it from the light blue of a wait, which
            # is as bright as its own colour in grey.
            symbol="octagon",
            colour=CANCELLED,
            dark_colour=DARK_CANCELLED,
            edge_colour=FAILED,
            edge_px=1.5,
        ),
        Outcome.LOST: Mark(
            name=_("lost"),
            meaning=_("lost: a grey ring where the event loop closed before a job had ended"),
            sign="?",
            symbol="circle-open",
            colour=LOST,
            edge_colour=LOST,
            edge_px=2,
        ),
    }


def blocking_mark() -> Mark:
    """Return the mark of a blocking span whose bar may be too small to be seen."""
    look = span_classes()[BLOCKING]
    return Mark(
        name=look.name,
        key=_("blocking job"),
        meaning=_("blocking job: a triangle where a job begins to hold the event loop for long"),
        sign=look.sign,
        symbol="triangle-down",
        colour=look.colour,
        dark_colour=look.dark_colour,
        edge_colour=ON_DARK,
        edge_px=1,
    )


@once_a_language
def waits() -> dict[On, str]:
    """Return what a waiting job can wait for, in words of this context's language."""
    return {
        On.START: _("start"),
        On.TIMER: _("timer"),
        On.FUTURE: _("future"),
        On.TASK: _("task"),
        On.EXECUTOR: _("executor"),
        On.JOB: _("job"),
        On.LOCK: _("lock"),
        On.SEMAPHORE: _("semaphore"),
        On.EVENT: _("event"),
        On.CONDITION: _("condition"),
        On.BARRIER: _("barrier"),
        On.QUEUE: _("queue"),
        On.STREAM: _("stream"),
        On.PROCESS: _("process"),
        On.CONNECTION: _("connection"),
    }


@once_a_language
def causes() -> dict[Cause, str]:
    """Return of what the time of a long step can have been, in words of this context's language."""
    return {
        Cause.CALCULATION: _("its own calculation"),
        Cause.CALL: _("a call that waited"),
        Cause.GIL: _("another thread had the GIL"),
        Cause.COLLECTION: _("a garbage collection"),
        Cause.MACHINE: _("the machine had other work"),
    }


def span_columns(timeline: Timeline, rows: int) -> dict[str, list[object]]:
    """Return the first spans of a run as a table's columns by their names, in people's words.

    Times are in milliseconds since the run's start; what is not known is empty.
    """
    spans = timeline.spans
    names = {number: each.name for number, each in span_classes().items()}
    waited = waits()
    shown = range(min(rows, len(spans)))
    return {
        _("job"): [int(spans.job[row]) + 1 for row in shown],
        _("state"): [names[int(spans.state[row])] for row in shown],
        _("start (ms)"): [_ms(spans.start_ns[row]) for row in shown],
        _("end (ms)"): [_ms(spans.end_ns[row]) for row in shown],
        _("duration (ms)"): [_ms(spans.end_ns[row] - spans.start_ns[row]) for row in shown],
        _("lane"): [timeline.lane_name(row) for row in shown],
        _("on"): [
            waited[On(int(spans.on[row]))] if spans.state[row] == State.WAITING else ""
            for row in shown
        ],
        _("where"): [shortened(timeline.code_at(int(spans.site[row])) or "") for row in shown],
    }


def _ms(time_ns: float) -> str:
    return number_text(time_ns / NS_PER_MS, ",.3f")
