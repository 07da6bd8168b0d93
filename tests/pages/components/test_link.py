from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.components.link import Link
from tests.kit.screen import Screen, blank, opened, unescaped

HERE = "https://example.org/app/compare"


def query(screen: Screen) -> dict[str, str]:
    words = dict(screen.at.query_params).items()
    return {name: word if isinstance(word, str) else word[-1] for name, word in words}


def opened_by(page: str, **asked: str) -> Screen:
    """Return a page that somebody opened by a link with settings in it."""
    screen = blank(page, by_itself=False)
    for name, word in asked.items():
        screen.at.query_params[name.replace("_", "-")] = word
    return screen.run()


def chosen(screen: Screen) -> list[str]:
    return list(screen.at.button_group(key="compare patterns").value or [])


def test_a_link_brings_back_where_the_settings_stood() -> None:
    screen = opened_by("gather", tasks="20", sleep="1000ms", spread="falling", lanes="workers")
    assert screen.slid("tasks") == 20
    assert screen.slid("sleep") == 1_000
    assert screen.at.segmented_control(key="gather spread").value == "falling"
    assert screen.at.segmented_control(key="gather lanes").value == "workers"
    assert screen.texts("warning") == []


def test_a_page_as_it_first_stands_needs_nothing_in_the_url() -> None:
    assert query(opened_by("gather")) == {"automatic": "off"}


def test_what_is_moved_goes_into_the_url_and_out_again() -> None:
    screen = opened_by("gather").slide(tasks=20, sleep=100)
    assert query(screen) == {"automatic": "off", "tasks": "20", "sleep": "100ms"}
    screen.slide(tasks=5)
    assert query(screen) == {"automatic": "off", "sleep": "100ms"}


def test_the_settings_follow_a_url_that_somebody_else_changed() -> None:
    screen = opened_by("gather").slide(tasks=20)
    screen.at.query_params["tasks"] = "8"
    assert screen.run().slid("tasks") == 8
    screen.at.query_params.clear()
    assert screen.run().slid("tasks") == 5
    screen.at.query_params["tasks"] = "8"
    assert screen.run().slid("tasks") == 8


@pytest.mark.parametrize(
    "word",
    ["", "7 jobs", "0", "-1", "nan", "inf", "200ms", "<script>", "5\\", "..\\..\\5", "9" * 5_000],
)
def test_a_value_that_is_not_on_offer_falls_back_with_a_note(word: str) -> None:
    screen = opened_by("gather", tasks=word, sleep="100ms")
    assert screen.slid("tasks") == 5
    assert screen.slid("sleep") == 100
    (note,) = screen.texts("warning")
    assert "not on offer here; so it is 5" in note.replace("\\", "")
    assert len(note) < 200
    assert "tasks" not in query(screen)


@pytest.mark.parametrize("word", ["0.02", "0.02s", "20ms", "20 ms", "2e-2"])
def test_a_time_counts_however_people_write_it(word: str) -> None:
    screen = opened_by("gather", sleep=word)
    assert screen.slid("sleep") == 20
    assert screen.texts("warning") == []


@pytest.mark.parametrize(
    ("name", "word", "step", "taken"),
    [("tasks", "12", 10, "10"), ("tasks", "13.5", 15, "15"), ("sleep", "0.13", 120, "120ms")],
)
def test_a_number_between_the_steps_goes_to_the_nearest_and_says_so(
    name: str, word: str, step: int, taken: str
) -> None:
    screen = opened_by("gather", **{name: word})
    assert screen.slid(name) == step
    (note,) = screen.texts("warning")
    assert unescaped(note).startswith(
        f"The link says {name}={word}; the nearest step here is {taken}. The steps: 1"
    )


def test_the_note_stays_until_a_setting_is_moved() -> None:
    screen = opened_by("gather", tasks="7", run="1").when_ended()
    assert len(screen.texts("warning")) == 1
    assert screen.run().slide(tasks=8).texts("warning") == []


def test_names_of_others_stay_in_the_url() -> None:
    path = "C:\\한글\\next"
    screen = opened_by("gather", lang="ko", utm="x", file=path).slide(tasks=20)
    assert query(screen)["lang"] == "ko"
    assert query(screen)["utm"] == "x"
    assert query(screen)["file"] == path


def test_the_patterns_of_a_comparison_are_in_its_link() -> None:
    screen = opened_by("compare", patterns="gather,threads", pitfalls="semaphore", limit="2")
    assert chosen(screen) == ["gather", "threads"]
    assert screen.slid("limit") == 2
    assert query(screen)["patterns"] == "gather,threads"


def test_a_link_may_choose_no_pattern() -> None:
    screen = opened_by("compare", patterns="")
    assert chosen(screen) == []
    assert screen.texts("warning") == []


