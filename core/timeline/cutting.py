"""From the rows of jobs to their spans: stretches of their lives in one state each."""

from dataclasses import dataclass

import numpy as np

from core.recording.events import NOBODY, Birth, Kind, Then
from core.recording.sites import NO_SITE
from core.timeline.rows import Rows
from core.timeline.timeline import LOOP, NO_CPU_TIME, Booleans, Integers, Spans, State

Part = Integers | int


def spans_of(created: Rows, lives: Rows, started_ns: int) -> Spans:
    """Cut each row into up to three spans: a wait, a time of being ready, a hold of a worker.

    Args:
        created: The creations of jobs, one each.
        lives: What happened to them after that, job by job.
        started_ns: When the run began, by the clock of the rows.
    """
    cuts = _cuts(created, lives)
    birth = np.searchsorted(created.job, lives.job)
    queued = (created.then[birth] == Birth.POOL) & ~cuts.after_a_connection
    step = lives.is_step
    born_at = created.place[birth]
    site = np.where(step & (lives.place != NO_SITE), lives.place, born_at)
    site_before = lives.before(site, born_at)
    worked = lives.kind == Kind.WORKED
    waited_on = np.where(step, lives.loop, LOOP)

    def interleaved(*parts: Part) -> Integers:
        column = np.empty((len(lives), len(parts)), dtype=np.int64)
        for place, part in enumerate(parts):
            column[:, place] = part
        return column.ravel()

    start_ns = interleaved(cuts.before_ns, cuts.ready_ns, cuts.begin_ns)
    end_ns = interleaved(cuts.ready_ns, cuts.begin_ns, cuts.end_ns)
    lasting = end_ns > start_ns

    def column(*parts: Part) -> Integers:
        return interleaved(*parts)[lasting]

    return Spans(
        job=column(lives.job, lives.job, lives.job),
        state=column(
            np.where(queued, State.QUEUED, State.WAITING),
            State.READY,
            np.where(step, State.RUNNING, State.WORKING),
        ),
        start_ns=start_ns[lasting] - started_ns,
        end_ns=end_ns[lasting] - started_ns,
        lane=column(waited_on, waited_on, np.where(step, lives.loop, lives.place)),
        site=column(site_before, site_before, site),
        on=column(cuts.then_before, 0, 0),
        cpu_ns=column(
            NO_CPU_TIME, NO_CPU_TIME, np.where(worked, lives.column("ready_ns"), NO_CPU_TIME)
        ),
        cause=np.zeros(np.count_nonzero(lasting), dtype=np.int64),
        waker=column(
            NOBODY, np.where(step | lives.could_run, lives.column("waker"), NOBODY), NOBODY
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cuts:
    """The moments between which each row's spans lie, and what the row before ended with."""

    before_ns: Integers
    ready_ns: Integers
    begin_ns: Integers
    end_ns: Integers
    then_before: Integers

    @property
    def after_a_connection(self) -> Booleans:
        got_one: Booleans = self.then_before == Then.CONNECTION
        return got_one


def _cuts(created: Rows, lives: Rows) -> _Cuts:
    birth = np.searchsorted(created.job, lives.job)
    then_before = lives.before(lives.then, Then.NOTHING)
    before = lives.before(lives.end_ns, created.start_ns[birth])
    end = np.maximum(lives.end_ns, before)
    begin = np.where(lives.kind == Kind.ENDED, end, np.clip(lives.start_ns, before, end))
    called = (created.then[birth] == Birth.CALL) & (then_before != Then.CONNECTION)
    ready_at_once = called | (then_before == Then.YIELDED)
    ready = np.where(
        lives.is_step | lives.could_run,
        np.clip(lives.column("ready_ns"), before, begin),
        np.where(ready_at_once, before, begin),
    )
    return _Cuts(
        before_ns=before, ready_ns=ready, begin_ns=begin, end_ns=end, then_before=then_before
    )
