"""How each state looks: colours that colour-blind people tell apart, and never colour alone.

Source: M. Okabe and K. Ito, "Color Universal Design" (2008).
"""

from dataclasses import dataclass

from core.text.language import _
from core.timeline.timeline import Cause, On, Outcome, State

QUEUED = "#D9D9D9"
READY = "#E69F00"
RUNNING = "#0072B2"
WAITING = "#8FD0F5"
CONNECTING = "#F0E442"
WORKING = "#009E73"
BLOCKING = "#D55E00"
CANCELLED = "#CC79A7"
FAILED = "#000000"
QUIET = "#808080"
GUESSED = "#B8860B"
ON_LIGHT = "#1A1A1A"
ON_DARK = "#FFFFFF"
IDEAL_RANK, MARKS_RANK, GUESS_RANK = 1, 10, 100
"""Where in a legend stands what is no state; the ranks of states are those of their looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the bars of one state are drawn.

    States differ in height as well as in colour: a job that uses a worker or the loop fills its
    row, one that waits is lower, one that is held up is lowest. (Plotly's hatch patterns would do
    as well, but are not painted inside of Streamlit.) Bars of a state that lasts microseconds get
    an edge of their own colour, so that one pixel of them is seen at any zoom.
    """

    name: str
    colour: str
    text_colour: str
    height: float
    rank: int
    edge_px: float = 0
    short_name: str = ""

    @property
    def bar_name(self) -> str:
        """What a bar is called that is just wide enough for a word."""
        return self.short_name or self.name


def looks() -> dict[State, Look]:
    """Return the look of each state, named in this context's language."""
    return {
        State.QUEUED: Look(
            name=_("queued"), rank=2, colour=QUEUED, text_colour=ON_LIGHT, height=0.58
        ),
        State.READY: Look(name=_("ready"), rank=3, colour=READY, text_colour=ON_LIGHT, height=0.58),
        State.RUNNING: Look(
            name=_("running"), rank=4, colour=RUNNING, text_colour=ON_DARK, height=0.86, edge_px=1
        ),
        State.WAITING: Look(
            name=_("waiting"), rank=5, colour=WAITING, text_colour=ON_LIGHT, height=0.72
        ),
        State.WORKING: Look(
            name=_("working"), rank=6, colour=WORKING, text_colour=ON_LIGHT, height=0.86
        ),
    }


def blocking_look() -> Look:
    """Return the look of a step that held the loop for long."""
    return Look(name=_("blocking"), rank=7, colour=BLOCKING, text_colour=ON_LIGHT, height=0.86)


def connecting_look() -> Look:
    """Return the look of a wait for a connection: the wait before what is really waited for."""
    return Look(
        name=_("waiting for a connection"),
        short_name=_("connection"),
        rank=8,
        colour=CONNECTING,
        text_colour=ON_LIGHT,
        height=0.58,
    )


def waits() -> dict[On, str]:
    """Return what a waiting job can wait for, in words of this context's language."""
    return {
        On.START: _("start"),
        On.TIMER: _("timer"),
        On.FUTURE: _("future"),
        On.TASK: _("task"),
        On.EXECUTOR: _("executor"),
        On.JOB: _("job"),
        On.CONNECTION: _("connection"),
    }


def causes() -> dict[Cause, str]:
    """Return of what the time of a long step can have been, in words of this context's language."""
    return {
        Cause.CALCULATION: _("its own calculation"),
        Cause.CALL: _("a call that waited"),
        Cause.GIL: _("another thread had the GIL"),
        Cause.COLLECTION: _("a garbage collection"),
        Cause.MACHINE: _("the machine had other work"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The sign at the end of a job that did not end well."""

    name: str
    symbol: str
    colour: str
    edge_colour: str
    edge_px: float


def marks() -> dict[Outcome, Mark]:
    """Return the mark of each outcome but `ok`, which has none."""
    return {
        Outcome.FAILED: Mark(
            name=_("failed"), symbol="x", colour=FAILED, edge_colour=ON_DARK, edge_px=1
        ),
        Outcome.CANCELLED: Mark(
            name=_("cancelled"),
            symbol="line-ns",
            colour=CANCELLED,
            edge_colour=CANCELLED,
            edge_px=4,
        ),
        Outcome.LOST: Mark(
            name=_("lost"), symbol="circle-open", colour=QUIET, edge_colour=QUIET, edge_px=2
        ),
    }
