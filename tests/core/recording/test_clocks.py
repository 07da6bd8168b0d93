"""How far another clock is ahead: the shortest of several round trips tells."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from core.recording.clocks import ROUND_TRIPS, Offset, RoundTrip, ask, clock_identity, offset

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
    code = "from core.recording.clocks import clock_identity; print(clock_identity())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == clock_identity()
