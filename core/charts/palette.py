"""Colours and words of what is no class of spans: marks, guesses, what was waited for, causes."""

from dataclasses import dataclass

from core.analysis.span_classes import ON_DARK
from core.text.language import _
from core.timeline.timeline import Cause, On, Outcome

CANCELLED = "#CC79A7"
FAILED = "#000000"
QUIET = "#808080"
GUESSED = "#B8860B"
IDEAL_RANK, MARKS_RANK, GUESS_RANK = 1, 10, 100
"""Where in a legend stands what is no state; those of spans are the ranks of their classes."""


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
