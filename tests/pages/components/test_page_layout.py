from dataclasses import fields

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.page_layout import PageLayout
from tests.kit.screen import SCRIPT_LIMIT_S

FOLDED = {"choices", "details", "spread", "failure", "switches"}


def labels(at: AppTest, kind: str) -> set[str]:
    """Return the labels of the buttons inside of all blocks of a kind."""
    found: set[str] = set()

    def walk(block: object, *, inside: bool) -> None:
        for child in getattr(block, "children", {}).values():
            within = inside or getattr(child, "type", "") == kind
            if within and getattr(child, "type", "") == "button":
                found.add(child.label)
            walk(child, inside=within)

    walk(at.main, inside=False)
    return found


@pytest.mark.parametrize(("projected", "folded"), [(False, set()), (True, FOLDED)])
def test_in_a_hall_all_is_folded_away_but_two_sliders_and_the_buttons(
    *, projected: bool, folded: set[str]
) -> None:
    def page() -> None:
        from dataclasses import fields

        from pages.components import page_layout

        places = page_layout.laid_out()
        for each in fields(places):
            getattr(places, each.name).button(each.name)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    if projected:
        at.query_params["projector"] = "on"
    at.run()
    assert {button.label for button in at.button} == {each.name for each in fields(PageLayout)}
    assert labels(at, "popover") == folded


def page() -> None:
    import streamlit as st

    from pages.components import page_layout

    page_layout.lazy_expander("Expander", lambda: st.text("expander"), key="expander")
    page_layout.lazy_expander("Open", lambda: st.text("open"), key="open", unfolded=True)


@pytest.mark.parametrize("unfolded", [[], ["expander"]])
def test_what_is_folded_is_made_once_it_is_unfolded(unfolded: list[str]) -> None:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S)
    for key in unfolded:
        at.session_state[key] = True
    at.run()
    assert {text.value for text in at.text} == {"open", *unfolded}


def test_what_is_unfolded_at_first_can_be_folded() -> None:
    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S).run()
    at.session_state["open"] = False
    at.run()
    assert len(at.text) == 0
