"""The benchmark of reading gives a row for each size; its figures are not judged."""

import pytest

from benchmarks.reading import HEADINGS, Reading, main, read_afresh, read_once, recorded, tables
from core.recording.events import BYTES_PER_EVENT
from core.spec.run_spec import RunSpec
from core.timeline.assemble import Recording, assemble
from core.timeline.timeline import Outcome, State


def test_the_rows_are_those_of_jobs_that_wait_between_their_steps() -> None:
    events = recorded(jobs=3, steps=2)
    assert len(events) == (3 + 3 * 2) * BYTES_PER_EVENT
    timeline = assemble(
        RunSpec(pattern="gather", tasks=3, sleep_s=0.001),
        Recording(events=events, started_ns=0, returned_ns=10_000),
    )
    assert timeline.jobs.outcome == (Outcome.OK,) * 3
    life = [State.WAITING, State.READY, State.RUNNING] * 2
    for job in range(3):
        spans = timeline.spans.state[timeline.spans.job == job]
        assert spans.tolist() == life


def test_what_is_read_is_counted() -> None:
    reading = read_once(jobs=5, steps=2)
    assert (reading.jobs, reading.rows, reading.spans) == (5, 15, 30)


@pytest.mark.real
def test_a_fresh_process_reads_and_the_table_has_a_line_for_it() -> None:
    lines = tables([read_afresh(5, 2, rounds=1)]).splitlines()
    assert [line.count("|") for line in lines[2:]] == [len(HEADINGS) + 1] * 3
    assert "| 5 " in lines[-1]


def test_one_reading_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--once", "5", "2"])
    assert set(Reading.__dataclass_fields__) <= set(capsys.readouterr().out.split('"'))
