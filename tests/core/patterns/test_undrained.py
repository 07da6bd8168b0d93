import pytest

from core.analysis.findings_text import findings_text
from tests.kit.sleeping import error_of, run_sleeping
from tests.kit.virtual import MS, ended_ms, whole_ms


def test_all_messages_are_made_at_once_and_each_is_older_than_the_one_before() -> None:
    run = run_sleeping("undrained", 6, 0.1).timeline
    assert (run.jobs.created_ns // MS).tolist() == [0] * 6
    assert ended_ms(run) == [100, 200, 300, 400, 500, 600]
    assert whole_ms(run) == 600
    assert "5 jobs were made long before they began, up to 500 ms." in findings_text(run)


def test_the_buffer_grows_by_each_message_less_what_the_sockets_take_of_the_first() -> None:
    run = run_sleeping("undrained", 6, 0.1).timeline
    first, *others = (float(result.removesuffix(" MB buffered")) for result in run.results)
    assert 0 < first < 1
    assert others == pytest.approx([first + more for more in range(1, 6)])


def test_a_failure_ends_it_with_most_of_the_buffer_unread() -> None:
    ran = run_sleeping("undrained", 2, 0.1, failing=2, failing_after_s=0.05)
    assert error_of(ran) == "RuntimeError: job 2 went wrong"
    assert ran.timeline.jobs.outcome == ("ok", "failed")
