"""Executors seen from outside: whatever a program hands to one while it is recorded.

`submit` of the standard library's pools, and of every other `Executor`, is replaced for as long as
a program is carried out. So pools of the program's own, their subclasses, `map`, `partial`,
`to_thread` and `run_in_executor` are all seen, and none of them has to be known. A call knows when
it was handed over; the first job that it makes takes that time.
"""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial, wraps
from types import FunctionType
from typing import Any

from .events import Then
from .marks import MarkedBlockingJob, job_called
from .process_calls import Arguments, Names, Submit, submit_to_processes
from .recorder import JobError, Recorder
from .texts import retained
from .work import HandedCall, HandedJob

thread_submit: Submit = ThreadPoolExecutor.submit
process_submit: Submit = ProcessPoolExecutor.submit
Mark = Callable[[Any], Any]
"""Makes a marked job of a function."""
OWN = __name__.rpartition(".")[0]
"""Where the executors are that record by themselves."""


def submit_to_threads(
    recorder: Recorder, submit: Submit, fn: Any, args: Arguments, named: Names
) -> Future[Any]:
    """Hand a call to a pool of threads by its own `submit`, and record the jobs that it makes."""
    handed = HandedCall(fn, recorder.clock)
    if type(fn) is MarkedBlockingJob and len(args) == 1 and not named and fn.takes_one:
        # what `job_called` finds out, for nearly all jobs
        handed.job = fn
        handed.number = fn.handed_over(args[0], handed.at_ns)
    else:
        known = job_called(fn, args, named)
        if known is None or known.is_wrong:
            return submit(handed, *args, **named)
        handed.job = known.job
        handed.number = known.job.handed_over(known.job_index, handed.at_ns)
    try:
        future = submit(handed, *args, **named)
    except BaseException as error:
        _fail_unclaimed(recorder, handed, error)
        raise
    future.add_done_callback(partial(_end_unclaimed, recorder, handed))
    return future


def _fail_unclaimed(recorder: Recorder, handed: HandedJob, error: BaseException) -> None:
    """End a job that an executor refused."""
    if not handed.is_claimed:
        handed.is_claimed = True
        recorder.errors[handed.number] = JobError.of(error)
        recorder.end(handed.number, Then.FAILED)


def _end_unclaimed(recorder: Recorder, handed: HandedJob, future: Future[Any]) -> None:
    """End a job that no thread of this process has taken over, as its future ended."""
    # A future may live for long, and it has this callback: the function must be freed.
    handed.drop_function()
    if handed.is_claimed:
        return
    if future.cancelled():
        handed.is_claimed = True
        recorder.end(handed.number, Then.CANCELLED)
    elif (error := future.exception()) is not None:
        _fail_unclaimed(recorder, handed, error)
    else:
        handed.is_claimed = True
        recorder.results[handed.number] = retained(future.result())
        recorder.end(handed.number, Then.OK)


def submit_elsewhere(
    recorder: Recorder, submit: Submit, fn: Any, args: Arguments, named: Names
) -> Any:
    """Hand a call to an executor of any other kind, as it is.

    If the job is called in this process, or handed on to a pool, it is recorded there; if not, it
    is queued until its future is done.
    """
    known = job_called(fn, args, named)
    if known is None or known.is_wrong:
        return submit(fn, *args, **named)
    handed = HandedJob(recorder.clock(), known.job)
    handed.number = known.job.handed_over(known.job_index, handed.at_ns)
    known.job.handed.add(known.job_index, handed)
    try:
        future = submit(fn, *args, **named)
    except BaseException as error:
        _fail_unclaimed(recorder, handed, error)
        raise
    if isinstance(future, Future):
        future.add_done_callback(partial(_end_unclaimed, recorder, handed))
    return future


def submit_to_interpreters(
    recorder: Recorder, submit: Submit, fn: Any, args: Arguments, named: Names
) -> Any:
    """Hand a call to a pool of interpreters, which takes nothing that belongs to a recorder.

    The job is queued until its future is done: its worker reports nothing.
    """
    known = job_called(fn, args, named)
    if known is None:
        return submit(fn, *args, **named)
    # Functions and arguments go to another interpreter as copies, and a mark would not work there.
    plain = partial(submit, known.job.plain, *known.args, **known.named)
    return submit_elsewhere(recorder, lambda *_, **__: plain(), fn, args, named)


@contextmanager
def recorded_executors(recorder: Recorder, mark: Mark | None = None) -> Iterator[None]:
    """Record the jobs that are handed meanwhile to any executor, by any thread.

    `mark` makes a job of each call that is handed over; without it, only marked jobs are recorded.
    """
    replaced: list[tuple[type, Any, Any]] = []

    def replace(kind: type) -> None:
        submit = vars(kind).get("submit")
        # only where a class has a `submit` of its own: one that is inherited is replaced above
        if isinstance(submit, FunctionType) and not kind.__module__.startswith(OWN):
            recorded = _recorded(recorder, kind, submit, mark)
            replaced.append((kind, submit, recorded))
            kind.submit = recorded  # type: ignore[attr-defined]

    def init_subclass(cls: type, **named: Any) -> None:
        super(Executor, cls).__init_subclass__(**named)  # type: ignore[misc]
        replace(cls)

    for kind in _kinds_of(Executor):
        replace(kind)
    # so that classes which the program makes meanwhile are seen, too
    before = vars(Executor).get("__init_subclass__")
    Executor.__init_subclass__ = classmethod(init_subclass)  # type: ignore[assignment,arg-type]
    try:
        yield
    finally:
        if before is None:
            del Executor.__init_subclass__
        else:
            Executor.__init_subclass__ = before  # type: ignore[method-assign]
        for kind, submit, recorded in replaced:
            # What the program has put in its place meanwhile stays.
            if vars(kind).get("submit") is recorded:
                kind.submit = submit  # type: ignore[attr-defined]


def _kinds_of(kind: type) -> Iterator[type]:
    each: type
    for each in kind.__subclasses__():
        yield each
        yield from _kinds_of(each)


def _recorded(recorder: Recorder, kind: type, submit: Any, mark: Mark | None) -> Any:
    # Worker processes of somebody's own program know nothing of a recorder, nor how to import it.
    if kind is ProcessPoolExecutor and mark is None:
        hand_over: Any = submit_to_processes
    elif kind is ThreadPoolExecutor:
        hand_over = submit_to_threads
    else:
        hand_over = submit_elsewhere

    @wraps(submit)
    def recorded_submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        way = hand_over
        if mark is not None:
            fn = mark(fn)
        # asked of subclasses alone: each call pays for it
        if type(self) is not ThreadPoolExecutor and hand_over is submit_to_threads:
            way = submit_to_interpreters if _runs_in_interpreters(self) else hand_over
        return way(recorder, partial(submit, self), fn, args, kwargs)

    return recorded_submit


def _runs_in_interpreters(pool: Any) -> bool:
    """Return whether a pool of threads has an interpreter for each of them (Python 3.14)."""
    module = sys.modules.get("concurrent.futures.interpreter")
    return module is not None and isinstance(pool, module.InterpreterPoolExecutor)
