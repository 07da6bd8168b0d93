"""One HTML page of a result."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio
import pytest

from core.exports.page import html_page
from core.recording.recorder import JobError, LogLine
from core.spec.run_spec import RunSpec
from core.text.language import speak
from core.timeline.timeline import Outcome, Timeline
from tests.kit.sleeping import run_sleeping
from tests.kit.speaking import CONTROLLING, controlling_in, speaking

IDENTIFIER = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}")
HOSTILE = "</pre></script><script>alert('own')</script><img src=x onerror=alert(1)>"


def hostile() -> Timeline:
    """Return a run whose texts are all HTML, and must stay text."""
    timeline = run_sleeping("gather", 2).timeline
    jobs = replace(
        timeline.jobs,
        outcome=(Outcome.OK, Outcome.FAILED),
        error=(None, JobError(kind=HOSTILE, message=HOSTILE)),
        result=(HOSTILE, HOSTILE),
    )
    return replace(
        timeline,
        jobs=jobs,
        sites=(HOSTILE,) * len(timeline.sites),
        results=(HOSTILE,),
        error=JobError(kind=HOSTILE, message=HOSTILE),
        log=(LogLine(at_ns=0, text=HOSTILE),),
        served={HOSTILE: 1},
        start_method=HOSTILE,
        python=HOSTILE,
    )


class Elements(HTMLParser):
    """The elements of a page, and the texts outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def test_what_all_runs_of_a_page_use_is_not_said_again_at_the_code_of_each() -> None:
    timeline = run_sleeping("gather", 2).timeline
    timelines = [
        replace(timeline, program=RunSpec(pattern=name, tasks=2, sleep_s=0.2, timeout_s=0.1))
        for name in ("timeout", "wait_for")
    ]
    texts = Elements(html_page(timelines).decode()).texts
    codes = [text for text in texts if text.startswith("Code of")]
    assert codes == ["Code of timeout", "Code of wait_for"]


def test_a_page_has_the_sentence_the_figures_the_code_and_the_transcript() -> None:
    timelines = [
        replace(run_sleeping(name, 3).timeline, program=RunSpec(pattern=name, tasks=3, sleep_s=0.2))
        for name in ("sequential", "gather")
    ]
    text = Elements(html_page(timelines).decode()).text
    assert "3 jobs of 200 ms" in text
    for said in ("wall time", "async def sequential", "async def gather", "gather printed:"):
        assert said in text


def chart_of(page: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the traces and the layout that a page gives to Plotly."""
    decoder = json.JSONDecoder()
    data, end = decoder.raw_decode(page, page.index("[", page.rindex("Plotly.newPlot(")))
    layout, _end = decoder.raw_decode(page, page.index("{", end))
    return data, layout


def test_the_chart_of_a_page_has_the_titles_and_all_names_of_the_figure() -> None:
    timelines = [run_sleeping(pattern, 2).timeline for pattern in ("sequential", "gather")]
    traces, layout = chart_of(html_page(timelines).decode())
    titles = [note["text"].partition("</b>")[0] for note in layout["annotations"]]
    assert titles == [f"<b>{timeline.program.name}" for timeline in timelines]
    assert {"ideal", "running", "waiting"} <= {trace.get("name") for trace in traces}
    rows = [layout[name]["ticktext"] for name in ("yaxis", "yaxis2")]
    assert rows == [["job 1", "job 2"]] * 2


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_says_its_language(language: str) -> None:
    speak(language)
    try:
        page = html_page([run_sleeping("gather", 2).timeline]).decode()
    finally:
        speak("en")
    assert f'<html lang="{language}">' in page


def test_a_page_loads_nothing() -> None:
    page = Elements(html_page([run_sleeping("gather", 2).timeline]).decode())
    assert page.sources == []


def test_texts_of_a_run_are_shown_as_texts() -> None:
    usual = Elements(html_page([run_sleeping("gather", 2).timeline]).decode())
    page = Elements(html_page([hostile()]).decode())
    assert page.tags.count("script") == usual.tags.count("script")
    assert "img" not in page.tags
    assert HOSTILE in page.text


def test_a_page_shows_no_controlling_letter_of_a_run() -> None:
    text = Elements(html_page([speaking(CONTROLLING)]).decode()).text
    assert controlling_in(text) == set()
    assert r"\u202e" in text


def test_the_chart_does_not_take_over_the_default_look_of_whoever_has_imported_plotly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = run_sleeping("gather", 2).timeline
    plain = IDENTIFIER.sub(b"", html_page([run]))
    loud = {"layout": {"margin": {"l": 0}, "yaxis": {"automargin": False, "color": "red"}}}
    pio.templates["loud"] = go.layout.Template(loud)
    monkeypatch.setattr(pio.templates, "default", "loud")
    try:
        assert IDENTIFIER.sub(b"", html_page([run])) == plain
    finally:
        del pio.templates["loud"]
