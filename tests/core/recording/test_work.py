"""The work of blocking jobs, and their waits for connections."""

import pytest

from core.recording.events import Kind, Then
from core.recording.marks import MarkedBlockingJob
from core.recording.recorder import Recorder
from core.recording.work import waiting_for_connection
from tests.kit.virtual import MS, VirtualClock, table


def waits_for_connection(index: int) -> int:
    with waiting_for_connection():
        clock.move(10 * MS)
    return index


clock = VirtualClock()


def test_work_that_waits_for_a_connection_is_recorded_in_pieces() -> None:
    recorder = Recorder(clock=clock)
    assert MarkedBlockingJob(waits_for_connection, recorder)(0) == 0
    rows = table(recorder.take().events)[1:]
    assert rows[:, 0].tolist() == [Kind.TAKEN, Kind.WORKED] * 2
    assert (rows[:, 5] % 256).tolist() == [Then.NOTHING, Then.CONNECTION, Then.NOTHING, Then.OK]
    assert (rows[3, 3] - rows[1, 4]) // MS == 10


def test_a_wait_for_a_connection_that_fails_belongs_to_the_job_all_the_same() -> None:
    recorder = Recorder()

    def fails(index: int) -> None:
        with waiting_for_connection():
            raise TimeoutError

    with pytest.raises(TimeoutError):
        MarkedBlockingJob(fails, recorder)(0)
    rows = table(recorder.take().events)
    assert (rows[1:, 5] % 256).tolist()[-3:] == [Then.CONNECTION, Then.NOTHING, Then.FAILED]


def test_a_wait_for_a_connection_outside_of_any_job_is_nothing() -> None:
    assert waits_for_connection(7) == 7
