from core.spec.ideal import schedule
from core.spec.limits import default_pool_size
from core.spec.run_spec import RunSpec
from tests.kit.meeting import run_pairs
from tests.kit.virtual import MS


def test_names_are_looked_up_in_the_threads_that_the_limiter_leaves_over() -> None:
    ran = run_pairs("thread_limiter", 4, 1, meets=True)
    assert ran.returned.value == [True] * 4
    jobs = ran.timeline.jobs
    assert jobs.ended_ns[1] < jobs.ended_ns[0] < jobs.ended_ns[2]
    # who is not admitted is not handed over, so it stands in no queue of the pool
    assert jobs.created_ns[2] > jobs.ended_ns[0]


def test_a_limit_above_the_size_of_the_pool_is_none() -> None:
    pool = default_pool_size()
    tasks = 2 * pool + 2
    above = RunSpec(pattern="thread_limiter", tasks=tasks, sleep_s=0.2, limit=pool + 5)
    assert schedule(above).wall_ns == 400 * MS
