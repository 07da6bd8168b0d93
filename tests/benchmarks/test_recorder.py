"""The benchmark of the recorder gives every row that it should; its figures are not judged."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import recorder
from benchmarks.programs import programs
from benchmarks.recorder import LOOP_HEADINGS, POOL_HEADINGS, Report, Size, measure, tables
from benchmarks.report import marked, put_between_markers
from benchmarks.rivals import EVERYBODY, RIVAL_HEADINGS
from tests.kit.needs import need_packages

TINY = Size(
    jobs=(5,),
    jobs_per_row=5,
    least_pairs=1,
    rival_jobs=3,
    rival_rounds=1,
    rival_programs=(0,),
)

need_packages("viztracer", "yappi", "pyinstrument")


@pytest.fixture(scope="module")
def report() -> Report:
    return measure(TINY)


def test_there_is_a_row_for_each_program_and_number_of_jobs(report: Report) -> None:
    assert [(row.program, row.jobs) for row in report.loop] == [
        (program.name, 5) for program in programs()
    ]
    assert [row.jobs for row in report.pool] == [5]


def test_all_events_of_a_job_are_counted(report: Report) -> None:
    created, first_step, steps, callback_of_gather = 1, 1, 10, 1
    yields = report.loop[0]
    pattern_and_closing = 10
    least = created + first_step + steps + callback_of_gather
    assert least <= yields.events_per_job < least + pattern_and_closing / 5 + 1


def test_what_is_shipped_is_a_row_and_little_beside_it(report: Report) -> None:
    assert all(row.bytes_shipped_per_event >= 56 for row in report.loop)


def test_every_tool_watches_the_same_program(report: Report) -> None:
    _, *tools = EVERYBODY
    name = programs(1)[0].name
    assert [(row.program, row.tool) for row in report.rivals] == [(name, tool) for tool in tools]


def test_every_tool_leaves_a_file(report: Report) -> None:
    assert all(row.file_bytes > row.compressed_bytes > 0 for row in report.rivals)


def test_compressed_forms_are_smaller(report: Report) -> None:
    written = [form.written_bytes for form in report.forms]
    assert min(written) > 0
    assert written[1] < written[0]
    assert written[2] < written[0]


def test_what_keeps_every_event_says_how_many(report: Report) -> None:
    counted = {row.tool for row in report.rivals if row.entries}
    assert counted == {"Loopscope", "viztracer"}


def test_the_tables_have_a_line_for_each_row(report: Report) -> None:
    lines = [line for line in tables(report).splitlines() if line.startswith("|")]
    columns = [line.count("|") - 1 for line in lines]
    assert columns == [
        *[len(LOOP_HEADINGS)] * (len(report.loop) + 2),
        *[3] * (len(report.pieces) - 1 + 2),
        *[len(RIVAL_HEADINGS)] * (len(report.rivals) + 2),
        *[4] * (len(report.forms) + 2),
        *[len(POOL_HEADINGS)] * (len(report.pool) + 2),
    ]


def test_the_report_names_the_machine_and_the_python(report: Report) -> None:
    first = tables(report).splitlines()[0]
    assert report.machine in first
    assert report.python in first


def test_asked_for_json_it_prints_nothing_else(
    report: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recorder, "measure", lambda size, progress: report)
    recorder.main(["--quick", "--json", "-"])
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(asdict(report)))


def test_a_page_gets_the_tables_between_its_markers(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{marked(recorder.TABLE, 'old')}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(recorder, "measure", lambda size, progress: report)
    recorder.main(["--markdown", str(page)])
    new = marked(recorder.TABLE, tables(report))
    assert page.read_text(encoding="utf-8") == f"before\n{new}\nafter\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no markers\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the markers"):
        put_between_markers(page, recorder.TABLE, "text")
    assert page.read_text(encoding="utf-8") == "no markers\n"
