import math

import pytest

from core.errors import BadValue
from core.spec import checks

BECAUSE = "because it is a test"


@pytest.mark.parametrize("given", [1, 7])
def test_whole_numbers_up_to_the_most_are_good(given: int) -> None:
    assert checks.whole("tasks", given, most=7, why=BECAUSE) == given


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (0, "tasks is 0; it must be at least 1"),
        (8, "tasks is 8; it must be at most 7, because it is a test"),
        (1.0, "tasks is 1.0; it must be a whole number"),
        (True, "tasks is True; it must be a whole number"),
        ("1", "tasks is '1'; it must be a whole number"),
    ],
)
def test_any_other_number_is_refused_with_what_is_allowed(given: object, sentence: str) -> None:
    with pytest.raises(BadValue) as refusal:
        checks.whole("tasks", given, most=7, why=BECAUSE)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("given", [math.nan, math.inf, -0.1, True, "1", None])
def test_seconds_are_numbers_between_nothing_and_the_most(given: object) -> None:
    assert checks.seconds("sleep", 2, most=2, why="as no run is longer") == 2.0
    with pytest.raises(BadValue, match=r"^sleep is "):
        checks.seconds("sleep", given, most=2, why="as no run is longer")


@pytest.mark.parametrize("given", [math.nan, 1.1, -0.1, True, "1", None])
def test_a_share_lies_between_nothing_and_all(given: object) -> None:
    assert checks.share("rate", 1) == 1.0
    with pytest.raises(BadValue, match="it must be a share from 0 to 1"):
        checks.share("rate", given)


def test_a_word_is_one_of_those_allowed() -> None:
    assert checks.one_of("pattern", "b", ("a", "b")) == "b"
    with pytest.raises(BadValue, match="pattern is 'c'; it must be one of a, b"):
        checks.one_of("pattern", "c", ("a", "b"))
