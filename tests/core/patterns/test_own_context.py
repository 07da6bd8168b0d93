from tests.kit.sleeping import printed, run_sleeping
from tests.kit.virtual import ended_ms


def test_each_task_sees_what_was_set_in_its_context_alone() -> None:
    ran = run_sleeping("own_context", 4, 0.2)
    assert ran.returned.value == ["user 1", "user 2", "user 3", "user 4"]
    assert ended_ms(ran.timeline) == [200] * 4
    assert printed(ran, "here") == [(0, "here: nobody")]
