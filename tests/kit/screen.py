"""A page as a visitor sees it, driven without a browser."""

import base64
import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from pages.components.look import NO_BREAK_SPACE, NOTHING_SHOWN
from pages.components.navigation import THROUGH_APP

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "pages"
SCRIPT_LIMIT_S = 60.0
RUN_LIMIT_S = 120.0
"""On a busy machine, and where no process forks, a cluster takes half a minute to start."""
POLL_S = 0.05

BLOCKING = "blocking"
OUTLINE = "ideal"
RESULTS = "What the pattern returned"
DOWNLOAD = "Download"
WORDS = "What the words mean"
PITFALLS = "Pitfalls"
MENU = "More"
FOLDS = (
    "results",
    "telling results",
    "transcript",
    "table of spans",
    "code",
)
PRESS_RUN = "The outline is the ideal schedule. Press Run to measure."


@dataclass(frozen=True, slots=True)
class Bars:
    """One trace of a chart: the plot it stands in, and its bars in the unit of the axis."""

    name: str
    plot: str
    rows: list[int]
    starts: list[float]
    lengths: list[float]


@dataclass(slots=True)
class Screen:
    """A page that was opened; `name` is its file's name without the ending."""

    name: str
    at: AppTest = field(repr=False)

    def run(self) -> "Screen":
        """Run the script once more; an exception in it fails the test."""
        self.at.run()
        assert [error.value for error in self.at.exception] == []
        return self

    @property
    def is_running(self) -> bool:
        """Whether the Stop button can be pressed."""
        return not self.at.button(key=f"{self.name} stop").disabled

    def when_ended(self) -> "Screen":
        """Return once what is measured has ended, as a browser does that asks again and again."""
        give_up_s = time.monotonic() + RUN_LIMIT_S
        while self.is_running:
            assert time.monotonic() < give_up_s, "the run did not end"
            time.sleep(POLL_S)
            self.run()
        return self

    def press(self, button: str) -> "Screen":
        """Press a button named by the second part of its key: run, stop."""
        self.at.button(key=f"{self.name} {button}").click()
        return self.run()

    def unfold(self, *keys: str) -> "Screen":
        """Unfold parts of the page, named by their keys, or all of them."""
        for key in keys or (*FOLDS, f"{self.name} downloads"):
            self.at.session_state[key] = True
        return self.run()

    def slide(self, **values: int) -> "Screen":
        """Move sliders, named by the second parts of their keys."""
        for name, value in values.items():
            self.at.select_slider(key=f"{self.name} {name}").set_value(value)
        return self.run()

    def choose(self, name: str, value: object) -> "Screen":
        """Choose from segments, named by the second part of their key."""
        self.at.segmented_control(key=f"{self.name} {name}").set_value(value)
        return self.run()

    def slid(self, name: str) -> Any:
        """Return where a slider stands."""
        return self.at.select_slider(key=f"{self.name} {name}").value

    def texts(self, kind: str) -> list[str]:
        """Return the texts of all elements of a kind: title, markdown, error, info, code, ..."""
        texts = [element.value.replace(NO_BREAK_SPACE, " ") for element in getattr(self.at, kind)]
        return list(map(unescaped, texts)) if kind == "error" else texts

    @property
    def sentence(self) -> str | None:
        """What the page says of what it measured; None before that."""
        found = [
            text for text in self.texts("markdown") if text.startswith("**") and " took " in text
        ]
        assert len(found) <= 1
        return unescaped(found[0].strip("*")) if found else None

    @property
    def left_out(self) -> str:
        """The line that says which runs cannot be measured; empty if all can."""
        lines = [text for text in self.texts("caption") if text.startswith("Left out")]
        return unescaped("".join(lines))

    @property
    def findings(self) -> dict[str, str]:
        """What the page says of each run that is out of the ordinary, by the runs' names."""
        lines = [line for text in self.texts("markdown") for line in text.splitlines()]
        told: dict[str, str] = {}
        for line in lines:
            if line.startswith("- **"):
                name, _, text = map(unescaped, line[4:].partition("**: "))
                told[name] = " ".join(filter(None, [told.get(name), text]))
        return told

    @property
    def returned(self) -> dict[str, list[str]]:
        """What each run's pattern returned, by the runs' names, if that is unfolded."""
        (fold,) = [each for each in self.at.expander if each.label == RESULTS]
        frame = fold.table[0].value
        return {
            unescaped(str(name)): list(map(unescaped, filter(None, frame[name]))) for name in frame
        }

    @property
    def metrics(self) -> dict[str, str]:
        """The page's big numbers, by their names."""
        return {metric.label: metric.value for metric in self.at.metric}

    @property
    def folds(self) -> list[str]:
        """What can be unfolded, but for the menu."""
        return [each.label for each in self.at.expander if each.label != MENU]

    @property
    def figure(self) -> dict[str, Any]:
        """The page's one chart as the browser gets it."""
        (chart,) = self.at.get("plotly_chart")
        figure: dict[str, Any] = json.loads(chart.proto.spec)
        return figure

    @property
    def titles(self) -> list[str]:
        """The title of each run in the chart, without what makes it bold.

        Other words in a chart, such as that of a pool's start-up, are not bold.
        """
        texts = [note["text"] for note in self.figure["layout"]["annotations"]]
        bold = [text for text in texts if text.startswith("<b>")]
        return [text.replace("<b>", "").replace("</b>", "") for text in bold]

    @property
    def labels(self) -> list[list[str]]:
        """The labels of the rows of each plot, runs and strips, from top to bottom."""
        layout = self.figure["layout"]
        axes = [key for key in layout if key.startswith("yaxis")]
        axes.sort(key=lambda key: int(key.removeprefix("yaxis") or 1))
        return [layout[key]["ticktext"] for key in axes]

    def bars(self, name: str | None = None) -> list[Bars]:
        """Return the bars that have rows, of all traces or of those with a name."""
        return [
            Bars(
                name=trace["name"],
                plot=trace.get("yaxis", "y"),
                rows=[int(row) for row in _numbers(trace["y"])],
                starts=_numbers(trace["base"]),
                lengths=_numbers(trace["x"]),
            )
            for trace in self.figure["data"]
            if trace.get("orientation") == "h" and name in (None, trace["name"])
        ]

    def states(self, plot: str = "y") -> dict[int, set[str]]:
        """Return which states each row of a run's plot shows."""
        found: dict[int, set[str]] = {}
        for bars in self.bars():
            if bars.plot == plot and bars.name != OUTLINE:
                for row in bars.rows:
                    found.setdefault(row, set()).add(bars.name)
        return found


def unescaped(text: str) -> str:
    """Return a text as Markdown shows it whose punctuation marks were escaped."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text.replace(NOTHING_SHOWN, ""))


def _numbers(values: Any) -> list[float]:
    """Return a column of a figure, which travels as a list or as bytes."""
    if isinstance(values, list):
        return [float(value) for value in values]
    data = base64.b64decode(values["bdata"])
    return [float(value) for value in np.frombuffer(data, dtype=values["dtype"])]


def blank(name: str, *, by_itself: bool = True, **settings: object) -> Screen:
    """Return a page that is not opened yet, with settings under the second parts of their keys.

    It stands alone here, so that a test need not run app.py and the first page before it.
    """
    at = AppTest.from_file(PAGES / f"{name}.py", default_timeout=SCRIPT_LIMIT_S)
    at.session_state[THROUGH_APP] = True
    at.session_state[f"{name} automatic"] = by_itself
    for key, value in settings.items():
        at.session_state[f"{name} {key}"] = value
    return Screen(name, at)


def opened(name: str, *, by_itself: bool = True, **settings: object) -> Screen:
    """Return a page that somebody opened by a link to it."""
    return blank(name, by_itself=by_itself, **settings).run()
