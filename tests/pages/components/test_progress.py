from streamlit.testing.v1 import AppTest

from core.measuring.turns import Wait
from core.services import MAKERS
from pages.components.progress import texts, turn_text


def page() -> None:
    from pages.components import progress

    progress.show(["postgres", "dask"])


def test_every_service_has_a_text_for_the_time_that_it_takes_to_start() -> None:
    assert set(texts()) == set(MAKERS)


def test_what_is_being_started_is_said_line_by_line() -> None:
    at = AppTest.from_function(page).run()
    assert [info.value for info in at.info] == [
        "Starting PostgreSQL …",
        "Starting the Dask cluster …",
    ]


def test_who_waits_is_told_the_place_and_about_how_long() -> None:
    assert turn_text(Wait(place=3, seconds=3.2)) == (
        "Waiting for its turn: place 3 in the queue, about 4 s …"
    )
    assert turn_text(Wait(place=1, seconds=0)).endswith("about 1 s …")
