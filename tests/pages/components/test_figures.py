# ruff: noqa: RUF001 - the typographic signs are meant
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.figures import _speed_up, figures_of
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from pages.components.figures import figures_frame
from tests.core.handmade import timeline
from tests.pages.screen import SCRIPT_LIMIT_S


def run(wall_ms: int, pattern: str = "gather") -> Timeline:
    late = (0, State.READY, 0, 3), (0, State.RUNNING, 3, 4)
    spec = RunSpec(pattern=pattern, tasks=1, sleep_s=0.2)
    return timeline(*late, wall_ms=wall_ms, spec=spec, steps_ms=[(0, 4)])


def texts(timeline: Timeline) -> dict[str, str]:
    return {figure.name: figure.text for figure in figures_of(timeline)}


def test_the_figures_of_a_run_are_its_wall_time_and_what_it_is_to_be_compared_with() -> None:
    assert texts(replace(run(210), recording_ns=41_000)) == {
        "wall time": "210 ms",
        "ideal": "200 ms",
        "overhead": "10.0 ms (+5.0%)",
        "worst lateness": "3.00 ms",
        "jobs at once": "1",
        "recording cost": "≈ 41.0 µs",
    }


def test_there_is_no_lateness_without_a_loop_nor_for_jobs_in_a_pool() -> None:
    pooled = run(210, "run_in_executor")
    loopless = replace(run(210), steps=timeline(wall_ms=0).steps)
    assert texts(pooled)["worst lateness"] == texts(loopless)["worst lateness"] == "—"


def test_jobs_without_duration_have_an_overhead_without_a_share() -> None:
    instant = replace(run(1), spec=RunSpec(pattern="gather", tasks=1, sleep_s=0))
    assert texts(instant)["overhead"] == "1.00 ms"


@pytest.mark.parametrize(
    ("wall_ms", "baseline_ms", "text"),
    [
        (200, 200, "1×"),
        (200, 996, "4.98×"),
        (400, 200, "0.5×"),
        (2, 1_998, "999×"),
        (1, 1_234, "1,234×"),
    ],
)
def test_a_speed_up_has_three_digits_and_never_a_power_of_ten(
    wall_ms: int, baseline_ms: int, text: str
) -> None:
    assert _speed_up(run(wall_ms), run(baseline_ms)).text == text


def test_there_is_no_speed_up_where_a_run_did_not_do_all_its_work() -> None:
    whole = run(200)
    lost = replace(whole, jobs=replace(whole.jobs, outcome=(Outcome.CANCELLED,)))
    assert _speed_up(lost, whole).text == _speed_up(whole, lost).text == "—"


def test_a_column_that_says_nothing_of_any_run_is_left_out_of_the_table() -> None:
    frame = figures_frame([run(200), run(400, "task_group")])
    assert list(frame.index) == ["gather", r"task\_group"]
    assert "speed-up" in frame
    assert "start-up" not in frame


@pytest.mark.usefixtures("busy_machine")
def test_a_disturbed_run_has_the_amount_in_place_of_a_speed_up() -> None:
    frame = figures_frame([replace(run(200), disturbed_ns=30_000_000), run(400, "task_group")])
    assert list(frame["disturbed"]) == ["30.0 ms", "0 ns"]
    assert "speed-up" not in frame


def test_every_column_of_the_table_is_explained() -> None:
    def page() -> None:
        from pages.components import figures
        from tests.pages.components.test_figures import run

        figures.show([run(210), run(420, "create_task")])

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S).run()
    (table,), (told,) = at.table, at.markdown
    explained = [line[2:].partition(":")[0] for line in told.value.splitlines()]
    assert explained == list(table.value.columns)


def test_a_run_below_its_ideal_has_one_kind_of_minus() -> None:
    assert texts(run(190))["overhead"] == "−10.0 ms (−5.0%)"
