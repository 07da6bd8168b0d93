from typing import ClassVar

from tests.kit.needs import need_packages
from tests.kit.screen import blank, opened
from tests.pages.pitfalls import LOOP, Pitfall

need_packages("aiohttp")

JOBS = [f"job {number}" for number in range(1, 4)]


class TestPitfall(Pitfall):
    page = "rate_limits"
    sides = (
        "hammer · web server",
        "rate_limited · web server",
        "retry_with_backoff · web server",
    )
    knobs = frozenset({"Requests/s", "Time-out", "Connections"})
    strips = (LOOP,)
    menu = frozenset({"spread", "lanes", "refused"})
    length = "Server's time"
    short: ClassVar = {"tasks": 3, "sleep": 20, "rate": 10, "timeout": 2_000}
    because = "Requests that the server refused for their rate: "
    findings: ClassVar = {"rate_limited": ["The server counted 3 requests"]}
    returned: ClassVar = {
        "hammer (time-out 2.00 s)": JOBS,
        "rate_limited": JOBS,
        "retry_with_backoff (time-out 2.00 s)": JOBS,
    }


def test_the_outline_has_a_job_for_each_token() -> None:
    screen = opened("rate_limits", by_itself=False, tasks=4, sleep=20, rate=10)
    (outline,) = screen.bars()
    assert outline.starts == [0, 100, 200, 300]


def test_in_a_hall_the_knobs_of_the_page_fit_one_row_and_the_others_are_in_the_menu() -> None:
    screen = blank("rate_limits", by_itself=False)
    screen.at.query_params["projector"] = "on"
    screen.run()
    (menu,) = [fold for fold in screen.at.expander if fold.label == "More"]
    folded = {each.label for each in menu.select_slider}
    in_bar = [each.label for each in screen.at.select_slider if each.label not in folded]
    assert in_bar == ["Tasks", "Server's time", "Time-out", "Requests/s"]
    assert "Connections" in folded
