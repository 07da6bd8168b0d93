"""The recorded handles, as asyncio shows them and tells of their failures."""

import asyncio
import re
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from core.recording.loop import RecordingLoop, recorded_loops
from core.recording.recorder import Recorder


def nothing() -> None:
    """Do nothing, to be called by a loop."""


def described(make_loop: Callable[[], asyncio.AbstractEventLoop]) -> list[str]:
    """Return how the handles of each kind describe themselves in debug mode, less the times."""
    loop = make_loop()
    loop.set_debug(True)
    try:
        handles = [
            loop.call_soon(nothing),
            loop.call_soon_threadsafe(nothing),
            loop.call_later(60, nothing),
        ]
        return [re.sub(r"when=[\d.]+", "when", repr(handle)) for handle in handles]
    finally:
        loop.close()


def test_handles_describe_themselves_as_without_recording() -> None:
    recorded = described(lambda: RecordingLoop(Recorder()))
    assert recorded == described(asyncio.new_event_loop)
    assert all("test_handles.py" in text.partition("created at")[2] for text in recorded)


def fail(text: str) -> None:
    """Fail, called by a loop."""
    raise ValueError(text)


def told_of_a_failure(make_loop: Callable[[], asyncio.AbstractEventLoop]) -> list[object]:
    """Return what the loop's exception handler is told of a callback that fails."""
    contexts: list[dict[str, Any]] = []
    loop = make_loop()
    loop.set_exception_handler(lambda _, context: contexts.append(context))
    try:
        handle = loop.call_soon(fail, "on purpose")
        loop.call_soon(loop.stop)
        loop.run_forever()
    finally:
        loop.close()
    [context] = contexts
    frames = traceback.extract_tb(context["exception"].__traceback__)
    return [
        sorted(context),
        context["message"],
        repr(context["exception"]),
        context["handle"] is handle,
        repr(handle),
        [frames[0].name, frames[-1].name],
    ]


def test_a_failing_callback_is_told_of_as_without_recording() -> None:
    recorded = told_of_a_failure(lambda: RecordingLoop(Recorder()))
    assert recorded == told_of_a_failure(asyncio.new_event_loop)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_ends_the_program_passes_through_a_callback(kind: type[BaseException]) -> None:
    def end() -> None:
        raise kind

    loop = RecordingLoop(Recorder())
    try:
        loop.call_soon(end)
        with pytest.raises(kind):
            loop.run_forever()
    finally:
        loop.close()


@pytest.mark.parametrize("debug", [False, True])
def test_a_handle_has_all_that_the_base_class_gives_it(debug: bool) -> None:
    loop, bare = RecordingLoop(Recorder()), asyncio.new_event_loop()
    try:
        loop.set_debug(debug)
        recorded, usual = loop.call_soon(nothing), asyncio.Handle(nothing, (), bare)
        names = [name for name in asyncio.Handle.__slots__ if not name.startswith("__")]
        assert [hasattr(recorded, name) for name in names] == [
            hasattr(usual, name) for name in names
        ]
    finally:
        loop.close()
        bare.close()


def test_a_thread_that_cancels_a_callback_taken_over_waits_for_the_end_of_its_run() -> None:
    """From Python 3.14 on; before, `cancel` never waited."""
    ended: list[str] = []
    begun, asked = threading.Event(), threading.Event()

    def runs() -> None:
        begun.set()
        asked.wait(10)
        time.sleep(0.01)
        ended.append("run")

    def cancels() -> None:
        begun.wait(10)
        asked.set()
        handle.cancel()
        ended.append("cancel")

    with recorded_loops(Recorder()), asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        loop = runner.get_loop()
        handle = loop.call_soon_threadsafe(runs)
        thread = threading.Thread(target=cancels)
        thread.start()
        runner.run(asyncio.sleep(0))
        thread.join()
    if sys.version_info >= (3, 14):
        assert ended == ["run", "cancel"]
    assert sorted(ended) == ["cancel", "run"]


def with_two_files_ready(
    make_loop: Callable[[], asyncio.AbstractEventLoop], act: Callable[..., object], *, debug: bool
) -> tuple[list[object], list[list[str]]]:
    """Let `act` be called for one of two files that become ready at once.

    Return what it has noted, and the lines at which handles that failed say that they were made.
    """
    loop = make_loop()
    loop.set_debug(debug)
    called: list[object] = []
    made: list[list[str]] = []

    def fails(_: object, context: dict[str, Any]) -> None:
        stack = context.get("source_traceback") or ()
        made.append([frame.line or "" for frame in stack if frame.filename == __file__][-1:])

    loop.set_exception_handler(fails)
    pairs = [socket.socketpair() for _ in range(2)]
    try:
        for reader, writer in pairs:
            loop.add_reader(reader, act, loop, called, reader, [each for each, _ in pairs])
            writer.send(b"x")
        loop.call_later(0.01, loop.stop)
        loop.run_forever()
    finally:
        for reader, writer in pairs:
            loop.remove_reader(reader)
            reader.close()
            writer.close()
        loop.close()
    return called, made


def remove_both(
    loop: asyncio.AbstractEventLoop, called: list[object], _: object, both: list[Any]
) -> None:
    """Let nobody be called for either file any more."""
    called.append("called")
    for reader in both:
        loop.remove_reader(reader)


def remove_and_fail(
    loop: asyncio.AbstractEventLoop, _: object, reader: Any, both: list[Any]
) -> None:
    """Let nobody be called for a file any more, and fail."""
    assert reader in both
    loop.remove_reader(reader)
    raise ValueError


def test_a_file_that_is_ready_and_left_alone_is_not_asked_for() -> None:
    recorded = with_two_files_ready(lambda: RecordingLoop(Recorder()), remove_both, debug=False)
    assert recorded == (["called"], [])


def test_the_handle_of_a_file_says_where_it_was_made() -> None:
    recorded = with_two_files_ready(lambda: RecordingLoop(Recorder()), remove_and_fail, debug=True)
    bare = with_two_files_ready(asyncio.new_event_loop, remove_and_fail, debug=True)
    assert recorded == bare
    (_, made) = recorded
    assert ["add_reader" in line for (line,) in made] == [True, True]
