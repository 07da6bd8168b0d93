"""What can go wrong with the workers of a run: one class a situation.

Each holds values and makes its sentence of them when it is read. Its own sentence is English, as
this package has no other language. The values go along under `VALUES`, in a recording and in a run
file, and the sentence is made again in the language of the reader where the run is shown.
"""

from concurrent.futures import BrokenExecutor
from string import Formatter
from typing import ClassVar

VALUES = "_loopscope_values"
"""The attribute in which an exception holds what its message is made of, by names."""
Value = str | int | float
MAX_VALUES = 10


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues of messages, and return it as it is."""
    return sentence


class RecordingError(Exception):
    """The base of the recorder's own errors, which are raised from the values of one sentence.

    Attributes:
        sentences: In English, with places; the one that has a place for each value, and no other,
            is the message.
    """

    sentences: ClassVar[tuple[str, ...]]

    def __init__(self, **values: Value) -> None:
        super().__init__()
        setattr(self, VALUES, values)

    def __str__(self) -> str:
        values: dict[str, Value] = getattr(self, VALUES)
        (sentence,) = (each for each in self.sentences if places_in(each) == values.keys())
        return sentence.format(**values)


def places_in(sentence: str) -> set[str]:
    """Return the names of the places in a sentence that is to be formatted."""
    return {name for _text, name, _form, _how in Formatter().parse(sentence) if name}


class WorkerLost(RecordingError, BrokenExecutor):
    """A worker ended while it had something to do."""

    sentences = (
        _("worker process {pid} was killed by signal {signal}"),
        _("worker process {pid} ended with exit code {code}"),
        _("worker process {pid} ended"),
        _("worker processes ended, by a signal or with an exit code: {ends}"),
        _("one of {workers} worker processes ended"),
        _("all {workers} Dask workers of this run are gone, the last was {last}"),
    )


class SchedulerLost(RecordingError, BrokenExecutor):
    """The connection to the Dask scheduler broke, and with it all that is known of the jobs."""

    sentences = (_("the connection to the Dask scheduler at {address} is lost"),)


class ClusterUnfit(RecordingError):
    """A Dask cluster cannot be used for a run; the message says why and what to do."""

    sentences = (
        _(
            "no Dask scheduler answers at {address} within {limit:.0f} s ({reason}); "
            "start it, or choose another executor"
        ),
        _(
            "{asked} Dask workers are asked for, and after {limit:.0f} s the scheduler has "
            "{there}; start more workers, or ask for fewer"
        ),
        _(
            "{asked} Dask workers are asked for, and of {there} the scheduler has {fit} with one "
            "thread and no job left over from another run; start workers with --nthreads 1, or ask "
            "for fewer"
        ),
        _(
            "the Dask worker {address} runs Python {theirs}, and this is Python {ours}; "
            "start workers of the same version"
        ),
    )


class NoWorkerProcess(RecordingError):
    """A pool's processes did not start in time."""

    sentences = (
        _("no worker process came up within {limit:.0f} s"),
        _(
            "the process that starts workers ended ({reason}); the system may allow no more "
            "processes: ask for fewer, or raise `ulimit -u` or the container's limit"
        ),
    )


class NoMoreThreads(RecordingError):
    """The system starts no more threads or processes: it counts both against the same limits."""

    sentences = (
        _(
            "the system starts no more threads or processes ({reason}): ask for fewer, or raise "
            "`ulimit -u` or the container's limit"
        ),
    )


class NoSharedMemory(RecordingError):
    """Processes cannot share semaphores on this machine; on Linux these live in /dev/shm."""

    sentences = (
        _(
            "processes share semaphores in /dev/shm, which cannot be used here ({reason}); "
            "mount it, or choose another executor"
        ),
    )


RECORDING_ERRORS: tuple[type[RecordingError], ...] = (
    *(WorkerLost, SchedulerLost, ClusterUnfit, NoWorkerProcess, NoMoreThreads, NoSharedMemory),
)
