"""How every page looks: its style and mended markup, texts in Markdown, and where controls stand.

A projected page has a size, a contrast and a layout of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.figure import Style
from core.text.language import _
from core.text.legible import legible

PROJECTOR, ON, OFF = "projector", "on", "off"
CARRIED = ("lang", PROJECTOR)
INK = {"light": "#31333F", "dark": "#FAFAFA"}
FULL_INK = {"light": "#000000", "dark": "#FFFFFF"}
ASSETS = Path(__file__).with_name("assets")
ICON = str(ASSETS / "icon.svg")


@cache
def asset(name: str) -> str:
    """Return the text of a file in `assets`, read once: a server sends it all the time."""
    return (ASSETS / name).read_text(encoding="utf-8")


def is_projected() -> bool:
    """Whether this page is projected, which its URL says."""
    return st.query_params.get(PROJECTOR) == ON


def switch_projector() -> None:
    """Project the page, or show it as usual again."""
    if is_projected():
        del st.query_params[PROJECTOR]
    else:
        st.query_params[PROJECTOR] = ON


def carried() -> dict[str, str]:
    """Return what of the URL goes along to another page: the language, and the projector."""
    return {name: st.query_params[name] for name in CARRIED if name in st.query_params}


def dress() -> None:
    """Give a page its style and mended markup; a projected one its size and contrast, too."""
    st.html(ASSETS / "look.css")
    if is_projected():
        st.html(ASSETS / "projector.css")
    st.html(f"<script>{{{asset('mends.js')}}}</script>", unsafe_allow_javascript=True)


def chart_style() -> Style:
    """Return how the page's charts look; without an ink where the page's theme is not known."""
    projected = is_projected()
    ink = (FULL_INK if projected else INK).get(str(st.context.theme.type))
    return Style(ink=ink, is_projected=projected)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Places of controls: what shows them asks for a place by its name.

    What people move all the time stands in one bar, and the chart right below it. The rest is in
    one menu; in a hall so are the rows of buttons, which are too wide for large type.

    Attributes:
        choices: What is run, above the bar.
        bar: How many jobs there are, how long each takes, and what else a page's runs take.
        buttons: What starts a run and stops it, in the bar.
        switches: How runs are measured and looked at, in the menu.
        menu: What few runs take, below the switches.
        chart: What the chart shows, and what its words mean, below that.
    """

    choices: DeltaGenerator
    bar: DeltaGenerator
    buttons: DeltaGenerator
    switches: DeltaGenerator
    menu: DeltaGenerator
    chart: DeltaGenerator

    @property
    def failure(self) -> DeltaGenerator:
        """Where it is chosen which job fails, and when."""
        return self.bar

    @property
    def wide(self) -> DeltaGenerator:
        """Where a row of buttons stands that people use all the time."""
        return self.menu if is_projected() else self.bar


def laid_out() -> PageLayout:
    """Lay out the controls of a page, from top to bottom, and return its places."""
    above = None if is_projected() else st.container()
    with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
        knobs = st.container(key="knobs", horizontal=True, vertical_alignment="bottom")
        buttons = st.container(width="content")
        with open_menu():
            choices = above or st.container()
            switches, menu, chart = st.container(), st.container(), st.container()
    return PageLayout(choices, knobs, buttons, switches, menu, chart)


def open_menu() -> DeltaGenerator:
    """Return the one menu of a page, which holds all that is rarely used.

    It looks like a popover and is none: what stands in a closed popover is not mounted, so the
    browser would not hear of a switch that a key or a link has turned, and turn it back.
    """
    return st.expander(_("More"), key="menu")


def lazy_expander(
    title: str,
    make: Callable[[], object],
    *,
    key: str,
    unfolded: bool = False,
    icon: str | None = None,
) -> None:
    """Show a title below which `make` shows something while it is unfolded, and not before.

    Nobody opens most tables and transcripts, and a server would make them for each run of
    everybody. To unfold it draws the fragment again that it is in. Streamlit could do the same for
    popovers; but one closes as soon as anything beside it is pressed, and drawing its fragment then
    may undo that.
    """
    with st.expander(title, expanded=unfolded, key=key, icon=icon, on_change="rerun") as inside:
        if inside.open:
            make()


_MEANING_SOMETHING = re.compile(r"([!-/:-@\[-`{-~])")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:ns|µs|ms|s|B|kB|MB|GB)(?![A-Za-z]))")
_FOUND_IN_TEXTS = re.compile(
    r"(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=@)"
    r"|(?<=[-<>=~!])(?=[-<>=])|(?<=:)(?=streamlit:)",
    re.IGNORECASE,
)
NOTHING_SHOWN = ":small[]"
NO_BREAK_SPACE = "\u00a0"


def unbroken(text: str) -> str:
    """Return a text in which no line ends between a number and its unit."""
    return _BEFORE_UNIT.sub(NO_BREAK_SPACE, text)


def escaped(text: str) -> str:
    """Return a text so that Markdown shows it as it is: every punctuation mark is escaped.

    Source: CommonMark 0.31, "Backslash escapes"; Streamlit's own directives heed them, too. Some
    things are looked for once the escapes are gone: addresses, which become links
    (mdast-util-gfm-autolink-literal 2), and in Streamlit 1.67 its logo and arrows such as `->`.
    An element that shows nothing parts what would be found.
    """
    parts = _FOUND_IN_TEXTS.split(legible(text.replace("\n", " ")))
    return NOTHING_SHOWN.join(_MEANING_SOMETHING.sub(r"\\\1", part) for part in parts)


def escaped_but_code(text: str) -> str:
    """Return a text as `escaped` does, but what stands between two backticks as code.

    Nothing means anything in code. A pair of backticks may come from somebody's file, too: either
    way its text is shown as it is.
    """
    first, *rest = text.split("`")
    parts = [escaped(first)]
    while len(rest) > 1:
        code, after, *rest = rest
        parts += [f"`{legible(code)}`" if code.strip() else escaped(f"`{code}`"), escaped(after)]
    return "".join([*parts, *(escaped(f"`{each}") for each in rest)])
