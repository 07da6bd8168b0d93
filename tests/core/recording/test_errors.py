"""The recorder's own errors hold values, and make their sentence when they are read."""

import copy

import pytest

from core.recording import errors
from core.recording.errors import (
    RECORDING_ERRORS,
    ClusterUnfit,
    NoMoreThreads,
    NoSharedMemory,
    NoWorkerProcess,
    RecordingError,
    SchedulerLost,
    WorkerLost,
    places_in,
)
from core.recording.recorder import JobError

SENTENCES = [
    (WorkerLost(pid=7, signal=9), "worker process 7 was killed by signal 9"),
    (WorkerLost(pid=7, code=3), "worker process 7 ended with exit code 3"),
    (WorkerLost(pid=7), "worker process 7 ended"),
    (
        WorkerLost(ends="7 (SIGKILL), 8 (3)"),
        "worker processes ended, by a signal or with an exit code: 7 (SIGKILL), 8 (3)",
    ),
    (WorkerLost(workers=2), "one of 2 worker processes ended"),
    (
        WorkerLost(workers=2, last="tcp://a:1"),
        "all 2 Dask workers of this run are gone, the last was tcp://a:1",
    ),
    (
        SchedulerLost(address="tcp://a:1"),
        "the connection to the Dask scheduler at tcp://a:1 is lost",
    ),
    (
        ClusterUnfit(address="tcp://a:1", limit=8.0, reason="refused"),
        (
            "no Dask scheduler answers at tcp://a:1 within 8 s (refused); "
            "start it, or choose another executor"
        ),
    ),
    (
        ClusterUnfit(asked=3, limit=20.0, there=2),
        (
            "3 Dask workers are asked for, and after 20 s the scheduler has 2; "
            "start more workers, or ask for fewer"
        ),
    ),
    (
        ClusterUnfit(asked=3, there=3, fit=2),
        (
            "3 Dask workers are asked for, and of 3 the scheduler has 2 with one thread and no job "
            "left over from another run; start workers with --nthreads 1, or ask for fewer"
        ),
    ),
    (
        ClusterUnfit(address="tcp://a:1", theirs="3.9.1", ours="3.11"),
        (
            "the Dask worker tcp://a:1 runs Python 3.9.1, and this is Python 3.11; "
            "start workers of the same version"
        ),
    ),
    (NoWorkerProcess(limit=30.0), "no worker process came up within 30 s"),
    (
        NoWorkerProcess(reason="unexpected EOF"),
        (
            "the process that starts workers ended (unexpected EOF); the system may allow no more "
            "processes: ask for fewer, or raise `ulimit -u` or the container's limit"
        ),
    ),
    (
        NoMoreThreads(reason="can't start new thread"),
        (
            "the system starts no more threads or processes (can't start new thread): ask for "
            "fewer, or raise `ulimit -u` or the container's limit"
        ),
    ),
    (
        NoSharedMemory(reason="Read-only file system"),
        (
            "processes share semaphores in /dev/shm, which cannot be used here "
            "(Read-only file system); mount it, or choose another executor"
        ),
    ),
]
"""Each sentence of each class."""


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_an_error_says_what_happened_also_after_its_way_out_of_a_worker(
    error: RecordingError, sentence: str
) -> None:
    assert str(error) == sentence
    # by what it is pickled by
    assert JobError.of(copy.deepcopy(error)) == JobError.of(error)
    assert JobError.of(error).message == sentence


def test_every_sentence_of_every_class_is_pinned() -> None:
    classes = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, RecordingError)
    }
    assert set(RECORDING_ERRORS) == classes - {RecordingError}
    pinned = {
        (type(error), frozenset(dict(JobError.of(error).values))) for error, _text in SENTENCES
    }
    there = {
        (each, frozenset(places_in(sentence)))
        for each in RECORDING_ERRORS
        for sentence in each.sentences
    }
    assert pinned == there
    assert len(there) == sum(len(each.sentences) for each in RECORDING_ERRORS)