def test_an_unknown_pattern_falls_back_to_the_first_ones_with_a_note() -> None:
    screen = opened_by("compare", patterns="gather,<b>evil</b>")
    assert chosen(screen) == ["sequential", "gather", "run_in_executor"]
    assert len(screen.texts("warning")) == 1


def test_a_setting_that_another_one_brings_up_is_in_the_link_too() -> None:
    screen = opened_by("run_in_executor", executor="threads", workers="8")
    assert screen.slid("workers") == 8


def test_a_link_can_ask_to_measure_at_once() -> None:
    idle, busy = opened_by("gather"), opened_by("gather", run="1")
    assert not idle.is_running
    assert idle.sentence is None
    assert busy.when_ended().sentence is not None


def test_a_link_that_measures_at_once_does_so_once() -> None:
    screen = opened_by("gather", run="1").when_ended().slide(tasks=8)
    assert not screen.is_running
    assert screen.sentence is None


def page_with_three_settings() -> None:
    import streamlit as st

    from pages.components import link

    here = link.begin("page")
    st.select_slider("tasks", [1, 5], key=here.one_of("tasks", {"1": 1, "5": 5}, 1))
    st.toggle("one fails", key=here.switch("one fails", first=False))
    st.pills("of", ["a", "b"], selection_mode="multi", key=here.some_of("of", ["a", "b"], []))
    here.write()
    st.session_state["whole"] = here.whole("https://example.org/app/page?tasks=9#x", runs=True)


def test_a_link_names_what_was_moved_and_what_else_the_url_says() -> None:
    at = AppTest.from_function(page_with_three_settings)
    at.query_params["of"], at.query_params["lang"] = "b,a", "ko"
    whole = urlsplit(at.run().session_state["whole"])
    assert whole.path == "/app/page"
    assert whole.fragment == ""
    assert parse_qs(whole.query, keep_blank_values=True) == {
        "of": ["b,a"],
        "lang": ["ko"],
        "run": ["1"],
    }


@given(given=st.dictionaries(st.text(), st.text()))
def test_no_link_ever_starts_a_run_but_by_asking_for_it(given: dict[str, str]) -> None:
    link = Link(page="page", given=given, seen=None)
    assert link.starts_run == (given.get("run") == "1")


@pytest.mark.parametrize(("name", "word"), [("run", "yes"), ("run", "<b>"), ("projector", "1")])
def test_a_switch_that_a_link_turns_in_vain_is_off_with_a_note(name: str, word: str) -> None:
    screen = opened_by("gather", **{name: word})
    (note,) = map(unescaped, screen.texts("warning"))
    assert f"{name}={word}, which is not on offer here; so it is" in note
    assert screen.texts("code") != []
    assert not screen.is_running


@pytest.mark.parametrize("words", [{"run": "0"}, {"projector": "off"}, {"utm": "anything"}])
def test_what_asks_for_nothing_needs_no_note(words: dict[str, str]) -> None:
    assert opened_by("gather", **words).texts("warning") == []


@pytest.mark.parametrize(
    ("page", "name"),
    [("gather", "spread"), ("gather", "lanes"), ("compare", "executor"), ("compare", "workload")],
)
def test_a_required_choice_that_is_empty_all_the_same_stands_where_it_first_does(
    page: str, name: str
) -> None:
    before = opened_by(page)
    screen = blank(page, by_itself=False)
    screen.at.session_state[f"{page} {name}"] = None
    assert query(screen.run()) == query(before)
    assert screen.titles == before.titles
    assert len(screen.press("link").at.code) > len(before.at.code)


def test_pills_without_a_list_count_as_none_chosen() -> None:
    link = Link(page="compare", given={}, seen=None)
    link.some_of("patterns", ["gather"], ["gather"])
    assert link.parameters["patterns"].written(None) == ""


def test_the_link_names_what_was_moved_and_stands_beside_its_qr_code() -> None:
    screen = opened("gather", by_itself=False).slide(tasks=20).press("link")
    (address,) = [code.value for code in screen.at.code if "tasks=" in code.value]
    assert address.endswith(("?automatic=off&tasks=20", "?tasks=20&automatic=off"))
    assert len(screen.at.get("image")) == 1


def test_the_link_can_ask_to_measure_at_once() -> None:
    screen = opened("gather", by_itself=False).press("link")
    screen.at.toggle(key="gather link runs").set_value(True)
    screen.press("link")
    assert [code.value for code in screen.at.code if code.value.endswith("&run=1")]


def test_a_link_that_no_qr_code_can_hold_stands_there_without_one() -> None:
    screen = blank("gather", by_itself=False)
    screen.at.query_params["utm"] = "x" * 5_000
    screen.run().press("link")
    assert [code for code in screen.at.code if "utm=xxx" in code.value]
    assert len(screen.at.get("image")) == 0
    assert "The link is too long for a QR code." in screen.texts("info")
