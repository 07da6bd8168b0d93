from core.analysis.findings_text import findings_text
from tests.kit.sleeping import NAMES, run_sleeping
from tests.kit.virtual import ended_ms


def test_a_generator_that_is_closed_holds_up_nobody() -> None:
    ran = run_sleeping("with_aclosing", 4, 0.2)
    assert ended_ms(ran.timeline) == [200] * 4
    assert ran.returned.value == NAMES[4]
    assert findings_text(ran.timeline) == ""
