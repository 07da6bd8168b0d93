"""The workload `file`: the same bytes, plainly and with aiofiles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import JobKind, Plan
from core.patterns import PATTERNS
from core.services.files import Files
from core.timeline.timeline import On, State, Timeline
from core.workloads import WORKLOADS
from core.workloads.file import FILES, path
from tests.kit.laws import assert_laws
from tests.kit.virtual import run_here

FILE = WORKLOADS["file"]


@pytest.fixture(scope="module")
def plan() -> Iterator[Plan]:
    files = Files()
    yield Plan(longest_s=0, count=3, service=files.address())
    files.close()


def run(pattern: str, plan: Plan) -> Timeline:
    kind = PATTERNS[pattern].arranges
    job = FILE.opened_job(plan) if kind is JobKind.COROUTINE else FILE.job(kind, plan)
    timeline = run_here(PATTERNS[pattern], job, 3).timeline
    assert_laws(timeline, jobs=3)
    return timeline


@pytest.mark.parametrize("pattern", ["gather", "blocking_loop"])
def test_each_job_reads_its_file(pattern: str, plan: Plan) -> None:
    assert run(pattern, plan).results == ("job 1", "job 2", "job 3")


def test_with_aiofiles_a_job_waits_for_a_thread_and_the_place_is_known(plan: Plan) -> None:
    timeline = run("sequential", plan)
    spans = timeline.spans
    on_a_thread = (spans.state == State.WAITING) & (spans.on == On.EXECUTOR)
    places = {timeline.site_name(int(site)) for site in spans.site[on_a_thread]}
    assert {str(place).partition(":")[0] for place in places} == {"core/workloads/file.py"}


def test_what_opens_the_files_is_no_part_of_the_run(plan: Plan) -> None:
    timeline = run("gather", plan)
    assert (timeline.steps.start_ns >= 0).all()


def test_more_jobs_than_files_read_them_again(plan: Plan) -> None:
    assert path(plan, FILES) == path(plan, 0) == Path(plan.service) / "0"
