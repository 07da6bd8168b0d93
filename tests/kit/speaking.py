"""A run whose every text is one of ours, from errors of jobs to names of workers."""

from dataclasses import replace

import numpy as np

from core.recording.events import LaneKind, lane_code
from core.recording.recorder import JobError, LogLine
from core.spec.run_spec import RunSpec
from core.timeline.timeline import LOOP, On, Outcome, State, Timeline
from tests.kit.handmade import MS, timeline

CONTROLLING = "".join(
    [
        *map(chr, range(0x20)),  # C0
        *map(chr, range(0x7F, 0xA0)),  # DEL and C1
        *("\u061c\u200b\u200e\u200f\u2028\u2029\u2060\ufeff"),
        *map(chr, range(0x202A, 0x202F)),
        *map(chr, range(0x2066, 0x206A)),
        *map(chr, range(0xE0020, 0xE0080)),
    ]
).replace("\t", "")
"""What no terminal and no page may get of a file: controls, directions, what cannot be seen."""
THREAD = lane_code(LaneKind.THREAD, 1)


def speaking(text: str) -> Timeline:
    """Return a run of a pool and a service that says a text wherever a run can."""
    run = timeline(
        (0, State.RUNNING, 0, 20),
        (0, State.WAITING, 20, 30),
        (1, State.WORKING, 0, 40),
        wall_ms=50,
        spec=RunSpec(
            pattern="run_in_executor", tasks=2, sleep_s=0.01, workload="cpu", executor="threads"
        ),
        lanes=[LOOP, LOOP, THREAD],
        steps_ms=[(0, 20)],
        outcomes={1: Outcome.FAILED},
        errors={1: JobError(kind=text, message=text)},
    )
    return replace(
        run,
        python=text,
        sites=(text,),
        spans=replace(run.spans, site=np.array([1, 1, 1]), on=np.array([0, On.TIMER, 0])),
        steps=replace(run.steps, site=np.array([1])),
        jobs=replace(run.jobs, result=(text, None)),
        results=(text,),
        log=(LogLine(at_ns=MS, text=text),),
        error=JobError(kind=text, message=text),
        served={text: 3},
        startup_ns=9 * MS,
        start_method=text,
        lane_labels={THREAD: text},
    )


def controlling_in(shown: str) -> set[str]:
    """Return which of the letters that nobody may get are in a text; its lines may end."""
    return set(CONTROLLING.replace("\n", "")) & set(shown)
