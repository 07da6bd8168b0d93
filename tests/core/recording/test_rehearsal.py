import asyncio

from core.recording.rehearsal import rehearse


def test_a_rehearsal_leaves_no_loop_behind() -> None:
    policy = asyncio.get_event_loop_policy()
    rehearse()
    rehearse()
    assert asyncio._get_running_loop() is None
    assert asyncio.get_event_loop_policy() is policy
