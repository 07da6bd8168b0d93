"""Runs of trio, noticed as they begin, and the calls that they hand to threads.

Each run makes one collection of its instruments, `trio.run` as well as `start_guest_run`, and
there it gets one more. A program that imports trio later is noticed by a finder in `sys.meta_path`,
which is there until that import, finds nothing by itself and leaves to the module its own loader.

trio has threads of its own, and no executor. So what `to_thread.run_sync` hands to one is seen
there: once the limiter has let it pass, hence never as queued. A thread takes it at once.
Source: trio, `setup_runner` in `_core/_run.py`, `to_thread_run_sync` in `_threads.py`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from .events import Then
from .first_loop import INSTRUMENTS, RUN
from .marks import MarkedBlockingJob
from .once_imported import forget_import, once_imported
from .own_frames import without_own
from .recorder import JobError, Recorder, ignore
from .trio_tasks import TrioRun

THREADS = "trio._threads"
BY_ANYIO = "TrioBackend.run_sync_in_worker_thread."
HandOver = Callable[[Callable[[], object], Recorder], MarkedBlockingJob]
"""Makes a marked job of the function that a thread is to call."""


class RunNotice:
    """Adds an instrument to each run of trio that begins, if the program runs any."""

    def __init__(self, recorder: Recorder, hand_over: HandOver) -> None:
        self._recorder = recorder
        self._hand_over = hand_over
        self._replaced: list[tuple[Any, str, Any, Any]] = []

    def begin(self) -> None:
        """Notice runs from now on."""
        once_imported(INSTRUMENTS, self._watch)

    def end(self) -> None:
        """Notice no more of them, and leave trio as it was."""
        forget_import(INSTRUMENTS, self._watch)
        for owner, name, before, own in self._replaced:
            # What the program has put in its place meanwhile stays.
            if vars(owner).get(name) is own:
                setattr(owner, name, before)

    def _replace(self, owner: Any, name: str, own: Callable[[Any], Any]) -> None:
        before = getattr(owner, name)
        replacement = own(before)
        setattr(owner, name, replacement)
        self._replaced.append((owner, name, before, replacement))

    def _watch(self) -> None:
        module: Any = sys.modules[INSTRUMENTS]
        try:
            self._replace(module.Instruments, "__init__", self._with_another)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            self._recorder.give_up(error)

    def _with_another(self, before: Any) -> Any:
        def __init__(instruments: Any, incoming: Any) -> None:  # noqa: N807 - as it is called
            before(instruments, incoming)
            try:
                if self._recorder.write is not ignore:
                    self.watch_threads()
                    add_instrument(instruments, TrioRun(self._recorder))
            except Exception as error:  # noqa: BLE001 - the program must not see it
                self._recorder.give_up(error)

        return __init__

    def watch_threads(self) -> None:
        """Record calls for threads, of which there are none before the first run."""
        threads = sys.modules[THREADS]
        if all(owner is not threads for owner, *_ in self._replaced):
            self._replace(threads, "start_thread_soon", self._recorded_start)

    def _recorded_start(self, start: Any) -> Any:
        def start_thread_soon(fn: Any, deliver: Any, name: str | None = None) -> None:
            call = self._call(fn)
            if call is None:
                start(fn, deliver, name)
                return
            try:
                start(call, partial(deliver_plain, deliver), name)
            except BaseException as error:
                call.refuse(error)
                raise

        return start_thread_soon

    def _call(self, fn: Any) -> "ThreadCall | None":
        recorder = self._recorder
        try:
            if recorder.write is not ignore:
                return ThreadCall(fn, self._hand_over(called_by(fn), recorder), recorder)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            recorder.give_up(error)
        return None


def add_instrument(instruments: Any, run: TrioRun) -> None:
    """Add what records to the instruments of a run."""
    # A Ctrl+C in an instrument would count as its failure, and be lost.
    sys.modules["trio"].lowlevel.enable_ki_protection(type(instruments).call)
    instruments.add_instrument(run)


class ThreadCall:
    """A call that one of trio's threads makes: a job."""

    def __init__(self, fn: Any, job: MarkedBlockingJob, recorder: Recorder) -> None:
        self._fn = fn
        self._recorder = recorder
        self._number = job.handed_over(None, recorder.clock())

    def __call__(self) -> object:
        """Call it, once; nothing of the program's is kept afterwards."""
        fn, self._fn = self._fn, None
        try:
            return MarkedBlockingJob._work(self._recorder, self._number, fn)
        finally:
            del fn

    def refuse(self, error: BaseException) -> None:
        """Record that no thread could be started for it."""
        self._fn = None
        self._recorder.errors[self._number] = JobError.of(error)
        self._recorder.end_job(self._number, Then.FAILED)


def deliver_plain(deliver: Callable[[Any], object], result: Any) -> None:
    """Deliver the result of a call without this package's frames in its traceback."""
    error = getattr(result, "error", None)
    if error is not None:
        error.__traceback__ = without_own(error.__traceback__)
    del error
    deliver(result)


def called_by(fn: Any) -> Any:
    """Return the function for which `to_thread.run_sync` has made what a thread calls.

    anyio's own function of that name wraps it once more.
    """
    for name, maker in (("sync_fn", "to_thread_run_sync."), ("func", BY_ANYIO)):
        code = getattr(fn, "__code__", None)
        if code is not None and code.co_qualname.startswith(maker) and name in code.co_freevars:
            fn = fn.__closure__[code.co_freevars.index(name)].cell_contents
    return fn


@contextmanager
def recorded_trio(recorder: Recorder, hand_over: HandOver) -> Iterator[None]:
    """Record into a recorder what runs of trio do meanwhile, in any thread.

    One that goes on in this thread is recorded from now on.
    """
    notice = RunNotice(recorder, hand_over)
    notice.begin()
    try:
        join_run(recorder, notice.watch_threads)
        yield
    finally:
        notice.end()


def join_run(recorder: Recorder, watch_threads: Callable[[], object]) -> None:
    """Record the run that goes on in this thread, if one does, and its calls for threads."""
    module: Any = sys.modules.get(RUN)
    context = getattr(module, "GLOBAL_RUN_CONTEXT", None)
    runner = getattr(context, "runner", None)
    if runner is None:
        return
    try:
        run = TrioRun(recorder)
        run.join(runner, getattr(context, "task", None))
        add_instrument(runner.instruments, run)
        watch_threads()
    except Exception as error:  # noqa: BLE001 - the program must not see it
        recorder.give_up(error)
