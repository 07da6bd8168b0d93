import platform

import pytest

from core.exports import EXPORTS
from core.pattern import Pattern
from core.patterns import PATTERNS
from pages.components.controls import BASICS
from tests.kit.needs import KNOWS_RUN_DELAY, need_python
from tests.kit.screen import (
    DOWNLOAD,
    OUTLINE,
    PITFALLS,
    PRESS_RUN,
    RESULTS,
    WORDS,
    Screen,
    blank,
    opened,
    unescaped,
)

FIRST = ["sequential", "gather", "run_in_executor"]
CODE = "Code of each pattern, as it ran"
COLUMNS = [
    "wall time",
    "ideal",
    "overhead",
    "worst lateness",
    "peak in flight",
    "recording cost",
    "overhead per job",
    "speed-up",
]


def race(*patterns: str, by_itself: bool = False, **settings: object) -> Screen:
    screen = blank("compare", by_itself=by_itself, **settings)
    screen.at.session_state["compare patterns"] = list(patterns)
    return screen.run()


def choose_patterns(screen: Screen, *patterns: str) -> Screen:
    screen.at.pills(key="compare patterns").set_value(list(patterns))
    return screen.run()


def test_it_opens_with_its_question_its_controls_and_the_first_race() -> None:
    screen = opened("compare", by_itself=False)
    assert screen.texts("title") == ["What was each task doing, when, and why did it wait?"]
    assert screen.at.pills(key="compare patterns").value == FIRST
    assert {each.label for each in screen.at.select_slider} == {"Tasks", "Sleep"}
    segments = {each.key for each in screen.at.segmented_control}
    names = ("workload", "executor", "spread", "lanes")
    assert segments == {f"compare {name}" for name in names}
    assert not screen.at.button(key="compare run").disabled
    assert not screen.is_running


def test_it_shows_the_outline_of_each_run_before_anything_is_measured() -> None:
    screen = opened("compare", by_itself=False, tasks=3, sleep=100)
    outlines = screen.bars()
    assert [bars.name for bars in outlines] == [OUTLINE] * 3
    assert [bars.plot for bars in outlines] == ["y", "y2", "y3"]
    assert [bars.starts for bars in outlines] == [[0, 100, 200], [0, 0, 0], [0, 0, 0]]
    assert [name in title for name, title in zip(FIRST, screen.titles, strict=True)] == [True] * 3
    assert screen.texts("info") == [PRESS_RUN]


def test_the_code_of_each_pattern_can_be_unfolded() -> None:
    screen = opened("compare", by_itself=False)
    assert screen.folds == [PITFALLS, WORDS, CODE]
    assert screen.texts("code") == []
    screen.unfold("code")
    assert [name in code for name, code in zip(FIRST, screen.texts("code"), strict=True)] == [
        True,
        True,
        True,
    ]


@pytest.mark.real
def test_a_race_shows_every_job_of_every_run_and_compares_them() -> None:
    screen = (
        opened("compare", by_itself=False, tasks=3, sleep=50).press("run").when_ended().unfold()
    )
    assert screen.texts("error") == screen.texts("info") == []
    for plot, state in (("y", "waiting"), ("y2", "waiting"), ("y3", "working")):
        found = screen.states(plot)
        assert set(found) == {0, 1, 2}
        assert all(state in states for states in found.values())
    assert screen.sentence is not None
    assert screen.sentence.startswith("3 jobs of 50.0 ms: sequential took ")
    assert "1 in sequential, 3 in gather, 3 in run_in_executor" in screen.sentence
    numbers = screen.at.table[0].value
    columns = list(numbers.columns)
    if KNOWS_RUN_DELAY:
        assert columns == COLUMNS
    else:
        assert [name for name in columns if name != "disturbed"] == COLUMNS
        assert list(numbers["disturbed"]) == ["not known"] * len(FIRST)
    assert [unescaped(name).split(" ")[0] for name in numbers.index] == FIRST
    assert list(numbers["ideal"]) == ["150 ms", "50.0 ms", "50.0 ms"]
    assert numbers["speed-up"].iloc[0] == "1×"
    assert screen.metrics == {}
    assert screen.folds[2:] == [RESULTS, "Transcript", "Table of spans", DOWNLOAD, CODE]
    transcripts = screen.texts("code")[:3]
    assert all("job 3" in transcript for transcript in transcripts)
    assert len(screen.at.table) == 2 + len(FIRST)
    assert len(screen.at.get("download_button")) == len(EXPORTS) - 1 + len(FIRST)


@pytest.mark.real
def test_two_runs_share_one_time_axis_on_which_the_jobs_one_by_one_take_longer() -> None:
    screen = race("sequential", "gather", tasks=3, sleep=50).press("run").when_ended()
    end = {
        plot: max(
            start + length
            for bars in screen.bars()
            if bars.plot == plot and bars.name != OUTLINE
            for start, length in zip(bars.starts, bars.lengths, strict=True)
        )
        for plot in ("y", "y2")
    }
    assert end["y"] > 140
    assert end["y2"] < end["y"]
    layout = screen.figure["layout"]
    assert layout["xaxis"]["range"] == layout["xaxis2"]["range"]


