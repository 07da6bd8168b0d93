"""The policy: loops that a program makes by itself are recorded, and only meanwhile."""

import asyncio
import warnings

import pytest

from core.recording.loop import RecordingLoop
from core.recording.policy import loops_made_by
from core.recording.recorder import Recorder


def recording_loop() -> RecordingLoop:
    return RecordingLoop(Recorder())


async def own_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_a_loop_that_asyncio_makes_meanwhile_is_one_of_ours() -> None:
    with loops_made_by(recording_loop):
        assert isinstance(asyncio.run(own_loop()), RecordingLoop)
        with asyncio.Runner() as runner:
            assert isinstance(runner.run(own_loop()), RecordingLoop)
    assert not isinstance(asyncio.run(own_loop()), RecordingLoop)


def test_a_loop_that_is_made_by_hand_is_one_of_ours() -> None:
    with loops_made_by(recording_loop):
        loop = asyncio.new_event_loop()
    loop.close()
    assert isinstance(loop, RecordingLoop)


def test_there_is_no_current_loop_at_first_whatever_was_before() -> None:
    before = asyncio.new_event_loop()
    asyncio.set_event_loop(before)
    try:
        with loops_made_by(recording_loop), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made = asyncio.get_event_loop()
            made.close()
        assert asyncio.get_event_loop() is before
    finally:
        asyncio.set_event_loop(None)
        before.close()
    assert isinstance(made, RecordingLoop)


def test_the_policy_of_before_is_back_afterwards_and_after_an_error() -> None:
    before = asyncio.get_event_loop_policy()
    with loops_made_by(recording_loop):
        assert asyncio.get_event_loop_policy() is not before
    assert asyncio.get_event_loop_policy() is before
    with pytest.raises(LookupError), loops_made_by(recording_loop):
        raise LookupError
    assert asyncio.get_event_loop_policy() is before
