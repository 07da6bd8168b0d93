"""The benchmark of charts draws the same spans both ways; its figures are not judged."""

import json

import pytest

from benchmarks.charts import (
    Cost,
    Row,
    Size,
    our_build,
    paint_s,
    report,
    rival_build,
    spans_table,
)
from core.timeline.timeline import Outcome
from tests.kit.needs import need_chromium
from tests.kit.random_runs import random_run

SIZE = Size(spans=100, rounds=1, rival_rounds=1, rival_limit_s=30)
EMPTY = Cost(build_s=(0.0,), paint_s=(0.05,), size_bytes=30)


def test_random_runs_have_as_many_spans_as_asked_for_and_are_the_same_each_time() -> None:
    once, again = random_run(5_000), random_run(5_000)
    assert len(once.spans) == 5_000
    assert once.spans.start_ns.tolist() == again.spans.start_ns.tolist()
    assert once.spans.is_blocking.sum() == 3
    assert once.jobs.outcome.count(Outcome.FAILED) == 10


def test_both_ways_draw_the_same_spans() -> None:
    run = random_run(2_000)
    assert len(spans_table(run)) == 2_000
    for text in (our_build(run), rival_build(spans_table(run))):
        assert json.loads(text)["data"]


def test_a_paint_that_was_given_up_counts_as_a_lower_bound() -> None:
    ours = Cost(build_s=(0.1,), paint_s=(0.1,), size_bytes=1_000)
    rival = Cost(build_s=(1.0,), paint_s=(None,), size_bytes=9_000)
    *_, last, _, nothing = report([Row(size=SIZE, ours=ours, rival=rival)], EMPTY).splitlines()
    assert nothing == "A chart without any data is painted in 50 ms."
    cells = [cell.strip() for cell in last.strip("|").split("|")]
    assert cells == ["100", "100", "1", "100", "1,000", "9", "> 30,000", "> 155"]


def test_a_size_without_a_rival_has_a_row_all_the_same() -> None:
    ours = Cost(build_s=(0.1,), paint_s=(0.1,), size_bytes=1_000)
    assert " - |\n" in report([Row(size=SIZE, ours=ours, rival=None)], EMPTY)


@pytest.mark.browser
def test_a_figure_is_painted() -> None:
    need_chromium()
    took_s = paint_s(our_build(random_run(2_000)), limit_s=30)
    assert took_s is not None
    assert took_s > 0
