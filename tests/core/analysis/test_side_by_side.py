"""Why times do not compare: a quiet line, and only where there are several runs."""

from dataclasses import replace

from core.analysis.side_by_side import caveats, details_texts, run_names, short_names
from core.jobs import OwnProgram
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State
from tests.kit.handmade import MS, timeline

WHOLE = timeline((0, State.WAITING, 0, 9), wall_ms=9)
LOST = timeline((0, State.WAITING, 0, 9), wall_ms=9, outcomes={0: Outcome.LOST})


def test_a_run_that_did_not_finish_all_of_its_jobs_is_not_compared() -> None:
    assert caveats([WHOLE, LOST]) == (
        "gather did not finish all of its jobs, so its time is not compared."
    )
    assert caveats([LOST, LOST]) == (
        "No run finished all of its jobs, so their times are not compared."
    )


def test_nothing_is_said_of_a_single_run_or_of_whole_ones() -> None:
    assert caveats([]) == caveats([LOST]) == ""
    assert caveats([WHOLE, WHOLE]) == ""


BUSY = replace(WHOLE, disturbed_ns=6 * MS)


def test_the_machine_is_told_quietly_once_with_the_longest_wait() -> None:
    said = "The machine had other work: threads of this run waited 6.00 ms for a processor."
    assert caveats([BUSY]) == said
    assert caveats([WHOLE, BUSY]) == (
        "The machine had other work while gather ran (its threads waited 6.00 ms for a processor), "
        "so its time is not compared."
    )
    assert caveats([BUSY, WHOLE, replace(BUSY, disturbed_ns=7 * MS)]) == (
        "The machine had other work while gather, gather ran (their threads waited up to 7.00 ms "
        "for a processor), so their times are not compared."
    )
    assert caveats([BUSY, BUSY]) == (
        "The machine had other work during all runs (threads waited up to 6.00 ms for a "
        "processor), so their times are not compared."
    )


def test_of_a_run_one_reason_is_enough() -> None:
    busy_and_lost = replace(LOST, disturbed_ns=6 * MS)
    assert caveats([WHOLE, busy_and_lost]).count("not compared") == 1


def test_a_late_start_is_told_of_one_of_several() -> None:
    late = timeline((0, State.WAITING, 20, 29), wall_ms=29)
    assert caveats([WHOLE, late]) == (
        "The first job of gather was created 20.0 ms after the start, so its time is not compared."
    )
    assert caveats([late]) == ""


def test_recordings_of_one_program_have_names_of_their_own() -> None:
    program = OwnProgram(command=("fetch.py",))
    labelled = replace(program, label="after")
    assert run_names([program, program, labelled]) == [
        "fetch.py",
        "fetch.py (2)",
        "fetch.py (after)",
    ]
    assert program == labelled


def test_a_run_is_named_by_its_pattern_alone_where_that_tells_it_from_the_others() -> None:
    pool = RunSpec(pattern="run_in_executor", tasks=5, sleep_s=0.05, executor="threads", workers=2)
    few, many = (
        RunSpec(pattern="semaphore", tasks=5, sleep_s=0.05, limit=limit) for limit in (2, 4)
    )
    assert short_names([pool, few, many]) == [
        "run_in_executor",
        "semaphore (at most 2 at once)",
        "semaphore (at most 4 at once)",
    ]


def test_below_titles_what_all_runs_use_is_said_once_and_as_common() -> None:
    pooled = RunSpec(
        pattern="run_in_executor", tasks=2, sleep_s=0.01, executor="threads", workers=3
    )
    assert details_texts([pooled]) == ["3 threads"]
    runs = [RunSpec(pattern=name, tasks=2, timeout_s=0.5) for name in ("timeout", "wait_for")]
    assert details_texts(runs) == ["in each run: time-out 500 ms", ""]
    limited = RunSpec(pattern="semaphore", tasks=2, workload="http", limit=2)
    alone = RunSpec(pattern="gather", tasks=2, workload="http")
    assert details_texts([limited, alone]) == [
        "at most 2 at once; in each run: web server, 20 connections",
        "",
    ]
    assert details_texts([]) == []
