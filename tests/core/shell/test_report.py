""

from dataclasses import replace

from core.recording.recorder import JobError
from core.shell.report import notes, report, summary, transcript
from core.timeline.timeline import State
from tests.kit.handmade import timeline

# ruff: noqa: RUF001 - the typographic signs are meant


RUN = timeline((0, State.WAITING, 0, 10), wall_ms=10, printed=("hello", "", "bye"))


def test_the_table_compares_each_run_with_its_ideal_and_with_the_first_run() -> None:
    slow = timeline((0, State.WAITING, 0, 20), wall_ms=20, pattern="sequential")
    rows = [line.split("  ") for line in summary([slow, RUN]).splitlines()]
    cells = [[cell.strip() for cell in row if cell] for row in rows]
    assert cells == [
        ["pattern", "wall time", "ideal", "overhead", "recording cost", "speed-up"],
        ["sequential", "20.0 ms", "10.0 ms", "10.0 ms (+100.0%)", "≈ 0 ns", "1×"],
        ["gather", "10.0 ms", "10.0 ms", "0 ns (+0.0%)", "≈ 0 ns", "2×"],
    ]


def test_a_report_is_a_table_a_chart_sentences_and_a_transcript_of_each_run() -> None:
    parts = report([RUN, RUN], width=80).split("\n\n")
    assert parts[0].startswith("pattern ")
    assert parts[1].startswith("gather: 10.0 ms")
    assert [part.splitlines()[0] for part in parts[-2:]] == ["gather printed:"] * 2


def test_what_makes_a_run_special_is_said_below_the_chart() -> None:
    special = replace(
        RUN,
        startup_ns=35_000_000,
        dropped_events=1,
        error=JobError(kind="ValueError", message="no"),
    )
    assert notes([special]).splitlines()[1:] == [
        (
            "gather: The pool was up after 35.0 ms, before the clock started. "
            "The pattern ended with ValueError: no"
        ),
        "gather: 1 event was left out",
    ]
    assert len(notes([RUN]).splitlines()) == 1


def test_a_transcript_keeps_empty_lines_and_says_when_each_was_printed() -> None:
    assert transcript(RUN).splitlines() == [
        "gather printed:",
        "       10.0 ms  hello",
        "       10.0 ms",
        "       10.0 ms  bye",
    ]


def test_a_long_transcript_says_how_much_of_it_is_left_out() -> None:
    long = timeline((0, State.WAITING, 0, 10), wall_ms=10, printed=("line",) * 42)
    lines = transcript(long).splitlines()
    assert len(lines) == 1 + 40 + 1
    assert lines[-1].strip() == "2 more lines are left out"


def test_a_run_that_printed_nothing_has_no_transcript() -> None:
    silent = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    assert "printed" not in report([silent], width=80)
