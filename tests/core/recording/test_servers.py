"""A server of somebody else's with the flight recorder in it."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from core.analysis.findings import Hold, holds
from core.timeline.timeline import State
from tests.core.recording.test_file_recording import recorded
from tests.kit.asgi import BLOCKING_LINE, RECORDED, AsgiServer, serving
from tests.kit.needs import need_packages, needs_sigint, posix_only
from tests.kit.watching import wait_until

need_packages("uvicorn")
pytestmark = pytest.mark.real


def end(server: AsgiServer) -> tuple[int, str]:
    """Ask a server to end; return its status and all that it has printed."""
    server.process.send_signal(signal.SIGINT)
    printed, _ = server.process.communicate(timeout=20)
    return server.process.returncode, printed


@needs_sigint
def test_a_server_ends_as_it_does_without_the_recorder(tmp_path: Path) -> None:
    ends = []
    for name, options in (("bare", ()), ("recorded", RECORDED)):
        with serving(tmp_path / name, *options) as server:
            for path in ("/", "/thread", "/"):
                server.ask(path)
            ends.append(end(server))
    assert ends[0] == ends[1]


def test_a_handler_that_blocks_is_named_by_its_line_in_a_cut_of_its_own(tmp_path: Path) -> None:
    with serving(tmp_path / "app", *RECORDED, LOOPSCOPE_SLOW_STEP_MS="100") as server:
        server.ask()
        assert server.ask("/blocks") >= 0.3
        # On a busy machine the server's own first step may be long, too, and have a cut.
        wait_until(lambda: held_at_the_line(tmp_path / "app"))
        (longest,) = held_at_the_line(tmp_path / "app")
    assert longest.longest_ns >= 300_000_000


def held_at_the_line(folder: Path) -> list[Hold]:
    """Return what the cuts in a folder say of the line that blocks."""
    found = [hold for cut in folder.glob("*.loopscope") for hold in holds(recorded(cut))]
    return [hold for hold in found if hold.where == BLOCKING_LINE]


def test_a_slow_step_that_makes_no_sense_ends_the_server_in_one_line(tmp_path: Path) -> None:
    line = (
        "loopscope: LOOPSCOPE_SLOW_STEP_MS is 'slow'; it must be a number of milliseconds above 0\n"
    )
    with (
        pytest.raises(AssertionError, match=re.escape(line)),
        serving(tmp_path / "app", *RECORDED, LOOPSCOPE_SLOW_STEP_MS="slow"),
    ):
        pass


@posix_only("SIGUSR2")
def test_a_signal_asks_for_a_cut_whose_jobs_are_requests_and_calls_in_threads(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "app", *RECORDED) as server:
        for path in ("/", "/thread"):
            server.ask(path)
        subprocess.run(["kill", "-USR2", str(server.process.pid)], check=True)
        wait_until(lambda: list((tmp_path / "app").glob("*.loopscope")))
        (cut,) = (tmp_path / "app").glob("*.loopscope")
        timeline = recorded(cut)
    call = timeline.jobs.name.index("sleep")
    assert State.WORKING in timeline.spans.state[timeline.spans.job == call]
    of_requests = [name for name in timeline.jobs.name if name.startswith("Task-")]
    assert len(of_requests) >= 2