@pytest.mark.parametrize("by_itself", [True, False])
def test_no_pattern_chosen_gives_one_clear_error_and_nothing_to_run(by_itself: bool) -> None:
    screen = race(by_itself=by_itself)
    assert screen.texts("error") == ["Choose at least one pattern."]
    assert screen.at.button(key="compare run").disabled
    assert len(screen.at.get("plotly_chart")) == 0
    assert not screen.is_running


def test_after_choosing_none_a_pattern_can_be_chosen_again() -> None:
    screen = choose_patterns(race(), "task_group")
    assert screen.texts("error") == []
    assert len(screen.bars()) == 1


@pytest.mark.real
def test_a_run_that_takes_too_long_is_refused_by_name_and_the_others_still_run() -> None:
    screen = race("sequential", "gather", by_itself=True, tasks=500, sleep=200).when_ended()
    assert screen.texts("error") == []
    assert screen.left_out == (
        "Left out: sequential would take 100.0 s at best; the limit is 60 s. "
        "Use fewer tasks or a shorter sleep"
    )
    assert screen.sentence is not None
    assert screen.sentence.startswith("500 jobs of 200 ms took ")
    assert [title for title in screen.titles if title.startswith("gather — ")]


def test_settings_stay_as_they_were_after_a_refusal() -> None:
    screen = race("sequential", "gather", tasks=500, sleep=200)
    assert screen.left_out.startswith("Left out: sequential ")
    assert screen.at.pills(key="compare patterns").value == ["sequential", "gather"]
    assert (screen.slid("tasks"), screen.slid("sleep")) == (500, 200)
    screen.slide(sleep=100)
    assert screen.left_out == ""
    assert screen.slid("tasks") == 500
    assert len({bars.plot for bars in screen.bars()}) == 2


def test_a_value_that_one_pattern_does_not_allow_is_refused_for_it_alone() -> None:
    screen = race("gather", "threads", tasks=20_000, sleep=10)
    assert screen.left_out.startswith(
        "Left out: threads: tasks is 20000; it must be at most 10,000"
    )
    runs = [title.partition(" — ")[0] for title in screen.titles if " — " in title]
    assert runs == ["gather"]


def test_what_this_python_lacks_is_left_out_and_the_rest_is_shown(too_new: Pattern) -> None:
    screen = race("gather", too_new.name, tasks=3, sleep=100)
    here = platform.python_version()
    assert screen.left_out == (
        f"Left out: task_group needs Python 99.1 or newer; this is Python {here}"
    )
    assert [title.partition(" — ")[0] for title in screen.titles] == ["gather"]
    assert screen.texts("error") == []


def test_large_runs_yet_to_come_show_how_many_jobs_are_in_flight_ideally() -> None:
    screen = race("gather", "create_task", tasks=10_000, sleep=1_000)
    assert screen.texts("info") == [PRESS_RUN]
    ideals = [trace for trace in screen.figure["data"] if trace.get("name") == "ideal"]
    assert len(ideals) == 2


def test_patterns_of_the_pitfalls_can_be_raced_too_with_the_knobs_that_they_take() -> None:
    screen = race("gather", tasks=3, sleep=100)
    screen.at.pills(key="compare pitfalls").set_value(["wait_for", "semaphore"])
    screen.run()
    assert screen.texts("error") == []
    names = [title.split(" ")[0] for title in screen.titles]
    assert names == ["gather", "wait_for", "semaphore"]
    labels = [each.label for each in screen.at.select_slider]
    assert labels == ["Tasks", "Sleep", "Limit", "Time-out"]
    screen.slide(limit=1)
    assert [bars.starts for bars in screen.bars()] == [[0, 0, 0], [0, 0, 0], [0, 100, 200]]


@pytest.mark.parametrize("pattern", [name for name in PATTERNS if name not in BASICS])
def test_each_pattern_of_the_pitfalls_can_be_raced_alone(pattern: str) -> None:
    need_python(PATTERNS[pattern])
    screen = race(tasks=3, sleep=100)
    screen.at.pills(key="compare pitfalls").set_value([pattern])
    expected = " — ideally " if PATTERNS[pattern].has_ideal else "<br>"
    assert screen.run().titles[0].startswith(f"{pattern}{expected}")


@pytest.mark.real
def test_one_job_of_each_run_can_be_made_to_fail() -> None:
    screen = race("gather", "threads", tasks=3, sleep=100)
    assert "Failing job" not in [each.label for each in screen.at.select_slider]
    screen.at.toggle(key="compare one fails").set_value(True)
    screen.run().slide(failing=2, **{"failing after": 50})
    screen.press("run").when_ended()
    assert screen.texts("error") == []
    for name in ("gather", "threads"):
        assert "Job 2 failed after " in screen.findings[name]
    assert "The pattern ended with RuntimeError: job 2 went wrong" in screen.findings["gather"]
    assert "speed-up" not in screen.at.table[0].value
