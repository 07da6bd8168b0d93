"""Job marks: the callables that a pattern is handed, which note when a job begins and ends.

A job that is awaited inside of another task has no task of its own, yet its time must be separated
to the nanosecond, so a mark is one thin coroutine around the job. Monitoring single code objects
would need Python 3.12. The cost is one more frame in tracebacks; the coroutine bears the job's
name, so `repr` and warnings read as before.
"""

import asyncio
import copy
import functools
import inspect
import sys
import weakref
from asyncio.events import _get_running_loop
from collections.abc import Callable, Coroutine
from contextvars import Context
from functools import partial
from types import BuiltinMethodType, CoroutineType, FrameType, FunctionType
from typing import Any, NamedTuple

from .events import NOBODY, Birth, Then
from .handles import RecordedHandle, RecordedReadiness
from .job_steps import YieldWatch
from .recorder import JobError, Recorder
from .texts import retained, was_raised
from .work import HandedJobs, claimed_here, timed_work, waiting_for_job

COROUTINE = int(Birth.COROUTINE)
POOL = int(Birth.POOL)
CALL = int(Birth.CALL)
OK = int(Then.OK)
"""As integers: CPython 3.11 takes longer to find a member of an enumeration than to add a row."""
RUN_CODE = RecordedHandle._run.__code__  # noqa: SLF001
READINESS_CODE = RecordedReadiness._run.__code__  # noqa: SLF001
SECOND = 2
_PLACEHOLDER = getattr(functools, "Placeholder", object())
"""What stands in a `partial` for an argument that is given later (Python 3.14)."""
NOT_GIVEN = object()


class _Unbegun(weakref.ref[Any]):
    """A weak reference to the coroutine of a job that has not begun: its death is the job's end."""

    __slots__ = ("number",)

    number: int


class MarkedJob:
    """What both kinds of marked jobs share: they look like the job for which they stand.

    With `__getattr__` in a class, each attribute of an object takes the long way. So what a call
    needs of its own is together in one tuple, `_of_calls`.
    """

    def __init__(self, job: Callable[..., Any], recorder: Recorder) -> None:
        self._job = job
        self._recorder = recorder
        recorder.job_around = job_around
        self.takes_one = _takes_one(job)
        self.__wrapped__ = job
        self.__doc__ = job.__doc__
        self.__module__ = job.__module__
        if isinstance(job, partial) and inspect.iscoroutinefunction(job):
            self._look_like_a_coroutine_function(innermost(job))

    def _look_like_a_coroutine_function(self, function: Any) -> None:
        if sys.version_info >= (3, 12):
            inspect.markcoroutinefunction(self)
            return
        # Python 3.11 believes whatever has the attributes of a function
        self.__name__ = function.__name__
        self.__code__ = function.__code__
        self.__defaults__ = function.__defaults__
        self.__kwdefaults__ = function.__kwdefaults__
        self.__annotations__ = function.__annotations__

    def __getattr__(self, name: str) -> Any:
        if name == "_job":
            raise AttributeError(name)
        return getattr(self._job, name)

    def __repr__(self) -> str:
        return repr(self._job)

    def __copy__(self) -> "MarkedJob":
        return self

    def __deepcopy__(self, memo: object) -> "MarkedJob":
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Callable[..., Any], tuple[Any]]:
        """Pickle as the job itself: another process need not know of any recorder."""
        # a copy of a function is the function, and `copy.copy` has a name in any process
        return copy.copy, (self._job,)

    def index_of(self, args: tuple[Any, ...], named: dict[str, Any]) -> object:
        """Return what a call gives the job's first parameter.

        Raises:
            TypeError: If the job cannot be called so.
        """
        if self.takes_one and len(args) == 1 and not named:
            return args[0]
        try:
            bound = inspect.signature(self._job).bind(*args, **named)
        except ValueError:  # a function written in C that has no signature
            return args[0] if args else None
        return next(iter(bound.arguments.values()), None)


def innermost(function: Any) -> Any:
    """Return what is called in the end, inside of any `partial`."""
    while isinstance(function, partial):
        function = function.func
    return function


def _takes_one(job: Callable[..., Any]) -> bool:
    try:
        inspect.signature(job).bind(None)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def _filled(job: Callable[..., Any], args: Any, named: Any) -> Callable[[object], Any]:
    return lambda _index: job(*args, **named)


