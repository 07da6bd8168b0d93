import pytest

import core
from core.analysis.findings_text import findings_text
from core.spec.ideal import schedule
from core.spec.run_spec import RunSpec
from core.timeline.timeline import State
from tests.kit.virtual import MS
from tests.kit.watching import group_members, measuring, wait_until

CHILD_NS = 100 * MS


@pytest.mark.real
def test_each_child_holds_the_loop_and_is_over_before_the_next_one_begins() -> None:
    run = core.run(RunSpec(pattern="blocking_child", tasks=3, sleep_s=0.05))
    spans = run.spans
    holding = (spans.state == State.RUNNING) & (spans.end_ns - spans.start_ns >= CHILD_NS)
    assert spans.job[holding].tolist() == [0, 1, 2]
    assert (spans.start_ns[holding][1:] >= spans.end_ns[holding][:-1]).all()
    assert run.results == ("job 1", "job 2", "job 3")
    said = "`subprocess.run(command, check=True)` held the event loop 3 times"
    assert findings_text(run).startswith(said)


def test_at_best_all_children_run_together_and_each_job_begins_after_its_own() -> None:
    best = schedule(RunSpec(pattern="blocking_child", tasks=3, sleep_s=0.05))
    assert best.start_ns == (CHILD_NS,) * 3
    assert best.wall_ns == CHILD_NS + 50 * MS


@pytest.mark.real
def test_of_a_run_that_is_stopped_no_child_is_left() -> None:
    with measuring(RunSpec(pattern="blocking_child", tasks=32)) as (_, child):
        # with the pattern's own; nothing is left of the group at the end
        wait_until(lambda: len(group_members(child.pid)) > 1)
