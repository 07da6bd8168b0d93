"""What holds for every page that stands in the frame, whatever it shows."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.contents import titles
from pages.components.entry import THROUGH_APP
from tests.kit.screen import SCRIPT_LIMIT_S


def shown(name: str, **query: str) -> AppTest:
    def page(name: str) -> None:
        import streamlit as st

        from pages.components.frame import framed, show_text, show_title

        with framed(name) as here:
            show_title("The title")
            show_text("To read")
            st.caption(here.page)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S, args=(name,))
    at.session_state[THROUGH_APP] = True
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert [error.value for error in at.exception] == []
    return at


@pytest.mark.parametrize("name", list(titles()))
def test_a_page_of_a_lecture_ends_with_its_keys(name: str) -> None:
    keys = [button.key for button in shown(name).button]
    assert keys[-3:] == [f"{name} L", f"{name} M", f"{name} projector"]


def test_a_page_beside_a_lecture_can_be_projected_and_has_no_other_key() -> None:
    assert [button.key for button in shown("open_file").button] == ["open_file projector"]


def test_a_page_shows_its_title_and_text_but_where_it_is_projected() -> None:
    usual, projected = shown("gather"), shown("gather", projector="on")
    assert [each.value for each in usual.title] == ["The title"]
    assert [each.value for each in usual.markdown] == ["To read"]
    assert (len(projected.title), len(projected.markdown)) == (0, 0)
    assert [each.value for each in projected.caption] == ["gather"]


def test_a_page_speaks_the_language_of_its_url() -> None:
    (projector,) = shown("open_file", lang="ko").button
    assert projector.label == "발표 모드"