class MarkedCoroutineJob(MarkedJob):
    """A coroutine job whose calls are recorded.

    The coroutine that it returns carries the workload's name, so that a task's `repr`, and a
    warning about a coroutine that was never awaited, read as without recording.
    """

    def __init__(self, job: Callable[..., Coroutine[Any, Any, object]], recorder: Recorder) -> None:
        super().__init__(job, recorder)
        self._numbers: dict[int, int] = {}
        self._when_lost = self._note_lost
        name = getattr(innermost(job), "__name__", type(job).__name__)
        # One code object for all jobs, by which a mark is known; the name is the function's.
        self._marked_by_name = FunctionType(_MARKED_CODE, globals(), name)
        self._marked_by_name.__qualname__ = getattr(innermost(job), "__qualname__", name)
        self._of_calls = (
            recorder,
            job,
            self.takes_one,
            self._marked_by_name,
            self._numbers,
            self._when_lost,
        )
        recorder.root_job = self.number_of = _numbers_of_jobs(self._numbers)
        recorder.yields = YieldWatch(_MARKED_CODE, _note_yield)

    def __call__(
        self, index: Any = NOT_GIVEN, /, *rest: Any, **named: Any
    ) -> Coroutine[Any, Any, object]:
        """Return the coroutine of a new job; a wrong call fails as the job's own would."""
        recorder, job, takes_one, marked_by_name, numbers, when_lost = self._of_calls
        if rest or named or index is NOT_GIVEN or not takes_one:
            args = () if index is NOT_GIVEN else (index, *rest)
            try:
                index = self.index_of(args, named)
            except TypeError:
                return job(*args, **named)
            job = _filled(job, args, named)
        try:
            number = recorder.create(index, COROUTINE)
        except Exception as error:  # noqa: BLE001 - the program must not see it
            recorder.give_up(error)
            number = NOBODY
        coroutine = marked_by_name(recorder, number, index, job)
        # Nothing runs when a coroutine that nobody awaited is freed; the weak reference notices.
        numbers[id(coroutine)] = number
        recorder.unbegun[number] = unbegun = _Unbegun(coroutine, when_lost)
        unbegun.number = number
        return coroutine  # type: ignore[no-any-return]

    def _note_lost(self, unbegun: "_Unbegun") -> None:
        if self._recorder.unbegun.pop(unbegun.number, None) is not None:
            self._recorder.end(unbegun.number, Then.LOST)

    @staticmethod
    async def _marked(
        recorder: Recorder, number: int, index: Any, job: Callable[..., Any]
    ) -> object:
        recorder.unbegun.pop(number, None)
        # On a loop that does not record, the recorder itself notes beginning and end.
        loop: Any = _get_running_loop()
        if getattr(loop, "recorder", None) is not recorder:
            loop = recorder
        loop.begin_job(number)
        try:
            result = await job(index)
        except asyncio.CancelledError:
            loop.end_job(number, Then.CANCELLED)
            raise
        except GeneratorExit as error:
            if was_raised(error):
                recorder.errors[number] = JobError.of(error)
                loop.end_job(number, Then.FAILED)
            else:
                loop.end_job(number, Then.LOST)
            raise
        except BaseException as error:
            recorder.errors[number] = JobError.of(error)
            loop.end_job(number, Then.FAILED)
            raise
        recorder.results[number] = retained(result)
        loop.end_job(number, OK)
        return result


_MARKED_CODE = MarkedCoroutineJob._marked.__code__  # noqa: SLF001


def _numbers_of_jobs(numbers: dict[int, int]) -> Callable[[Any], int]:
    """Return what returns the number of the job that a coroutine is, or `NOBODY`.

    An identity may be that of a coroutine long gone, but a marked one enters its own again.
    """

    def number_of(coroutine: Any) -> int:
        if type(coroutine) is not CoroutineType or coroutine.cr_code is not _MARKED_CODE:
            return NOBODY
        return numbers[id(coroutine)]

    return number_of


