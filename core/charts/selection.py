"""A run reduced to some of its jobs."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from core.timeline.timeline import Integers, Jobs, Timeline


def of_jobs(timeline: Timeline, first: int, last: int) -> Timeline:
    """Return the same run with the jobs from one number to another only, and their spans."""
    jobs, spans = timeline.jobs, timeline.spans
    kept = np.flatnonzero((jobs.number >= first) & (jobs.number <= last))
    mask = (spans.job >= first) & (spans.job <= last)
    columns = {each.name: getattr(spans, each.name)[mask] for each in fields(spans)}
    return replace(timeline, jobs=_chosen(jobs, kept), spans=replace(spans, **columns))


def _chosen(jobs: Jobs, kept: Integers) -> Jobs:
    columns: dict[str, Any] = {}
    for each in fields(jobs):
        column = getattr(jobs, each.name)
        is_array = isinstance(column, np.ndarray)
        columns[each.name] = column[kept] if is_array else tuple(column[job] for job in kept)
    return replace(jobs, **columns)
