"""Of somebody's own program: which job made which, and which of them are libraries'.

A job that neither the program's code nor a line of it has made may carry out the program's all the
same, as the task of a server does that awaits a handler: it is a library's only if no line of the
program was seen in it, in a wait or in a step that held the loop for long.
"""

from dataclasses import replace

import numpy as np

from core.jobs import OwnProgram
from core.recording.events import NOBODY, Kind
from core.recording.sites import NO_SITE
from core.spec.run_spec import Program
from core.timeline.rows import Rows
from core.timeline.timeline import Integers, Jobs


def with_makers(jobs: Jobs, program: Program, created: Rows, rows: Rows) -> Jobs:
    """Return the jobs of a program with their makers; those of a pattern as they are."""
    if not isinstance(program, OwnProgram):
        return jobs
    maker = created.column("waker")
    # It was there before. A file may say otherwise, and then it is not known.
    is_known = np.isin(maker, created.job) & (maker < created.job)
    seen = rows.where((rows.is_step | (rows.kind == Kind.HELD)) & (rows.place != NO_SITE))
    made_by_library = created.column("ready_ns") > 0
    library: Integers = (made_by_library & ~np.isin(created.job, seen.job)).astype(np.int64)
    return replace(jobs, parent=np.where(is_known, maker, NOBODY), library=library)
