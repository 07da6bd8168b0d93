import pytest

import core
from core.spec.run_spec import RunSpec


@pytest.mark.real
def test_threads_get_the_results_of_coroutines_that_the_loop_runs_together() -> None:
    run = core.run(RunSpec(pattern="run_coroutine_threadsafe", tasks=3, sleep_s=0.05))
    assert run.results == ("job 1", "job 2", "job 3")
    assert run.jobs.outcome == ("ok",) * 3
    # All began before the first had ended: the loop ran them, and the threads only waited.
    assert run.jobs.created_ns.max() < run.jobs.ended_ns.min()
    assert len(run.steps.lanes) == 1
