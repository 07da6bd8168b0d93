""

from dataclasses import replace
from itertools import product

from core.recording.recorder import JobError
from core.shell.report import chart, legend, notes, report, summary, transcript
from core.spec.run_spec import RunSpec
from core.text.language import speak
from core.text.legible import display_width
from core.timeline.timeline import Outcome, State
from tests.kit.handmade import MS, process_of, timeline

RUN = timeline((0, State.WAITING, 0, 10), wall_ms=10, printed=("hello", "", "bye"))


def test_the_table_compares_each_run_with_its_ideal_and_with_the_first_run() -> None:
    slow = timeline((0, State.WAITING, 0, 20), wall_ms=20, pattern="sequential")
    rows = [line.split("  ") for line in summary([slow, RUN], width=100).splitlines()]
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
    assert notes([special], width=200).splitlines()[1:] == [
        (
            "gather: Starting the pool took 35.0 ms, which is not part of the wall time. "
            "The pattern ended with ValueError: no"
        ),
        "gather: 1 event was left out",
    ]
    assert len(notes([RUN], width=200).splitlines()) == 1


def test_a_transcript_keeps_empty_lines_and_says_when_each_was_printed() -> None:
    assert transcript(RUN, "gather", width=80).splitlines() == [
        "gather printed:",
        "       10.0 ms  hello",
        "       10.0 ms",
        "       10.0 ms  bye",
    ]


def test_a_long_transcript_says_how_much_of_it_is_left_out() -> None:
    long = timeline((0, State.WAITING, 0, 10), wall_ms=10, printed=("line",) * 42)
    lines = transcript(long, "gather", width=80).splitlines()
    assert len(lines) == 1 + 40 + 1
    assert lines[-1].strip() == "2 more lines are left out"


def test_a_run_that_printed_nothing_has_no_transcript() -> None:
    silent = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    assert "printed" not in report([silent], width=80)


NAME_WIDTH = len("job 1 ")
WIDTH = NAME_WIDTH + 20 + 1


def rows(text: str) -> list[str]:
    """Return what stands behind the jobs' names."""
    return [line[NAME_WIDTH:] for line in text.splitlines() if line.startswith("job ")]


def test_each_state_has_a_sign_of_its_own() -> None:
    run = timeline(
        (0, State.QUEUED, 0, 4),
        (0, State.READY, 4, 8),
        (0, State.RUNNING, 8, 12),
        (0, State.WAITING, 12, 16),
        (0, State.WORKING, 16, 20),
        wall_ms=20,
    )
    assert rows(chart([run], width=WIDTH)) == ["::::!!!!####....====|"]


def test_a_span_that_holds_the_loop_for_ten_milliseconds_is_blocking() -> None:
    run = timeline((0, State.RUNNING, 0, 9), (0, State.WAITING, 9, 10), wall_ms=20)
    assert rows(chart([run], width=WIDTH)) == ["#########.          |"]
    run = timeline((0, State.RUNNING, 0, 10), wall_ms=20)
    assert rows(chart([run], width=WIDTH)) == ["BBBBBBBBBB          |"]


def test_blocking_shows_even_where_it_is_the_smallest_part_of_a_character() -> None:
    run = timeline(
        (0, State.WAITING, 0, 970),
        (0, State.RUNNING, 970, 981),
        (0, State.WAITING, 981, 2000),
        wall_ms=2000,
    )
    assert rows(chart([run], width=WIDTH)) == [".........B..........|"]


def test_a_character_shows_the_state_that_took_most_of_it() -> None:
    run = timeline((0, State.WAITING, 0, 6), (0, State.WORKING, 6, 200), wall_ms=200)
    assert rows(chart([run], width=WIDTH)) == [".===================|"]
    run = timeline((0, State.WAITING, 0, 4), (0, State.WORKING, 4, 200), wall_ms=200)
    assert rows(chart([run], width=WIDTH)) == ["====================|"]


def test_an_end_that_is_no_success_shows_where_it_happened() -> None:
    outcomes = {0: Outcome.FAILED, 1: Outcome.CANCELLED, 2: Outcome.LOST, 3: Outcome.OK}
    spans = [(job, State.WAITING, 0, 10) for job in range(4)]
    text = chart([timeline(*spans, wall_ms=20, outcomes=outcomes)], width=WIDTH)
    assert [row[9] for row in rows(text)] == ["x", "c", "?", "."]


def test_runs_of_a_comparison_share_one_axis_and_each_shows_its_end() -> None:
    slow = timeline((0, State.WAITING, 0, 20), wall_ms=20, pattern="sequential")
    fast = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    text = chart([slow, fast], width=WIDTH)
    assert rows(text) == ["....................|", "..........|"]
    assert "gather: 10.0 ms, 2" in text


