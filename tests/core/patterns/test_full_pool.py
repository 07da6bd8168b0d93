from core.spec.ideal import schedule
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.kit.meeting import run_pairs
from tests.kit.virtual import MS, states


def test_a_name_is_looked_up_only_when_the_thread_is_free_of_the_blocking_call() -> None:
    timeline = run_pairs("full_pool", 4, 1, meets=False).timeline
    spans = timeline.spans
    running = spans.state == State.RUNNING
    for blocking, asking in ((0, 1), (2, 3)):
        begun_ns = spans.start_ns[running & (spans.job == asking)].min()
        assert timeline.jobs.created_ns[asking] < timeline.jobs.ended_ns[blocking] < begun_ns


def test_blocking_calls_stand_in_the_queue_of_as_many_threads_as_the_limit_says() -> None:
    ran = run_pairs("full_pool", 6, 2, meets=False)
    timeline = ran.timeline
    assert set(timeline.worker_lanes) <= {"thread-1", "thread-2"}
    assert all(State.WORKING in states(timeline, job) for job in (0, 2, 4))
    assert ran.returned.value == [True] * 6


def test_its_ideal_has_nobody_wait_for_a_name() -> None:
    best = schedule(RunSpec(pattern="full_pool", tasks=6, sleep_s=0.2, limit=2))
    assert [start // MS for start in best.start_ns] == [0, 0, 0, 0, 200, 0]
    assert best.wall_ns == 400 * MS
