"""From timelines to the run file."""

import json
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from core import metrics
from core.ideal import ideal
from core.recording.events import NOBODY, lane_name
from core.recording.recorder import JobError
from core.runfile.layout import (
    ComparisonFields,
    ErrorFields,
    JobFields,
    LineFields,
    LoopFields,
    OnWord,
    OutcomeWord,
    RunFields,
    Setting,
    SpanFields,
    StateWord,
    StepFields,
)
from core.timeline import NO_CPU_TIME, Integers, On, State, Timeline


def dump(timelines: Sequence[Timeline]) -> bytes:
    """Return a run file of one timeline, or a comparison file of any other number of them.

    100,000 jobs with 600,000 spans take some two seconds.
    """
    fields = _run(timelines[0]) if len(timelines) == 1 else _comparison(timelines)
    return msgspec.json.encode(fields)


def run_object(timeline: Timeline) -> dict[str, object]:
    """Return a timeline as plain data, with the keys and units that schema 1 promises."""
    return cast("dict[str, object]", msgspec.to_builtins(_run(timeline)))


def comparison_object(timelines: Sequence[Timeline]) -> dict[str, object]:
    """Return several runs as plain data."""
    return cast("dict[str, object]", msgspec.to_builtins(_comparison(timelines)))


def as_json(value: dict[str, object]) -> str:
    """Return plain data as JSON text, names and messages in the letters they were written in."""
    return json.dumps(value, ensure_ascii=False)


def job_name(number: int) -> str:
    """Return a job's name; jobs are numbered from 0 and named from 1."""
    return f"job {number + 1}"


def _comparison(timelines: Sequence[Timeline]) -> ComparisonFields:
    return ComparisonFields(runs=[_run(each) for each in timelines])


def _run(timeline: Timeline) -> RunFields:
    return RunFields(
        spec=cast("dict[str, Setting]", timeline.spec.as_dict()),
        python=timeline.python,
        wall_ns=timeline.wall_ns,
        ideal_ns=ideal(timeline.spec).wall_ns,
        recording_ns=timeline.recording_ns,
        startup_ns=timeline.startup_ns,
        dropped_events=timeline.dropped_events,
        dropped_lines=timeline.dropped_lines,
        dropped_results=timeline.dropped_results,
        memory_before_bytes=timeline.memory_before_bytes,
        memory_peak_bytes=timeline.memory_peak_bytes,
        finished=timeline.finished,
        gil=timeline.has_gil,
        cpu_ns=timeline.cpu_ns,
        served=timeline.served,
        start_method=timeline.start_method,
        lanes={lane_name(lane): label for lane, label in timeline.lane_labels.items()},
        clock_uncertainty_ns=timeline.clock_uncertainty_ns,
        error=_error(timeline.error),
        jobs=_jobs(timeline),
        loop=LoopFields(
            busy_ns=metrics.loop_busy_ns(timeline),
            longest_step_ns=metrics.longest_step_ns(timeline),
            worst_lateness_ns=metrics.worst_lateness_ns(timeline),
        ),
        results=list(timeline.results),
        log=[LineFields(at_ns=line.at_ns, text=line.text) for line in timeline.log],
        sites=list(timeline.sites),
        span_sites=timeline.spans.site.tolist(),
        span_wakers=timeline.spans.waker.tolist(),
        steps=StepFields(
            start_ns=timeline.steps.start_ns.tolist(),
            end_ns=timeline.steps.end_ns.tolist(),
            site=timeline.steps.site.tolist(),
        ),
    )


def _error(error: JobError | None) -> ErrorFields | None:
    return None if error is None else ErrorFields(type=error.kind, message=error.message)


def _jobs(timeline: Timeline) -> list[JobFields]:
    jobs = timeline.jobs
    spans: dict[int, list[SpanFields]] = {number: [] for number in jobs.number.tolist()}
    for number, span in zip(timeline.spans.job.tolist(), _spans(timeline), strict=True):
        spans[number].append(span)
    columns = (
        jobs.number.tolist(),
        cast("tuple[OutcomeWord, ...]", jobs.outcome),
        jobs.error,
        jobs.result,
        jobs.attempts.tolist(),
        _none_for(NOBODY, jobs.cancelled_ns),
        _none_for(NOBODY, jobs.cancelled_by),
        jobs.created_ns.tolist(),
        jobs.ended_ns.tolist(),
    )
    return [
        JobFields(
            id=number,
            name=job_name(number),
            outcome=outcome,
            error=_error(error),
            result=result,
            attempts=attempts,
            cancelled_ns=cancelled_ns,
            cancelled_by=cancelled_by,
            created_ns=created_ns,
            ended_ns=ended_ns,
            spans=spans[number],
        )
        for (
            number,
            outcome,
            error,
            result,
            attempts,
            cancelled_ns,
            cancelled_by,
            created_ns,
            ended_ns,
        ) in zip(*columns, strict=True)
    ]


def _spans(timeline: Timeline) -> list[SpanFields]:
    spans = timeline.spans
    state_words = {int(state): cast("StateWord", state.word) for state in State}
    on_words: dict[int, OnWord] = {int(on): cast("OnWord", on.name.lower()) for on in On}
    lanes = {code: lane_name(code) for code in set(spans.lane.tolist())}
    where = {site: timeline.site_name(site) for site in set(spans.site.tolist())}
    columns: tuple[Sequence[Any], ...] = (
        spans.state.tolist(),
        spans.start_ns.tolist(),
        spans.end_ns.tolist(),
        spans.lane.tolist(),
        spans.site.tolist(),
        spans.on.tolist(),
        _none_for(NO_CPU_TIME, spans.cpu_ns),
    )
    return [
        SpanFields(
            state=state_words[state],
            start_ns=start_ns,
            end_ns=end_ns,
            lane=lanes[lane],
            where=where[site],
            on=on_words[on] if state == State.WAITING else None,
            cpu_ns=cpu_ns,
        )
        for state, start_ns, end_ns, lane, site, on, cpu_ns in zip(*columns, strict=True)
    ]


def _none_for(missing: int, column: Integers) -> list[int | None]:
    return [None if value == missing else value for value in column.tolist()]
