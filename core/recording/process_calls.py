"""Calls on their way to worker processes and back: their jobs are measured at the other end.

What was measured there comes back with the result, and the pool's future takes it off before
anybody sees the result.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures.process import _process_chunk
from functools import partial
from typing import Any

from .events import DETAIL_BITS, Birth, Kind, Then
from .marks import JobCall, MarkedBlockingJob, is_marked, job_called
from .recorder import JobError, Recorder
from .remote import CALLS, CallLog, MeasuredCall, MeasuredJob, Outcome
from .texts import retained
from .work import Row

Submit = Callable[..., Future[Any]]
Arguments = tuple[Any, ...]
Names = dict[str, Any]


def submit_to_processes(  # noqa: PLR0917 - what the other two take, and one more
    recorder: Recorder,
    submit: Submit,
    fn: Any,
    args: Arguments,
    named: Names,
    loss: Callable[[Sequence[int]], None] | None = None,
) -> Future[Any]:
    """Hand a call to a pool of processes by its own `submit`, and record the jobs that it makes.

    `loss` ends jobs that were not done when their worker was lost.
    """
    known = _jobs_called(fn, args, named)
    if any(call.is_wrong for call in known):
        return submit(fn, *args, **named)
    sending = _Sending(recorder, loss)
    measured, *rest = sending.measured((fn, *args))
    named = dict(zip(named, sending.measured(tuple(named.values())), strict=True))
    if not sending.jobs:
        return submit(fn, *args, **named)
    sending.expect(known, is_chunk=_is_chunk(fn, args, named))
    call = MeasuredCall(function=measured, log=sending.log)
    try:
        future = submit(call, *rest, **named)
    except BaseException as error:
        sending.give_up(error)
        raise
    # The pool has made the future in its own `submit`, so it changes its class when it is there.
    MeasuredFuture.take_over(future, sending.arrive)
    future.add_done_callback(sending.settle)
    return future


class _Sending:
    """A call on its way to a worker process and back, and the jobs in it."""

    def __init__(
        self, recorder: Recorder, loss: Callable[[Sequence[int]], None] | None = None
    ) -> None:
        self.recorder = recorder
        self.jobs: list[MarkedBlockingJob] = []
        self.log = CallLog()
        self._loss = loss
        self._at_ns = recorder.clock()
        self._numbers: list[int] = []
        self._is_chunk = False
        self._called = 0
        self._has_arrived = False

    def measured(self, values: Arguments) -> list[Any]:
        """Return values with each marked job in them replaced by one that is measured."""
        return [self._measured(value) for value in values]

    def _measured(self, value: Any) -> Any:
        if is_marked(value):
            self.jobs.append(value)
            return MeasuredJob(job=value.plain, which=len(self.jobs) - 1, log=self.log)
        # A job is looked for where `map`, `partial` and lists have it; what is deeper in an object
        # is pickled as the job itself (`MarkedJob.__reduce_ex__`) and is not seen.
        if type(value) is partial:
            func, *args = self.measured((value.func, *value.args))
            named = zip(value.keywords, self.measured(tuple(value.keywords.values())), strict=True)
            return partial(func, *args, **dict(named))
        if type(value) in (list, tuple) and any(
            isinstance(each, MarkedBlockingJob) for each in value
        ):
            return type(value)(self.measured(tuple(value)))
        return value

    def expect(self, calls: Sequence[JobCall], *, is_chunk: bool) -> None:
        """Record the jobs that are known to be called, which are queued from now on."""
        self._is_chunk = is_chunk
        for call in calls:
            self._numbers.append(call.job.handed_over(call.job_index, self._at_ns))
        self.log.numbers = tuple(self._numbers)

    def arrive(self, log: CallLog, value: Any) -> None:
        """Record what was measured; `value` is what the call returned."""
        self._called, self._has_arrived = len(log.calls), True
        recorder, known = self.recorder, len(self._numbers)
        # by the place in the call; of several pieces of work the first
        begun_ns = {row[1]: row[3] for row in reversed(log.rows) if row[0] == Kind.TAKEN}
        for place, (which, index) in enumerate(log.calls[known:], known):
            job = self.jobs[which]
            # The first job was handed over with the call; each later one came about when it was
            # called.
            if place == 0:
                number = job.handed_over(index, self._at_ns)
            else:
                number = job.created(index, Birth.CALL, begun_ns.get(place))
            self._numbers.append(number)
        for row in log.rows:
            recorder.append(self._with_number_and_lane(row))
        for at_ns, text in log.lines:
            recorder.log_at(at_ns, text)
        for place, (kind, message, values) in log.errors.items():
            recorder.errors[self._numbers[place]] = JobError(
                kind=kind, message=message, values=values
            )
        for place, result in log.results.items():
            number = self._numbers[place]
            # What the program gets is the better source: the worker has only sent a part of it.
            if place >= known or value is None:
                recorder.results[number] = result
            else:
                recorder.results[number] = retained(value[place] if self._is_chunk else value)

    def _with_number_and_lane(self, row: Row) -> Row:
        kind, place, cpu_ns, start_ns, end_ns, detail, waker = row
        lane = self.recorder.lane_of_process(detail >> DETAIL_BITS)
        then = detail & (1 << DETAIL_BITS) - 1
        where = lane << DETAIL_BITS | then
        return kind, self._numbers[place], cpu_ns, start_ns, end_ns, where, waker

    def settle(self, future: Future[Any]) -> None:
        """End the jobs that the worker has not reported."""
        open_numbers = self._numbers[self._called :]
        if future.cancelled():
            for number in open_numbers:
                self.recorder.end(number, Then.CANCELLED)
            return
        error = future.exception()
        if error is not None and not self._has_arrived:
            self.give_up(error)
        # measured, and then the result could not be sent: the job has failed as the program sees it
        elif error is not None and len(self._numbers) == 1:
            self.recorder.errors.setdefault(self._numbers[0], JobError.of(error))
            self.recorder.results.pop(self._numbers[0], None)
        for number in open_numbers if self._has_arrived else ():
            self.recorder.end(number, Then.LOST)  # the call failed before it came to them

    def give_up(self, error: BaseException) -> None:
        """End all jobs because of an error before they were done."""
        # A pool with reports of its own knows which jobs were done before it broke.
        if self._loss is not None and isinstance(error, BrokenExecutor):
            self._loss(self._numbers)
            return
        for number in self._numbers:
            self.recorder.errors[number] = JobError.of(error)
            self.recorder.end(number, Then.FAILED)


def _jobs_called(fn: Any, args: Arguments, named: Names) -> list[JobCall]:
    """Return the calls that a call will make: one, or those of a chunk of `map`, or none known."""
    if _is_chunk(fn, args, named):
        calls = [job_called(fn.args[0], tuple(each), {}) for each in args[0]]
    else:
        calls = [job_called(fn, args, named)]
    return [call for call in calls if call is not None]


def _is_chunk(fn: Any, args: Arguments, named: Names) -> bool:
    """Return whether a call is what `map` of a pool of processes makes of several."""
    return type(fn) is partial and fn.func is _process_chunk and len(args) == 1 and not named


class MeasuredFuture(Future[Any]):
    """A future that takes what was measured off its result before anybody sees it.

    A future of a pool becomes one after it has been made, so its result may be there already.
    """

    arrive: Callable[[CallLog, Any], None]

    @staticmethod
    def take_over(future: Any, arrive: Callable[[CallLog, Any], None]) -> None:
        """Let a future become one of these."""
        future.arrive = arrive
        future.__class__ = MeasuredFuture
        with future._condition:  # noqa: SLF001 - a future's own lock
            if future.done() and not future.cancelled():
                # through the property below, which takes off what was measured
                future._result = future.__dict__["_result"]  # noqa: SLF001
                future._note_what_an_error_carries(future._exception)  # noqa: SLF001
                future._be_plain()  # noqa: SLF001

    @property
    def _result(self) -> Any:
        return self.__dict__["_result"]

    @_result.setter
    def _result(self, result: Any) -> None:
        if type(result) is Outcome:
            result = self._taken_off(result)
        self.__dict__["_result"] = result

    def _taken_off(self, outcome: Outcome) -> Any:
        self.arrive(outcome.log, outcome.value)
        self._exception = outcome.error
        return outcome.value

    def _note_what_an_error_carries(self, error: BaseException | None) -> None:
        log = None if error is None else error.__dict__.pop(CALLS, None)
        if log is not None:
            self.arrive(log, None)

    def _be_plain(self) -> None:
        del self.arrive
        self.__class__ = Future  # type: ignore[assignment]

    def set_result(self, result: Any) -> None:
        """As the base class; the error of an outcome is set as one."""
        error = None
        if type(result) is Outcome:
            self.arrive(result.log, result.value)
            result, error = result.value, result.error
        self._be_plain()
        if error is None:
            Future.set_result(self, result)
        else:
            Future.set_exception(self, error)

    def set_exception(self, exception: BaseException | None) -> None:
        """As the base class."""
        self._note_what_an_error_carries(exception)
        self._be_plain()
        Future.set_exception(self, exception)


MeasuredFuture.__name__ = Future.__name__
MeasuredFuture.__qualname__ = Future.__qualname__
