"""How runs end that nobody waits for: the tab closed, the process killed, the run replaced."""

import time
from collections.abc import Callable

import pytest

from core.processes import kill
from tests.kit.app import App
from tests.kit.chromium import Server

pytestmark = [pytest.mark.browser, pytest.mark.real]

PATIENCE_S = 10.0


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Return whether a condition comes true before patience ends."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def start_long_run(app: App, server: Server) -> set[int]:
    """Start a run of 25 s and return the processes that measure it."""
    app.open()
    app.await_result()
    app.toggle("Measure as I move")
    app.move_slider("Sleep", "End")
    app.page.get_by_text("Press Run to measure").wait_for()
    app.run()
    app.await_chart("chart.layout.annotations?.[0]?.text.includes('so far')")
    return server.measuring_children()


def test_closing_the_tab_ends_its_run(app: App, server: Server) -> None:
    measuring = start_long_run(app, server)
    assert measuring
    app.page.close()
    assert becomes_true(lambda: not measuring & server.measuring_children())


def test_a_killed_process_is_named_on_the_page_and_the_next_run_works(
    app: App, server: Server
) -> None:
    for pid in start_long_run(app, server):
        kill(pid)
    app.page.get_by_text("the measuring process ended unexpectedly (signal 9)").first.wait_for()
    app.move_slider("Sleep", "Home")
    app.page.get_by_text("Press Run to measure").wait_for()
    app.run()
    app.await_result()
    assert "sequential" in app.titles()[0]


def test_a_new_run_replaces_the_one_under_way(app: App, server: Server) -> None:
    measuring = start_long_run(app, server)
    app.move_slider("Sleep", "Home")
    app.page.get_by_text("Press Run to measure").wait_for()
    app.run()
    app.await_result()
    assert becomes_true(lambda: not measuring & server.measuring_children())
