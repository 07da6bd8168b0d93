"""Why times do not compare: told quietly, and only where there are several."""

from core.analysis.why_not_comparable import incomplete_sentence
from core.timeline.timeline import Outcome, State
from tests.kit.handmade import timeline

WHOLE = timeline((0, State.WAITING, 0, 9), wall_ms=9)
LOST = timeline((0, State.WAITING, 0, 9), wall_ms=9, outcomes={0: Outcome.LOST})


def test_a_run_that_did_not_finish_all_of_its_jobs_is_not_compared() -> None:
    assert incomplete_sentence([WHOLE, LOST]) == (
        "gather did not finish all of its jobs, so its time cannot be compared."
    )
    assert incomplete_sentence([LOST, LOST]) == (
        "gather, gather did not finish all of their jobs, so their times cannot be compared."
    )


def test_nothing_is_said_of_a_single_run_or_of_whole_ones() -> None:
    assert incomplete_sentence([]) == incomplete_sentence([LOST]) == ""
    assert incomplete_sentence([WHOLE, WHOLE]) == ""
