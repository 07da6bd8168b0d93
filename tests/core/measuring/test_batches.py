"""Which runs go side by side, and what a batch costs."""

import pytest

from core.measuring.batches import batches, cost_of
from core.measuring.turns import Lane
from core.spec.machine import processors
from core.spec.run_spec import RunSpec


def test_runs_that_mostly_sleep_go_side_by_side() -> None:
    specs = [RunSpec(pattern=name, tasks=5, sleep_s=0.2) for name in ("sequential", "gather")]
    assert batches(specs) == [specs]


def test_runs_that_would_disturb_one_another_go_one_after_another() -> None:
    specs = [RunSpec(pattern=name, tasks=5000, sleep_s=0.01) for name in ("gather", "task_group")]
    assert batches(specs) == [[specs[0]], [specs[1]]]


def test_runs_in_dask_go_one_after_another_as_they_share_workers() -> None:
    spec = RunSpec(pattern="run_in_executor", tasks=1, sleep_s=10, executor="dask", workers=1)
    assert batches([spec, spec]) == [[spec], [spec]]


def test_a_batch_that_sleeps_is_light_and_lasts_as_long_as_its_slowest_run() -> None:
    specs = [RunSpec(pattern=name, tasks=10, sleep_s=0.2) for name in ("sequential", "gather")]
    cost = cost_of(specs)
    assert cost.lane is Lane.LIGHT
    assert cost.children == 2
    assert cost.seconds == pytest.approx(2.015)


HEAVY = {
    "one core": RunSpec(pattern="gather", tasks=2, sleep_s=0.1, workload="cpu"),
    "a pool": RunSpec(
        pattern="run_in_executor", tasks=2, sleep_s=1, executor="processes", workers=2
    ),
    "dask": RunSpec(pattern="run_in_executor", tasks=2, sleep_s=1, executor="dask", workers=2),
    "many jobs": RunSpec(pattern="gather", tasks=10_000, sleep_s=0),
}


@pytest.mark.parametrize("spec", HEAVY.values(), ids=list(HEAVY))
def test_what_keeps_a_processor_busy_is_heavy(spec: RunSpec) -> None:
    cost = cost_of([spec])
    assert cost.lane is Lane.HEAVY
    assert cost.cores <= processors()


def test_a_pool_of_processes_counts_each_of_them() -> None:
    assert cost_of([HEAVY["a pool"]]).children == 3