def test_a_child_process_stands_where_it_began_on_the_axis_of_its_parent() -> None:
    main = process_of(timeline((0, State.WAITING, 0, 20), wall_ms=20))
    child = process_of(timeline((0, State.RUNNING, 0, 5), wall_ms=5), began_ms=10)
    text = chart([main, child], width=WIDTH)
    assert rows(text) == ["....................|", "          #####|"]
    assert "work.py (pid 110): 5.00 ms,\n  began 10.0 ms later" in text


def test_what_goes_on_after_the_pattern_returned_is_drawn_over_the_end() -> None:
    run = timeline((0, State.WAITING, 0, 20), (1, State.WAITING, 0, 5), wall_ms=10)
    assert rows(chart([run], width=WIDTH)) == ["....................", ".....     |"]


def test_a_job_begins_where_it_was_created() -> None:
    run = timeline((0, State.WAITING, 0, 10), (1, State.WAITING, 10, 20), wall_ms=20)
    assert rows(chart([run], width=WIDTH))[1] == "          ..........|"


def test_past_the_most_rows_the_jobs_left_out_are_counted() -> None:
    spans = [(job, State.WAITING, 0, 20) for job in range(45)]
    text = chart([timeline(*spans, wall_ms=20)], width=80)
    assert len(rows(text)) == 40
    assert "5 more jobs are left out" in text
    assert "1 more job is left out" in chart([timeline(*spans[:41], wall_ms=20)], width=80)


def test_a_comparison_shares_the_rows_among_its_runs() -> None:
    run = timeline(*[(job, State.WAITING, 0, 20) for job in range(30)], wall_ms=20)
    text = chart([run, run, run, run], width=80)
    assert len(rows(text)) == 40
    assert text.count("20 more jobs are left out") == 4


def test_no_line_of_the_chart_is_wider_than_the_screen() -> None:
    run = timeline((0, State.WAITING, 0, 20), (1, State.WORKING, 3, 17), wall_ms=20)
    for width in (40, 79, 80, 200):
        upper_part = chart([run], width=width).split("\n\n")[:2]
        assert max(len(line) for part in upper_part for line in part.splitlines()) <= width


def test_a_screen_too_narrow_still_gets_a_chart() -> None:
    run = timeline((0, State.WAITING, 0, 20), wall_ms=20)
    assert rows(chart([run], width=3)) == ["....................|"]


def test_the_axis_names_round_times() -> None:
    run = timeline((0, State.WAITING, 0, 203), wall_ms=203)
    axis = chart([run], width=NAME_WIDTH + 80 + 1).split("\n\n")[1].splitlines()
    assert [part.strip() for part in axis[1].split("  ") if part] == [
        "0",
        "50.0 ms",
        "100 ms",
        "150 ms",
    ]
    marks = [at for at, sign in enumerate(axis[0]) if sign == "+"]
    assert all(axis[1][at] != " " for at in marks[:4])


def test_a_run_without_jobs_and_without_duration_has_a_title() -> None:
    assert chart([timeline(wall_ms=0)], width=40).startswith("gather: 0 ns\n")


def test_the_legend_has_words_for_every_sign_in_a_row() -> None:
    text = legend(MS, width=80)
    for sign in (":", "!", "#", "B", ".", "=", "x c ?", "|"):
        assert f"\n  {sign} " in text
    assert text.startswith("One character is 1.00 ms,")


def test_the_title_of_a_disturbed_run_says_so_in_place_of_a_factor() -> None:
    first = timeline((0, State.WAITING, 0, 40), wall_ms=40)
    second = replace(timeline((0, State.WAITING, 0, 20), wall_ms=20), disturbed_ns=5 * MS)
    titles = [line for line in chart([first, second], width=80).splitlines() if "gather:" in line]
    assert titles == ["gather: 40.0 ms", "gather: 20.0 ms, disturbed"]


def test_a_report_of_long_names_fits_the_screen_in_both_languages() -> None:
    held = [(0, State.RUNNING, 0, 400), (1, State.READY, 0, 400), (1, State.RUNNING, 400, 401)]
    runs = [
        timeline(*held, wall_ms=401, spec=spec, printed=("a long line " * 20,))
        for spec in (
            RunSpec(pattern="unreferenced_tasks", tasks=2, workload="http"),
            RunSpec(pattern="run_in_executor", tasks=2, workload="cpu", executor="processes"),
        )
    ]
    for language, width in product(("en", "ko"), (72, 80, 132)):
        speak(language)
        lines = report(runs, width=width).splitlines()
        assert max(map(display_width, lines)) <= width
    speak("en")


def test_a_slower_run_has_a_factor_that_can_be_read() -> None:
    slow = timeline((0, State.WAITING, 0, 800), wall_ms=800)
    like = timeline((0, State.WAITING, 0, 10), wall_ms=10)
    cells = [
        line.split("  ")[-1].strip() for line in summary([RUN, slow, like], width=120).split("\n")
    ]
    assert cells == ["speed-up", "1×", "80× slower", "1×"]
