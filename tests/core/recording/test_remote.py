"""Jobs in worker processes: what is measured there, and what comes back."""

import pickle
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.recording.events import DETAIL_MASK, Kind, Then
from core.recording.remote import (
    CALLS,
    ROUND_TRIPS,
    CallLog,
    MeasuredCall,
    MeasuredJob,
    Offset,
    Outcome,
    RoundTrip,
    ask,
    clock_identity,
    offset,
)


def told(index: int) -> int:
    print("job", index)
    if index < 0:
        raise LookupError(index)
    return index


def measured(*, numbers: tuple[int, ...] = ()) -> tuple[CallLog, MeasuredCall]:
    log = CallLog(numbers=numbers)
    job = MeasuredJob(job=told, which=0, log=log)
    return log, MeasuredCall(function=job, log=log)


def thens(log: CallLog) -> list[int]:
    return [row[5] & DETAIL_MASK for row in log.rows if row[0] == Kind.WORKED]


def test_a_call_comes_back_with_what_was_measured_and_printed() -> None:
    log, call = measured()
    before = sys.stdout
    outcome = call(3)
    assert sys.stdout is before
    assert (outcome.value, outcome.error) == (3, None)
    assert log.calls == [(0, 3)]
    assert log.results == {0: 3}
    assert [text for _, text in log.lines] == ["job 3"]
    assert [row[0] for row in log.rows] == [Kind.TAKEN, Kind.WORKED]


def test_a_call_and_its_jobs_share_their_log_after_they_were_sent() -> None:
    _, call = measured()
    arrived = pickle.loads(pickle.dumps(call))  # noqa: S301 - made here
    outcome = pickle.loads(pickle.dumps(arrived(3)))  # noqa: S301 - made here
    assert outcome.value == 3
    assert outcome.log.calls == [(0, 3)]


def test_an_error_comes_back_as_a_pool_would_send_it() -> None:
    log, call = measured()
    arrived: Outcome = pickle.loads(pickle.dumps(call(-1)))  # noqa: S301 - made here
    assert isinstance(arrived.error, LookupError)
    assert "in told" in str(arrived.error.__cause__)
    assert "timed_work" not in str(arrived.error.__cause__)
    assert log.errors == {0: ("LookupError", "-1", ())}
    assert thens(log) == [Then.FAILED]


@pytest.mark.parametrize(
    ("value", "then"), [(None, Then.OK), (threading.Lock(), Then.FAILED)], ids=["sent", "not sent"]
)
def test_the_end_of_a_single_job_waits_for_whether_its_result_can_be_sent(
    value: object, then: Then
) -> None:
    log, call = measured(numbers=(7,))
    call(3)
    assert thens(log) == []
    outcome = Outcome(value=value, error=None, log=log)
    if then == Then.OK:
        pickle.dumps(outcome)
    else:
        with pytest.raises(TypeError) as caught:
            pickle.dumps(outcome)
        assert getattr(caught.value, CALLS) is log
    assert thens(log) == [then]


TIMES = st.integers(min_value=-(10**15), max_value=10**15)
LEGS = st.tuples(*[st.integers(min_value=0, max_value=10**9)] * 2)


def trip(at_ns: int, ahead_ns: int, legs: tuple[int, int]) -> RoundTrip:
    there, back = legs
    theirs_ns = at_ns + there + ahead_ns
    return RoundTrip(sent_ns=at_ns, theirs_ns=theirs_ns, received_ns=at_ns + there + back)


@given(ahead_ns=TIMES, at_ns=TIMES, legs=st.lists(LEGS, min_size=1, max_size=5))
def test_the_true_offset_lies_within_the_uncertainty(
    ahead_ns: int, at_ns: int, legs: list[tuple[int, int]]
) -> None:
    found = offset(trip(at_ns, ahead_ns, each) for each in legs)
    assert abs(found.ahead_ns - ahead_ns) <= found.uncertainty_ns
    assert found.uncertainty_ns == (min(map(sum, legs)) + 1) // 2


def test_a_clock_is_asked_several_times() -> None:
    ours, theirs = iter(range(0, 1000, 10)), iter([1005 + 20 * n for n in range(ROUND_TRIPS)])
    assert ask(lambda: next(ours), lambda: next(theirs)) == Offset(ahead_ns=1000, uncertainty_ns=5)


def test_processes_of_one_machine_share_a_clock() -> None:
    code = "from core.recording.remote import clock_identity; print(clock_identity())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == clock_identity()
