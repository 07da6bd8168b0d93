"""What finished runs may take of a server's memory."""

import pytest

from core.errors import RunLetGo
from core.measuring.comparison import Comparison
from core.measuring.forking import Spares
from core.measuring.result_cache import Kept
from core.services import Services
from core.spec.run_spec import RunSpec
from tests.kit.watching import LIMIT_S

pytestmark = pytest.mark.real

SPEC = RunSpec(pattern="gather", tasks=3, sleep_s=0.01)


def measured() -> Comparison:
    comparison = Comparison([SPEC], Spares(0), Services())
    assert comparison.ended.wait(LIMIT_S)
    return comparison


def texts(comparison: Comparison) -> list[str]:
    return [str(each.error or "") for each in comparison.measurements]


def test_the_oldest_is_let_go_when_there_is_no_room_and_says_so() -> None:
    first, second, third = measured(), measured(), measured()
    size = first.measurements[0].size_bytes
    assert size > 0
    kept = Kept(most_bytes=int(2.5 * size))
    for comparison in (first, second):
        kept.keep(comparison)
    assert (texts(first), texts(second)) == ([""], [""])
    kept.keep(third)
    assert texts(first) == ["this run was let go to make room for others; run again"]
    assert isinstance(first.measurements[0].error, RunLetGo)
    assert first.measurements[0].timeline() is None
    assert (texts(second), texts(third)) == ([""], [""])
    assert kept.size_bytes <= 2.5 * size


def test_the_latest_is_kept_however_large_it_is() -> None:
    kept = Kept(most_bytes=1)
    comparison = measured()
    kept.keep(comparison)
    assert texts(comparison) == [""]
    assert comparison.measurements[0].timeline() is not None


def test_what_is_forgotten_makes_room_for_others() -> None:
    kept = Kept(most_bytes=1)
    first, second = measured(), measured()
    kept.keep(first)
    kept.forget(first)
    assert kept.size_bytes == 0
    kept.keep(second)
    assert texts(first) == [""]


def test_a_finished_timeline_stays_when_its_rows_are_gone() -> None:
    comparison = measured()
    (measurement,) = comparison.measurements
    size = measurement.size_bytes
    timeline = measurement.timeline()
    assert timeline is not None
    assert len(timeline.jobs) == 3
    assert not measurement._received.events
    assert measurement.timeline() is timeline
    assert measurement.size_bytes == size
