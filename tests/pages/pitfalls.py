"""What every pitfall's page must do; each page's test file names its sides and what they say."""

import re
from collections.abc import Mapping
from typing import ClassVar

import pytest

from core.pattern import Pattern
from core.patterns import PATTERNS
from core.workloads import DEFAULT_WORKLOADS, WORKLOADS
from pages.components import zoom
from pages.components.language import lesson_text
from tests.kit.screen import DOWNLOAD, OUTLINE, PRESS_RUN, RESULTS, Screen, opened

LOOP, LOG = "event loop", "transcript"
OWN_JOB = " · "
MAIN = "def main():\n    time_log("
Settings = dict[str, int]
Texts = Mapping[str, list[str]]


class Pitfall:
    """The contract of a pitfall's page, as tests.

    `sides` are the labels of its code, from top to bottom; `knobs` are the controls that not every
    page has, and `menu` those of its menu; `length` is what the time of a job is called; `strips`
    are the labels of what stands below a run. A short run, with the settings `short`, says
    `because` under its chart and those texts of each run named in `findings`; the results of the
    runs begin with the texts in `returned`.

    A side whose pattern this Python does not run is left out of all, and the page says so.
    """

    page: str
    sides: tuple[str, ...]
    knobs: frozenset[str] = frozenset()
    menu: frozenset[str] = frozenset({"spread", "lanes"})
    length = "Sleep"
    strips: tuple[str, ...] = ()
    short: ClassVar[Settings] = {"tasks": 3, "sleep": 50}
    because: str
    findings: ClassVar[Texts]
    returned: ClassVar[Texts]

    @property
    def shown(self) -> list[str]:
        """The sides that this version of Python runs."""
        return [side for side in self.sides if pattern_of(side).runs_here]

    @property
    def patterns(self) -> list[str]:
        return [pattern_of(side).name for side in self.shown]

    def here(self, texts: Texts) -> list[tuple[str, list[str]]]:
        """Return what is said of those runs that this version of Python has."""
        return [(name, said) for name, said in texts.items() if pattern_of(name).runs_here]

    def short_page(self) -> Screen:
        return opened(self.page, by_itself=False, **self.short)

    def test_it_opens_with_its_text_the_code_of_its_sides_and_its_controls(self) -> None:
        screen = opened(self.page, by_itself=False)
        text = lesson_text(self.page)
        words = "\n".join(f"- {word}" for word in zoom.glossary_texts())
        assert screen.texts("title") == [text.title]
        assert screen.texts("markdown") == [text.words, words, text.after.strip()]
        assert text.lead in screen.folds
        assert text.before.startswith("# ")
        assert [tab.label for tab in screen.at.tabs] == (self.shown if len(self.shown) > 1 else [])
        for code, side in zip(screen.texts("code"), self.shown, strict=True):
            assert found_in(code, parts_of(side)) == parts_of(side)
            assert re.search(r"^(asyncio\.run\(main\(\)\)|main\(\))$", code, re.MULTILINE)
        assert {each.label for each in screen.at.select_slider} == {
            "Tasks",
            self.length,
            *self.knobs,
        }
        segments = {each.key for each in screen.at.segmented_control}
        assert segments == {f"{self.page} {name}" for name in self.menu}
        assert not screen.at.button(key=f"{self.page} run").disabled
        assert not screen.is_running
        too_new = [pattern_of(side) for side in self.sides if side not in self.shown]
        assert screen.left_out.partition(": ")[0] == ("Left out" if too_new else "")
        for each in too_new:
            assert f"{each.name} needs Python {each.needs_python} or newer" in screen.left_out

    def test_it_shows_the_ideal_of_each_side_before_anything_is_measured(self) -> None:
        screen = self.short_page()
        rows = list(range(self.short["tasks"]))
        outlined = [pattern for pattern in self.patterns if PATTERNS[pattern].has_ideal]
        outlines = [(bars.name, bars.rows) for bars in screen.bars()]
        assert outlines == [(OUTLINE, rows)] * len(outlined)
        expected = [
            f"{pattern} — ideally " if pattern in outlined else pattern for pattern in self.patterns
        ]
        assert beginnings(screen.titles, expected) == expected
        assert screen.texts("info") == [PRESS_RUN]
        assert screen.texts("error") == []
        assert screen.sentence is None
        assert screen.findings == {}

    @pytest.mark.real
    def test_a_run_shows_each_side_and_tells_what_happened_in_it(self) -> None:
        screen = self.short_page().press("run").when_ended().unfold()
        assert screen.texts("error") == screen.texts("info") == []
        expected = [f"{pattern} — " for pattern in self.patterns]
        assert beginnings(screen.titles, expected) == expected
        assert not any("ideally" in title for title in screen.titles)
        jobs = [f"job {number + 1}" for number in range(self.short["tasks"])]
        kinds = 1 + len(self.strips)
        assert screen.labels[::kinds] == [jobs] * len(self.shown)
        assert len(screen.labels) == kinds * len(self.shown)
        assert set(self.strips) <= {label for (label, *_) in screen.labels}
        assert screen.sentence is not None
        assert self.because in screen.sentence, screen.sentence
        for name, texts in self.here(self.findings):
            assert [text for text in texts if text not in screen.findings[name]] == []
        assert screen.returned.keys() == dict(self.here(self.returned)).keys()
        for name, results in self.here(self.returned):
            assert beginnings(screen.returned[name], results) == results
        assert screen.folds[-4:] == [RESULTS, "Transcript", "Table of spans", DOWNLOAD]


def pattern_of(side: str) -> Pattern:
    """Return the pattern of a side, by its label or by the name of its run."""
    return PATTERNS[side.partition(" ")[0]]


def parts_of(side: str) -> list[str]:
    """Return what the code in the tab with a label has, from top to bottom."""
    _, _, called = side.partition(OWN_JOB)
    pattern = pattern_of(side)
    by_title = {each.called: each for each in WORKLOADS.values()}
    workload = by_title[called or DEFAULT_WORKLOADS[pattern.arranges]]
    job = workload.function(pattern.arranges).__name__
    return ["def time_log(step):", pattern.source.strip(), f"def {job}(", MAIN]


def found_in(code: str, parts: list[str]) -> list[str]:
    """Return those of some parts that a code has, in the order in which they stand there."""
    return sorted((part for part in parts if code.count(part) == 1), key=code.index)


def beginnings(texts: list[str], expected: list[str]) -> list[str]:
    """Return so much of each text as is expected of it."""
    return [text[: len(begin)] for text, begin in zip(texts, expected, strict=True)]
