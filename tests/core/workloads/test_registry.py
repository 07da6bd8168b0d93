"""Every workload's file is registered under its name and has a test file."""

import inspect
import pickle
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

import core.workloads
from core.jobs import JobKind, Plan
from core.workloads import DEFAULT_WORKLOADS, WORKLOADS, Workload

FOLDER = Path(core.workloads.__file__).parent
FILES = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "failures"}
PLAN = Plan(longest_s=0.0, count=2)


def test_every_file_is_registered_and_everything_registered_has_its_file() -> None:
    assert set(WORKLOADS) == FILES


def test_every_kind_of_job_has_a_workload_to_start_with() -> None:
    assert set(DEFAULT_WORKLOADS) == set(JobKind)
    for kind, name in DEFAULT_WORKLOADS.items():
        assert kind in WORKLOADS[name].kinds


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_workload_has_a_test_file(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_has_the_name_of_its_file(name: str) -> None:
    assert WORKLOADS[name].name == name


CONNECTING = [each for workload in WORKLOADS.values() for each in workload.connecting]


@pytest.mark.parametrize(("file", "name"), CONNECTING)
def test_a_library_has_the_coroutines_that_a_record_names(file: str, name: str) -> None:
    module = pytest.importorskip(file.removesuffix(".py").replace("/", "."))
    coroutine: Any = inspect.unwrap(attrgetter(name)(module))
    assert inspect.iscoroutinefunction(coroutine)
    assert coroutine.__code__.co_qualname == name
    assert coroutine.__code__.co_filename.replace("\\", "/").endswith(f"/{file}")


@pytest.mark.parametrize(
    ("workload", "kind"),
    [(each, kind) for each in WORKLOADS.values() for kind in each.kinds],
    ids=lambda value: str(getattr(value, "name", value)),
)
class TestEveryJob:
    def test_it_is_of_its_kind(self, workload: Workload, kind: JobKind) -> None:
        job: Any = workload.job(kind, PLAN)
        assert inspect.iscoroutinefunction(job.func) == (kind is JobKind.COROUTINE)

    def test_it_is_named_after_its_workload(self, workload: Workload, kind: JobKind) -> None:
        job: Any = workload.job(kind, PLAN)
        assert job.func.__name__ in (workload.name, f"{workload.name}_blocking")

    def test_a_blocking_job_can_travel_to_a_worker_process(
        self, workload: Workload, kind: JobKind
    ) -> None:
        job: Any = workload.job(kind, PLAN)
        if kind is JobKind.BLOCKING:
            arrived = pickle.loads(pickle.dumps(job))  # noqa: S301
            assert (arrived.func, arrived.args) == (job.func, job.args)
