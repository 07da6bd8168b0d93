from core.analysis.span_classes import span_classes
from core.charts.palette import GUESS_RANK, IDEAL_RANK, MARKS_RANK


def test_in_a_legend_the_ideal_is_before_the_spans_and_marks_and_guesses_are_after() -> None:
    ranks = sorted(each.rank for each in span_classes().values())
    assert IDEAL_RANK < ranks[0] <= ranks[-1] < MARKS_RANK < GUESS_RANK
