"""One thread a job."""

import threading

from core.patterns import PATTERNS
from core.timeline.timeline import State
from tests.kit.laws import assert_laws
from tests.kit.virtual import run_here, states

TOGETHER_S = 10


def test_all_jobs_work_at_the_same_time_each_on_a_thread_of_its_own() -> None:
    together = threading.Barrier(5)

    def job(index: int) -> int:
        together.wait(TOGETHER_S)
        return index

    ran = run_here(PATTERNS["threads"], job, 5)
    assert_laws(ran.timeline, jobs=5)
    assert ran.returned.value == [0, 1, 2, 3, 4]
    assert ran.timeline.worker_lanes == tuple(f"thread-{number}" for number in range(1, 6))
    assert [states(ran.timeline, number)[-1] for number in range(5)] == [State.WORKING] * 5


def test_jobs_that_meet_overlap_in_the_timeline() -> None:
    together = threading.Barrier(2)
    timeline = run_here(PATTERNS["threads"], lambda _: together.wait(TOGETHER_S), 2).timeline
    working = timeline.spans.state == State.WORKING
    assert timeline.spans.start_ns[working].max() < timeline.spans.end_ns[working].min()


def test_results_keep_the_order_of_the_calls_though_the_last_ends_first() -> None:
    ended = [threading.Event() for _ in range(3)]

    def job(index: int) -> int:
        if index < 2:
            assert ended[index + 1].wait(TOGETHER_S)
        ended[index].set()
        return index

    ran = run_here(PATTERNS["threads"], job, 3)
    assert ran.returned.value == [0, 1, 2]
    assert ran.timeline.jobs.ended_ns.tolist() == sorted(ran.timeline.jobs.ended_ns)[::-1]
