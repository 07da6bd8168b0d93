"""How large one run is in several forms: the run file, and other ways to write the same."""

import gzip
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from benchmarks.programs import Sample
from benchmarks.report import table
from core.runfile import dump
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Spans, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A way to write a run down, and what that took."""

    name: str
    written_bytes: int
    write_s: float


def timeline_of(run: Sample, jobs: int) -> Timeline:
    """Return the timeline of a recorded gather."""
    recording = Recording(
        events=run.events,
        started_ns=run.returned.started_ns,
        returned_ns=run.returned.returned_ns,
        sites=run.sites,
        job_results={number: str(number) for number in range(jobs)},
    )
    return assemble(RunSpec(pattern="gather", tasks=jobs, sleep_s=0.001), recording)


def forms(run: Sample, jobs: int) -> list[Form]:
    """Return the forms of a run, the run file first."""
    timeline = timeline_of(run, jobs)
    ways: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("the run file: JSON", lambda: dump([timeline])),
        ("the run file, compressed", lambda: gzip.compress(dump([timeline]))),
        ("only spans, JSON in columns", lambda: _columns(timeline.spans)),
        ("only spans, JSON in columns of differences", lambda: _differences(timeline.spans)),
        ("the same, compressed", lambda: gzip.compress(_differences(timeline.spans))),
        ("the rows as they were recorded", lambda: run.events),
        ("the rows, compressed", lambda: gzip.compress(run.events)),
    )
    return [_form(name, write) for name, write in ways]


def _form(name: str, write: Callable[[], bytes]) -> Form:
    start_ns = time.process_time_ns()
    written = write()
    return Form(
        name=name,
        written_bytes=len(written),
        write_s=(time.process_time_ns() - start_ns) / 1e9,
    )


def _columns(spans: Spans) -> bytes:
    columns = {field.name: getattr(spans, field.name).tolist() for field in fields(spans)}
    return json.dumps(columns, separators=(",", ":")).encode()


def _differences(spans: Spans) -> bytes:
    columns = {
        field.name: np.diff(getattr(spans, field.name), prepend=0).tolist()
        for field in fields(spans)
    }
    return json.dumps(columns, separators=(",", ":")).encode()


def form_lines(found: Sequence[Form], tracer_bytes: int) -> list[str]:
    """Return the lines of a table that compares the forms with the file of a tracer."""
    cells = [
        (
            form.name,
            f"{form.written_bytes / 1e6:.2f}",
            f"{form.write_s:.3f}",
            f"{tracer_bytes / form.written_bytes:.0f}",
        )
        for form in found
    ]
    return table(("form", "MB", "s to write", "times smaller than viztracer's file"), cells)
