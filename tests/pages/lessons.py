"""What every lesson's page must do; each page's test file names its pattern."""

import pytest

from core.analysis.side_by_side import run_name
from core.exports import EXPORTS
from core.jobs import Spread
from core.spec.ideal import schedule
from core.spec.program import program
from core.spec.run_spec import RunSpec
from core.text.language import NS_PER_MS
from pages.components import zoom
from pages.components.language import lesson_text
from tests.kit.screen import DOWNLOAD, OUTLINE, PRESS_RUN, RESULTS, opened

FEW = {"tasks": 3, "sleep": 50}
METRICS = ["wall time", "ideal", "overhead", "worst lateness", "peak in flight", "recording cost"]


class Lesson:
    """The contract of a lesson's page, as tests."""

    pattern: str
    spread: str = Spread.EQUAL
    states: frozenset[str] = frozenset({"running", "waiting"})
    controls: frozenset[str] = frozenset()

    @property
    def spec(self) -> RunSpec:
        return RunSpec(pattern=self.pattern, tasks=3, sleep_s=0.05, spread=self.spread)

    def test_it_opens_with_its_text_its_code_and_its_controls(self) -> None:
        screen = opened(self.pattern, by_itself=False)
        text = lesson_text(self.pattern)
        words = "\n".join(f"- {word}" for word in zoom.glossary_texts())
        assert screen.texts("title") == [text.title]
        assert screen.texts("markdown") == [text.words, words, text.after.strip()]
        assert text.lead in screen.folds
        assert text.before.startswith("# `")
        usual = RunSpec(pattern=self.pattern, spread=self.spread)
        assert screen.texts("code") == [program(usual).strip()]
        assert {each.label for each in screen.at.select_slider} == {"Tasks", "Sleep"}
        segments = {each.key for each in screen.at.segmented_control}
        expected = {"spread", "lanes", *self.controls}
        assert segments == {f"{self.pattern} {name}" for name in expected}
        assert not screen.at.button(key=f"{self.pattern} run").disabled
        assert not screen.is_running

    def test_it_shows_the_ideal_as_an_outline_before_anything_is_measured(self) -> None:
        screen = opened(self.pattern, by_itself=False, **FEW)
        (outline,) = screen.bars()
        best = schedule(self.spec)
        assert outline.name == OUTLINE
        assert outline.rows == [0, 1, 2]
        starts, ends = (
            [each / NS_PER_MS for each in times] for times in (best.start_ns, best.end_ns)
        )
        assert outline.starts == pytest.approx(starts)
        lengths = [end - start for start, end in zip(starts, ends, strict=True)]
        assert outline.lengths == pytest.approx(lengths)
        assert screen.texts("info") == [PRESS_RUN]
        assert screen.sentence is None

    @pytest.mark.real
    def test_a_run_shows_every_job_and_all_that_is_known_of_it(self) -> None:
        screen = opened(self.pattern, by_itself=False, **FEW).press("run").when_ended().unfold()
        assert screen.texts("error") == screen.texts("info") == []
        assert screen.bars(OUTLINE)[0].rows == [0, 1, 2]
        found = screen.states()
        assert set(found) == {0, 1, 2}
        assert all(self.states <= states for states in found.values())
        assert screen.sentence is not None
        assert screen.sentence.startswith("3 jobs of ")
        assert list(screen.metrics) == METRICS
        assert screen.metrics["ideal"] == ideal_text(self.spec)
        assert screen.folds[-4:] == [RESULTS, "Transcript", "Table of spans", DOWNLOAD]
        assert screen.returned == {run_name(self.spec): ["job 1", "job 2", "job 3"]}
        source, transcript = screen.texts("code")
        assert source == program(self.spec).strip()
        assert [f"job {number}" in transcript for number in (1, 2, 3)] == [True] * 3
        assert len(screen.at.table) == 2
        downloads = [button.label for button in screen.at.get("download_button")]  # type: ignore[union-attr]
        assert downloads[0] == "Run file (JSON), which can be opened here again"
        assert len(downloads) == len(EXPORTS)


def ideal_text(spec: RunSpec) -> str:
    """Return the ideal wall time in whole milliseconds, as numbers from 10 to 999 read."""
    wall_ms = schedule(spec).wall_ns / NS_PER_MS
    return f"{wall_ms:.0f} ms" if wall_ms >= 100 else f"{wall_ms:.1f} ms"
