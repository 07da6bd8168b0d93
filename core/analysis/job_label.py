"""What a job is called where people read it."""

import re

from core.jobs import OwnProgram
from core.text.language import _
from core.text.legible import shortened
from core.timeline.timeline import Timeline

MOST_IN_A_TEXT = 40
"""How many letters of a job's name stand in a sentence."""
GIVEN_BY_ASYNCIO = re.compile(r"Task-[0-9]+")
LOCAL = "<locals>."


def job_label(number: int, timeline: Timeline | None, most: int) -> str:
    """Return what stands at a job, in up to some `most` letters.

    It is the name that a program of somebody's own gave the task. A name that nobody gave says
    little, so what the task runs stands before it: `fetch (Task-3)`. trio gives all tasks of a
    function the same name, so the number stands there: `fetch (job 3)`. A job without a name has
    its number, which is counted from 1.
    """
    own = timeline and timeline.own_name(number)
    if not own or timeline is None:
        return _("job {number}").format(number=number + 1)
    coroutine = timeline.coroutine(number)
    if not coroutine:
        return shortened(own, most)
    if is_given_by_trio(own, coroutine, timeline):
        own = _("job {number}").format(number=number + 1)
    elif not GIVEN_BY_ASYNCIO.fullmatch(own):
        return shortened(own, most)
    # a function within a function is known by its own name
    coroutine = coroutine.rpartition(LOCAL)[2]
    return f"{shortened(coroutine, max(1, most - len(own) - 3))} ({own})"


def job_text(timeline: Timeline, number: int, *, first: bool = False) -> str:
    """Return what a job is called in a sentence about a run; it may be the `first` word of it.

    It is what stands at its row, and a program's own name is written as the program does.
    """
    text = job_label(number, timeline, MOST_IN_A_TEXT)
    numbered = _("job {number}").format(number=number + 1)
    return text[:1].upper() + text[1:] if first and text == numbered else text


def is_given_by_trio(name: str, coroutine: str, timeline: Timeline) -> bool:
    """Return whether trio has named a task after its function, as it names all that run it."""
    loops = timeline.program.loops if isinstance(timeline.program, OwnProgram) else ()
    return "trio" in loops and name.endswith(f".{coroutine}")
