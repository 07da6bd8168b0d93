""

import pytest

from core.analysis.span_classes import end_marks, span_classes
from core.text.language import NS_PER_MS
from pages.components.zoom import glossary_texts
from tests.kit.screen import Screen, blank


def opened_at(window: str, **settings: object) -> Screen:
    """Return the page on gather, not measured, as a link with a window opens it."""
    screen = blank("gather", by_itself=False, **settings)
    screen.at.query_params["window"] = window
    return screen.run()


def in_url(screen: Screen) -> list[str]:
    """Return each window that the URL names."""
    found = screen.at.query_params.get("window", [])
    return [found] if isinstance(found, str) else list(found)


def can_press(screen: Screen, button: str) -> bool:
    return any(each.key == f"gather zoom {button}" for each in screen.at.button)


def stretch(screen: Screen) -> tuple[float, float]:
    start, end = screen.figure["layout"]["xaxis"]["range"]
    return start, end


def test_a_link_with_a_window_shows_that_part_of_the_chart() -> None:
    screen = opened_at("50ms-150ms_jobs2-4")
    assert stretch(screen) == (50, 150)
    assert screen.labels[0] == ["job 2", "job 3", "job 4"]
    assert "50 ms to 150 ms, jobs 2 to 4 of 5" in screen.texts("caption")
    assert in_url(screen) == ["50ms-150ms_jobs2-4"]


def test_all_is_shown_again_with_one_click() -> None:
    screen = opened_at("50ms-150ms").press("zoom home")
    assert stretch(screen)[0] < 0
    assert in_url(screen) == []
    assert not can_press(screen, "home")


def test_a_chart_that_shows_all_has_nothing_to_zoom_out_of() -> None:
    screen = blank("gather", by_itself=False).run()
    assert not can_press(screen, "home")
    assert not can_press(screen, "out")
    assert "Or drag a box in the chart to zoom in." in screen.texts("caption")


@pytest.mark.parametrize(
    "word", ["x", "150ms-50ms", "0ms-1e9s", "0ms-9ms_jobs6-7", "<b>", "0ms-1ms_jobs0-1"]
)
def test_a_bad_window_shows_all_with_a_note_and_leaves_the_url(word: str) -> None:
    screen = opened_at(word)
    assert stretch(screen)[0] < 0
    (note,) = screen.texts("warning")
    assert "which is no part of this chart" in note
    assert in_url(screen) == []
    assert screen.run().texts("warning") == [note]


def test_sliders_show_another_window() -> None:
    screen = opened_at("50ms-150ms")
    screen.at.slider(key="gather zoom time").set_value((100.0, 150.0))
    assert stretch(screen.run()) == (100, 150)
    screen.at.slider(key="gather zoom jobs").set_value((2, 3))
    assert screen.run().labels[0] == ["job 2", "job 3"]
    assert in_url(screen) == ["100ms-150ms_jobs2-3"]


def test_a_zoom_by_jobs_alone_shows_all_of_the_time_and_writes_none() -> None:
    screen = opened_at("jobs2-3")
    assert screen.labels[0] == ["job 2", "job 3"]
    assert stretch(screen) == stretch(opened_at(""))
    assert screen.at.slider(key="gather zoom time").value == (0, 200)
    screen.at.slider(key="gather zoom jobs").set_value((2, 4))
    assert in_url(screen.run()) == ["jobs2-4"]
    screen.at.slider(key="gather zoom time").set_value((100.0, 200.0))
    assert in_url(screen.run()) == ["100ms-200ms_jobs2-4"]
    screen.at.slider(key="gather zoom time").set_value((0.0, 200.0))
    assert in_url(screen.run()) == ["jobs2-4"]


def test_sliders_stand_where_a_link_put_the_window() -> None:
    screen = opened_at("50ms-150ms_jobs2-4")
    assert screen.at.slider(key="gather zoom time").value == (50, 150)
    assert screen.at.slider(key="gather zoom jobs").value == (2, 4)


def test_sliders_over_all_zoom_out() -> None:
    screen = opened_at("50ms-150ms")
    screen.at.slider(key="gather zoom time").set_value((0.0, 200.0))
    assert in_url(screen.run()) == []


def test_a_window_goes_with_the_runs_that_it_is_of() -> None:
    screen = opened_at("50ms-150ms").slide(tasks=8)
    assert stretch(screen)[0] < 0
    assert in_url(screen) == []


def test_a_window_stays_when_a_control_moves_that_the_runs_do_not_know() -> None:
    screen = opened_at("50ms-150ms_jobs2-4").choose("lanes", "workers")
    assert stretch(screen) == (50, 150)
    assert "50 ms to 150 ms" in screen.texts("caption")
    assert screen.choose("lanes", "jobs").labels[0] == ["job 2", "job 3", "job 4"]


def test_the_window_follows_a_url_that_somebody_else_changed() -> None:
    screen = opened_at("50ms-150ms")
    screen.at.query_params["window"] = "0.02s-0.03s"
    assert stretch(screen.run()) == (20, 30)
    assert in_url(screen) == ["20ms-30ms"]
    del screen.at.query_params["window"]
    assert stretch(screen.run())[0] < 0


def test_a_window_stays_while_its_runs_are_measured_again() -> None:
    screen = opened_at("0ms-5ms").press("run").when_ended()
    assert stretch(screen) == (0, 5)
    whole = screen.press("zoom home")
    assert stretch(whole)[1] * NS_PER_MS > 10 * NS_PER_MS


def test_every_word_of_a_legend_is_explained() -> None:
    words = [look.name for look in span_classes().values()] + [
        mark.name for mark in end_marks().values()
    ]
    explained = [word for text in glossary_texts() for word in text.partition(":")[0].split(", ")]
    assert sorted(words) == sorted(set(words) & set(explained))
    assert {"ideal", "worker"} <= set(explained)