def job_around() -> int:
    """Return the job that awaits or calls the one which begins now, by the stack, or `NOBODY`."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
    marked = 0
    while frame is not None and (code := frame.f_code) is not RUN_CODE:
        if code is READINESS_CODE:
            break
        if code is _MARKED_CODE or code is _HOLD_LOOP_CODE:
            marked += 1
            # the first one is the mark of the job that begins
            if marked == SECOND:
                return int(frame.f_locals["number"])
        frame = frame.f_back
    return NOBODY


def _note_yield() -> None:
    note_yield = getattr(_get_running_loop(), "note_yield", None)
    if note_yield is not None:
        note_yield()


class MarkedBlockingJob(MarkedJob):
    """A blocking job whose calls are recorded on the worker that makes them."""

    def __init__(self, job: Callable[..., object], recorder: Recorder) -> None:
        super().__init__(job, recorder)
        self._site = recorder.sites.of_function(job)
        self.handed = HandedJobs()
        self._of_calls = recorder, job, self.takes_one, self._site, self.handed

    @property
    def plain(self) -> Callable[..., object]:
        """The job itself, which can be pickled and is not recorded."""
        return self._job

    def __call__(self, *args: Any, **named: Any) -> object:
        """Do a job: one that was handed to a pool, or one in a thread of its own or on the loop."""
        recorder, job, takes_one, site, expecting = self._of_calls
        if takes_one and len(args) == 1 and not named:
            index = args[0]
        else:
            try:
                index = self.index_of(args, named)
            except TypeError:
                return job(*args, **named)
        call = partial(job, *args, **named)
        loop: Any = _get_running_loop()
        # called on the loop, which it holds: that is a piece of the running step
        if loop is not None and getattr(loop, "recorder", None) is recorder:
            # An executor may call what it is handed at once, in the loop's thread.
            expected = expecting.claim(index)
            number = recorder.create(index, CALL, site) if expected is None else expected.number
            return self._hold_loop(loop, number, call)
        # Two ways lead from an executor to here: by what this thread was handed, or, where the call
        # was changed on the way, by the job's index alone.
        handed = claimed_here(self)
        if handed is not None and handed.number != NOBODY:
            number = handed.number
        else:
            expected = expecting.claim(index)
            number = NOBODY if expected is None else expected.number
        if number == NOBODY and handed is not None:
            number = recorder.create(index, POOL, site, handed.at_ns)
        elif number == NOBODY:
            number = recorder.create(index, CALL, site)
        if handed is not None:
            return self._work(recorder, number, call, handed.taken)
        with waiting_for_job():
            return self._work(recorder, number, call)

    def created(self, index: object, birth: Birth, at_ns: int | None = None) -> int:
        """Record that a job exists since a time, or since now, and return its number."""
        return self._recorder.create(index, birth, self._site, at_ns)

    def handed_over(self, index: object, at_ns: int) -> int:
        """Return the number of a job that is handed over; perhaps an outer executor gave it one."""
        recorder, _, _, site, expecting = self._of_calls
        expected = expecting.claim(index)
        return recorder.create(index, POOL, site, at_ns) if expected is None else expected.number

    @staticmethod
    def _work(
        recorder: Recorder,
        number: int,
        call: Callable[[], object],
        taken: tuple[int, int] | None = None,
    ) -> object:
        """Do a job in the calling thread and record how it went.

        `taken` is when the thread took it, and what it had used of the processors then, in ns.
        """
        lane = recorder.lane_of_this_thread()
        try:
            result = timed_work(recorder.append, recorder.clock, lane, number, call, taken)
        except BaseException as error:
            recorder.errors[number] = JobError.of(error)
            raise
        recorder.results[number] = retained(result)
        return result

    def _hold_loop(self, loop: Any, number: int, call: Callable[[], object]) -> object:
        loop.begin_job(number)
        try:
            result = call()
        except BaseException as error:
            self._recorder.errors[number] = JobError.of(error)
            loop.end_job(number, Then.FAILED)
            raise
        self._recorder.results[number] = retained(result)
        loop.end_job(number, Then.OK)
        return result


_HOLD_LOOP_CODE = MarkedBlockingJob._hold_loop.__code__  # noqa: SLF001


class JobCall(NamedTuple):
    """A call of a job.

    Attributes:
        job: The job.
        args: Its arguments.
        named: Those that are given by their names.
        job_index: What the job's first parameter is given.
        is_wrong: Whether the job cannot be called so: the call will fail.
    """

    job: MarkedBlockingJob
    args: tuple[Any, ...]
    named: dict[str, Any]
    job_index: object
    is_wrong: bool = False


def is_marked(value: object) -> bool:
    """Return whether something is a marked job."""
    return issubclass(type(value), MarkedBlockingJob)


def job_called(fn: Any, args: tuple[Any, ...], named: dict[str, Any]) -> JobCall | None:
    """Return the call of a job that a call will make; None if that is not known ahead.

    The job may stand in a `partial` or in `Context.run`, as `asyncio.to_thread` wraps it.
    """
    while not is_marked(fn):
        # exactly: a subclass may call something else
        if type(fn) is partial and not _has_places_left_open(fn):
            fn, args, named = fn.func, fn.args + args, {**fn.keywords, **named}
        elif _is_run_of_context(fn) and args:
            fn, args = args[0], args[1:]
        else:
            return None
    try:
        return JobCall(fn, args, named, fn.index_of(args, named))
    except TypeError:
        return JobCall(fn, args, named, None, is_wrong=True)


def _has_places_left_open(fn: "partial[Any]") -> bool:
    return any(each is _PLACEHOLDER for each in fn.args)


def _is_run_of_context(fn: Any) -> bool:
    return type(fn) is BuiltinMethodType and type(fn.__self__) is Context and fn.__name__ == "run"
