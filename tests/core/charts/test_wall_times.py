from dataclasses import replace

from core.charts.layout import DENSE
from core.charts.panel import Panel
from core.charts.style import USUAL
from core.charts.wall_times import names_of, wall_text, wall_times
from core.spec.ideal import ideal
from core.spec.run_spec import RunSpec
from tests.core.charts.figures import laid_out
from tests.kit.handmade import MS
from tests.kit.large import large_run, panel_of

SPEC = RunSpec(pattern="gather", tasks=2_000, sleep_s=0.05)
SLOW = replace(large_run(2_000, at_once=10), spec=SPEC)
FAST = replace(large_run(2_000, at_once=500), spec=SPEC)


def test_all_runs_stand_on_one_scale_with_their_ideals() -> None:
    panels = [panel_of(SLOW), panel_of(FAST), Panel(spec=SPEC, title="to come")]
    figure = laid_out([wall_times(panels)], DENSE, USUAL)
    bars, ideals = figure.data
    unit_ns = wall_times(panels).axis.unit_ns
    assert list(bars.x) == [SLOW.wall_ns / unit_ns, FAST.wall_ns / unit_ns, 0]
    assert list(ideals.x) == [ideal(SPEC).wall_ns / unit_ns] * 3
    assert len(figure.layout.annotations) == 1 + len(panels)


def test_a_guess_is_marked_in_the_row_of_its_run() -> None:
    guessed = replace(panel_of(FAST), guess_ns=30 * MS)
    figure = laid_out([wall_times([panel_of(SLOW), guessed])], DENSE, USUAL)
    (star,) = [trace for trace in figure.data if trace.name == "your guess"]
    assert (list(star.y), star.showlegend) == ([1], True)
    assert star.x[0] * wall_times([panel_of(SLOW)]).axis.unit_ns == 30 * MS


def test_a_bar_says_how_long_a_run_took_how_much_faster_it_was_and_how_many_jobs_it_did() -> None:
    slow, fast = replace(SLOW, wall_ns=1_000 * MS), replace(FAST, wall_ns=100 * MS)
    assert wall_text(panel_of(slow), slow, "gather") == (
        "gather · 2,000 jobs/s<br><b>1.00 s</b> · ideally 50.0 ms"
    )
    assert wall_text(panel_of(fast), slow, "gather") == (
        "gather · 20,000 jobs/s<br><b>100 ms</b> · 10× faster · ideally 50.0 ms"  # noqa: RUF001
    )


def test_a_run_under_way_has_no_rate_yet_and_one_to_come_has_only_its_ideal() -> None:
    under_way = replace(SLOW, wall_ns=300 * MS, finished=False)
    assert wall_text(panel_of(under_way), None, "one") == "one<br><b>300 ms</b> so far"
    assert wall_text(Panel(spec=SPEC, title=""), None, "<b>") == ("&lt;b&gt;<br>ideally 50.0 ms")


def test_a_run_is_named_by_its_pattern_alone_where_that_tells_it_from_the_others() -> None:
    pool = RunSpec(pattern="run_in_executor", tasks=5, sleep_s=0.05, executor="threads", workers=2)
    few, many = (
        RunSpec(pattern="semaphore", tasks=5, sleep_s=0.05, limit=limit) for limit in (2, 4)
    )
    panels = [Panel(spec=spec, title="") for spec in (pool, few, many)]
    assert names_of(panels) == [
        "run_in_executor",
        "semaphore (at most 2 at once)",
        "semaphore (at most 4 at once)",
    ]


def test_the_bar_of_a_disturbed_run_says_so_in_place_of_a_factor() -> None:
    slow, fast = replace(SLOW, wall_ns=1_000 * MS), replace(FAST, wall_ns=100 * MS)
    disturbed = replace(fast, disturbed_ns=30 * MS)
    assert wall_text(panel_of(disturbed), slow, "gather") == (
        "gather · 20,000 jobs/s<br><b>100 ms</b> · disturbed for 30.0 ms · ideally 50.0 ms"
    )
