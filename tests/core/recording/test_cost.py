"""What recording costs, as far as no time is asserted."""

from core.recording.cost import cost_per_event_ns


def test_the_cost_is_a_number_that_is_not_negative() -> None:
    assert cost_per_event_ns() >= 0
