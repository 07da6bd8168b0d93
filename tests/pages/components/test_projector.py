from pages.components.markdown_text import escaped
from tests.pages.screen import Screen, blank


def projected(page: str) -> Screen:
    screen = blank(page, by_itself=False)
    screen.at.query_params["projector"] = "on"
    return screen.run()


def test_a_projected_page_has_its_controls_and_its_chart_alone() -> None:
    screen = projected("gather")
    assert screen.texts("markdown") == []
    assert screen.texts("code") == []
    assert {each.label for each in screen.at.select_slider} == {"Tasks", "Sleep"}
    assert screen.figure["layout"]["annotations"][0]["font"]["size"] > 18


def test_a_projected_run_says_its_sentence_and_no_more() -> None:
    screen = projected("gather").press("run").when_ended()
    assert screen.texts("markdown") == [f"**{escaped(str(screen.sentence))}**"]
    assert screen.folds == []
    assert screen.metrics == {}


def test_one_key_projects_a_page_and_shows_it_as_usual_again() -> None:
    screen = projected("compare").press("projector")
    assert "projector" not in dict(screen.at.query_params)
    assert screen.texts("title") != []
    screen.press("projector")
    assert dict(screen.at.query_params)["projector"] == "on"
    assert screen.texts("title") == []
