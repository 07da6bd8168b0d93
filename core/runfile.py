"""A run as a versioned JSON object: the contract with everything outside."""

import json
from collections.abc import Sequence

from core import metrics
from core.ideal import ideal
from core.recording.events import NOBODY, lane_name
from core.timeline import NO_CPU_TIME, On, State, Timeline

RUN_SCHEMA = "loopscope/run@1"
COMPARISON_SCHEMA = "loopscope/comparison@1"


def run_object(timeline: Timeline) -> dict[str, object]:
    """Return a timeline as plain data, with the keys and units that schema 1 promises."""
    return {
        "schema": RUN_SCHEMA,
        "spec": timeline.spec.as_dict(),
        "python": timeline.python,
        "wall_ns": timeline.wall_ns,
        "ideal_ns": ideal(timeline.spec).wall_ns,
        "recording_ns": timeline.recording_ns,
        "startup_ns": timeline.startup_ns,
        "dropped_events": timeline.dropped_events,
        "gil": timeline.has_gil,
        "cpu_ns": timeline.cpu_ns,
        "served": timeline.served,
        "start_method": timeline.start_method,
        "lanes": {lane_name(lane): label for lane, label in timeline.lane_labels.items()},
        "clock_uncertainty_ns": timeline.clock_uncertainty_ns,
        "error": timeline.error and timeline.error.as_dict(),
        "jobs": _jobs(timeline),
        "loop": {
            "busy_ns": metrics.loop_busy_ns(timeline),
            "longest_step_ns": metrics.longest_step_ns(timeline),
            "worst_lateness_ns": metrics.worst_lateness_ns(timeline),
        },
        "results": list(timeline.results),
        "log": [{"at_ns": line.at_ns, "text": line.text} for line in timeline.log],
    }


def comparison_object(timelines: Sequence[Timeline]) -> dict[str, object]:
    """Return several runs as plain data."""
    return {"schema": COMPARISON_SCHEMA, "runs": [run_object(each) for each in timelines]}


def as_json(value: dict[str, object]) -> str:
    """Return plain data as JSON text, names and messages in the letters they were written in."""
    return json.dumps(value, ensure_ascii=False)


def job_name(number: int) -> str:
    """Return a job's name; jobs are numbered from 0 and named from 1."""
    return f"job {number + 1}"


def _jobs(timeline: Timeline) -> list[dict[str, object]]:
    jobs = timeline.jobs
    spans: dict[int, list[dict[str, object]]] = {int(number): [] for number in jobs.number}
    for job, span in _spans(timeline):
        spans[job].append(span)
    return [
        {
            "id": int(jobs.number[row]),
            "name": job_name(int(jobs.number[row])),
            "outcome": str(jobs.outcome[row]),
            "error": error.as_dict() if (error := jobs.error[row]) else None,
            "result": jobs.result[row],
            "attempts": int(jobs.attempts[row]),
            "cancelled_ns": int(at_ns) if (at_ns := jobs.cancelled_ns[row]) != NOBODY else None,
            "cancelled_by": int(by) if (by := jobs.cancelled_by[row]) != NOBODY else None,
            "created_ns": int(jobs.created_ns[row]),
            "ended_ns": int(jobs.ended_ns[row]),
            "spans": spans[int(jobs.number[row])],
        }
        for row in range(len(jobs))
    ]


def _spans(timeline: Timeline) -> list[tuple[int, dict[str, object]]]:
    spans = timeline.spans
    columns = (
        spans.job,
        spans.state,
        spans.start_ns,
        spans.end_ns,
        spans.lane,
        spans.site,
        spans.on,
        spans.cpu_ns,
    )
    return [
        (
            job,
            {
                "state": State(state).word,
                "start_ns": start_ns,
                "end_ns": end_ns,
                "lane": lane_name(lane),
                "where": timeline.site_name(site),
                "on": On(on).name.lower() if state == State.WAITING else None,
                "cpu_ns": None if cpu_ns == NO_CPU_TIME else cpu_ns,
            },
        )
        for job, state, start_ns, end_ns, lane, site, on, cpu_ns in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]
