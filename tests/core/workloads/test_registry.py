"""Every workload's file is registered under its name and has a test file."""

import inspect
import pickle
from pathlib import Path

import pytest

import core.workloads
from core.jobs import JobKind, Plan
from core.workloads import DEFAULT_WORKLOADS, WORKLOADS, Workload

FOLDER = Path(core.workloads.__file__).parent
FILES = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
DURATIONS = Plan(longest_s=0.0, count=2)


def test_every_file_is_registered_and_everything_registered_has_its_file() -> None:
    assert set(WORKLOADS) == FILES


def test_every_kind_of_job_has_a_workload_to_start_with() -> None:
    assert set(DEFAULT_WORKLOADS) == set(JobKind)
    for kind, name in DEFAULT_WORKLOADS.items():
        assert WORKLOADS[name].kind is kind


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_workload_has_a_test_file(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=list(WORKLOADS))
class TestEveryWorkload:
    def test_its_job_is_of_its_kind(self, workload: Workload) -> None:
        job = workload.make_job(DURATIONS)
        is_coroutine = inspect.iscoroutinefunction(getattr(job, "func", job))
        assert is_coroutine == (workload.kind is JobKind.COROUTINE)

    def test_its_job_carries_its_name(self, workload: Workload) -> None:
        job = workload.make_job(DURATIONS)
        assert getattr(job, "func", job).__name__ == workload.name

    def test_a_blocking_job_can_travel_to_a_worker_process(self, workload: Workload) -> None:
        if workload.kind is JobKind.BLOCKING:
            pickle.loads(pickle.dumps(workload.make_job(DURATIONS)))  # noqa: S301
