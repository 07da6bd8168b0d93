from core.charts.selection import of_jobs
from tests.core.charts.large import large_run


def test_a_selection_has_the_jobs_from_one_number_to_another_and_their_spans() -> None:
    run = large_run(20)
    some = of_jobs(run, 5, 7)
    assert some.jobs.number.tolist() == [5, 6, 7]
    assert some.spans.job.tolist() == [5] * 5 + [6] * 5 + [7] * 5
    assert some.spans.start_ns.tolist() == run.spans.start_ns[25:40].tolist()
    assert len(some.jobs.outcome) == len(some.jobs.error) == 3
    assert (some.steps, some.wall_ns) == (run.steps, run.wall_ns)


def test_a_selection_may_be_empty() -> None:
    some = of_jobs(large_run(20), 50, 60)
    assert (len(some.jobs), len(some.spans)) == (0, 0)
