from dataclasses import replace

from core.analysis.findings_text import findings_text
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import ended_ms


def test_no_task_sees_what_is_set_after_it_was_made_though_before_it_began() -> None:
    ran = run_sleeping("set_after", 4, 0.2)
    assert ran.returned.value == ["nobody"] * 4
    assert list(ran.timeline.jobs.result) == ["nobody"] * 4
    assert ended_ms(ran.timeline) == [200] * 4
    spans = ran.timeline.spans
    running = spans.start_ns[spans.state == State.RUNNING]
    assert ran.timeline.jobs.created_ns.max() < running.min()


def test_that_all_say_the_same_is_told() -> None:
    run = run_sleeping("set_after", 4).timeline
    run = replace(run, program=RunSpec(pattern="set_after", tasks=4, sleep_s=0.2))
    assert findings_text(run) == "All 4 jobs returned the same: nobody."
