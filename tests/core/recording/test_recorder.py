"""The recorder of one run."""

import threading

from core.recording.events import BYTES_PER_EVENT, NOBODY, Birth, Kind, LaneKind, Then, lane_name
from core.recording.events import lane_code as code
from core.recording.loop import RecordingLoop
from core.recording.recorder import MAX_LOG_CHARACTERS, MAX_LOG_LINES, JobError, Recorder
from tests.kit.virtual import VirtualClock, table


def test_jobs_are_numbered_by_their_index_and_anew_where_that_is_taken() -> None:
    recorder = Recorder(clock=VirtualClock())
    assert [recorder.create(index, Birth.CALL) for index in (0, 1, 1, 0, 7)] == [0, 1, 2, 3, 7]


def test_taking_removes_what_has_gathered() -> None:
    recorder = Recorder(clock=VirtualClock())
    recorder.create(0, Birth.CALL)
    recorder.log("a line")
    parcel = recorder.take()
    assert table(parcel.events).tolist() == [[Kind.CREATED, 0, 0, 1, 0, Birth.CALL, NOBODY]]
    assert [(line.at_ns, line.text) for line in parcel.log] == [(2, "a line")]
    assert recorder.take().events == b""
    assert recorder.take().log == []


def test_past_the_cap_beginnings_and_ends_are_kept_and_the_rest_is_counted() -> None:
    recorder = Recorder(clock=VirtualClock(), max_events=2)
    recorder.create(0, Birth.COROUTINE)
    for _ in range(5):
        recorder.append((Kind.STEP, 0, 0, 0, 0, Then.TIMER, NOBODY))
    recorder.end(0, Then.OK)
    first = recorder.take()
    assert len(first.events) == 3 * BYTES_PER_EVENT
    assert first.dropped_events == 4
    recorder.append((Kind.TAKEN, 1, 0, 0, 0, 0, NOBODY))
    recorder.append((Kind.HELD, 1, 0, 0, 0, 9 << 8, NOBODY))
    recorder.create(1, Birth.POOL)
    second = recorder.take()
    assert table(second.events)[:, 0].tolist() == [Kind.CREATED]
    assert second.dropped_events == 2


def test_lines_past_their_cap_are_counted() -> None:
    recorder = Recorder(clock=VirtualClock())
    for _ in range(MAX_LOG_LINES + 3):
        recorder.log("again")
    parcel = recorder.take()
    assert len(parcel.log) == MAX_LOG_LINES
    assert (parcel.dropped_events, parcel.dropped_lines) == (0, 3)


def test_lines_are_kept_up_to_a_number_of_characters_together() -> None:
    recorder = Recorder(clock=VirtualClock())
    long = "x" * (MAX_LOG_CHARACTERS // 4)
    for _ in range(6):
        recorder.log(long)
    first = recorder.take()
    recorder.log("short")
    second = recorder.take()
    assert ([line.text for line in first.log], first.dropped_lines) == ([long] * 4, 2)
    assert (second.log, second.dropped_lines) == ([], 1)


def test_a_copy_records_nothing_and_its_loops_neither() -> None:
    recorder = Recorder()
    loop = RecordingLoop(recorder)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert recorder.take().events
    recorder._threads_lock.acquire()
    recorder.record_nothing()
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    recorder.create(0, Birth.CALL)
    recorder.log("a line")
    lanes: list[int] = []
    thread = threading.Thread(target=lambda: lanes.append(recorder.lane_of_this_thread()))
    thread.start()
    thread.join(10)
    assert len(lanes) == 1
    parcel = recorder.take()
    assert (parcel.events, parcel.log) == (b"", [])


def test_each_thread_has_a_lane_of_its_own_even_after_another_has_ended() -> None:
    recorder = Recorder()
    lanes = []

    def note() -> None:
        lanes.append(recorder.lane_of_this_thread())
        assert lanes[-1] == recorder.lane_of_this_thread()

    for _ in range(3):
        thread = threading.Thread(target=note)
        thread.start()
        thread.join()
    assert [lane_name(lane) for lane in lanes] == ["thread-1", "thread-2", "thread-3"]
    assert lane_name(recorder.lane_of_this_thread()) == "main"


def test_rows_of_many_threads_stay_whole() -> None:
    recorder = Recorder()
    start = threading.Barrier(4)

    def write(number: int) -> None:
        start.wait(10)
        for _ in range(500):
            recorder.append((Kind.STEP, number, number, number, number, number, number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    events = recorder.take().events
    for thread in threads:
        thread.join()
    rows = table(events + recorder.take().events)
    assert len(rows) == 2000
    assert (rows[:, 1:] == rows[:, 1:2]).all()


def test_a_lanes_name_says_its_kind_and_number() -> None:
    assert lane_name(code(LaneKind.LOOP, 0)) == "loop"
    assert lane_name(code(LaneKind.PROCESS, 12)) == "process-12"


def test_an_error_is_its_type_and_message() -> None:
    assert JobError.of(KeyError("x")).as_dict() == {"type": "KeyError", "message": "'x'"}
