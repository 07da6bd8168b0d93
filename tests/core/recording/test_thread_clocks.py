"""The clocks of threads, as Linux keeps them."""

import os
import threading
import time
from pathlib import Path

import pytest

from core.recording.thread_clocks import ThreadClocks, thread_clocks

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="the kernel tells nothing of threads"
)


@pytest.fixture
def clocks() -> ThreadClocks:
    found = thread_clocks()
    assert found is not None
    return found


def test_a_thread_that_works_runs_and_the_process_with_it(clocks: ThreadClocks) -> None:
    me = threading.get_native_id()
    before = clocks.of_thread(me)
    begun_ns = time.thread_time_ns()
    while time.thread_time_ns() - begun_ns < 20_000_000:
        pass
    after = clocks.of_thread(me)
    assert before is not None
    assert after is not None
    assert after.cpu_ns - before.cpu_ns >= 20_000_000
    assert after.process_ns - before.process_ns >= 20_000_000
    assert after.delay_ns >= before.delay_ns


def test_another_thread_is_known_while_it_lives(clocks: ThreadClocks) -> None:
    known, done = threading.Event(), threading.Event()
    numbers = []

    def wait() -> None:
        numbers.append(threading.get_native_id())
        known.set()
        done.wait(10)

    thread = threading.Thread(target=wait)
    thread.start()
    assert known.wait(10)
    (number,) = numbers
    assert clocks.of_thread(number) is not None
    assert number in clocks.all_delays()
    done.set()
    thread.join()
    while (Path("/proc/self/task") / str(number)).exists():
        time.sleep(0.001)  # the system's thread outlives Python's by a moment
    assert clocks.of_thread(number) is None
    assert number not in clocks.all_delays()


def test_of_a_thread_that_has_ended_the_delay_is_kept(
    clocks: ThreadClocks,
) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait, args=(10,))
    thread.start()
    clocks.delays = {thread.native_id or 0: 5_000, threading.get_native_id(): 7_000}
    clocks.read_delays()
    assert clocks.delay_of_ended_ns == 0
    done.set()
    clocks.delays[thread.native_id or 0] = 5_000
    thread.join()
    clocks.read_delays()
    clocks.read_delays()
    assert clocks.delay_of_ended_ns == 5_000


def test_a_thread_that_reads_waits_in_a_call_and_one_at_a_lock_does_not(
    clocks: ThreadClocks,
) -> None:
    reader, writer = os.pipe()
    lock = threading.Lock()
    lock.acquire()
    threads = [
        threading.Thread(target=os.read, args=(reader, 1)),
        threading.Thread(target=lock.acquire),
    ]
    for thread in threads:
        thread.start()
    reading, locked = (thread.native_id or 0 for thread in threads)
    try:
        give_up_s = time.monotonic() + 10
        while not clocks.waits_in_call(reading) and time.monotonic() < give_up_s:
            time.sleep(0.001)
        assert clocks.waits_in_call(reading)
        assert not clocks.waits_in_call(locked)
    finally:
        os.write(writer, b"x")
        lock.release()
        for thread in threads:
            thread.join()
        os.close(reader)
        os.close(writer)
