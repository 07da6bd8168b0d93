from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import ended_ms


def test_each_task_has_a_copy_of_what_was_set_before() -> None:
    ran = run_sleeping("set_before", 4, 0.2)
    assert ran.returned.value == ["Ada"] * 4
    assert ended_ms(ran.timeline) == [200] * 4


def test_what_was_set_is_gone_in_the_next_run() -> None:
    run_sleeping("set_before", 2)
    assert run_sleeping("set_after", 2).returned.value == ["nobody"] * 2
