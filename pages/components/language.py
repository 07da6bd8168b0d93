"""The language of a page view, where it is chosen, and the lesson texts in it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from core.text.language import CATALOGUES, LANGUAGES, SOURCE_LANGUAGE, _, speak, spoken

IN_URL = "lang"
SWITCH = "language"
CHOSEN = "language chosen"
REFUSED = "language refused"
TURN = "\n---\n"

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonText:
    """The two parts of a lesson in Markdown, around a rule: what to read before and after a run."""

    before: str
    after: str

    @property
    def title(self) -> str:
        """The heading of the lesson."""
        return self.before.partition("\n")[0].removeprefix("# ")

    @property
    def words(self) -> str:
        """What to read before a run, below the heading."""
        return self.before.partition("\n")[2].strip()

    @property
    def lead(self) -> str:
        """The first paragraph of that, in one line."""
        return " ".join(self.words.partition("\n\n")[0].split())


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideStep:
    """A step of a guide: its heading, what to read, and a few lines of code."""

    heading: str
    words: str
    code: str


def guide_steps(text: LessonText) -> tuple[str, list[GuideStep]]:
    """Return the introduction of a guide and its steps, each below a heading of its own.

    Code has single empty lines: a phone and a hall have better use for the room.
    """
    introduction, *parts = text.words.split("\n## ")
    steps = []
    for part in parts:
        heading, _end, below = part.partition("\n")
        words, _fence, rest = below.partition("```python\n")
        code = rest.partition("\n```")[0].replace("\n\n\n", "\n\n")
        steps.append(GuideStep(heading=heading, words=words.strip(), code=code))
    return introduction.strip(), steps


def follow() -> str:
    """Make this run of a script, or of a fragment, speak the visitor's language; return its code.

    That is what the URL says, else what the visitor chose on another page, else what the browser
    asks for. Each may be anything, a path too, so it is looked up and never followed.
    """
    browsers = (st.context.locale or "").partition("-")[0]
    wanted = (st.query_params.get(IN_URL), st.session_state.get(CHOSEN), browsers)
    language = next((each for each in wanted if each in LANGUAGES), SOURCE_LANGUAGE)
    speak(language)
    return language


def kept(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Return a function that speaks the visitor's language whenever it is called.

    Streamlit calls fragments and dialogs in threads of its own, which speak none.
    """

    @wraps(function)
    def speaking(*given: Given.args, **by_name: Given.kwargs) -> Result:
        follow()
        return function(*given, **by_name)

    return speaking


def choose() -> None:
    """Speak the visitor's language and show, in the sidebar, what changes it.

    Once chosen it stands in the URL of every page. One that does not exist is removed from it.
    """
    language = follow()
    given = st.query_params.get(IN_URL)
    if given in LANGUAGES:
        st.session_state[CHOSEN] = given
    elif CHOSEN in st.session_state:
        st.query_params[IN_URL] = st.session_state[CHOSEN]
    elif given is not None:
        del st.query_params[IN_URL]
        st.session_state[REFUSED] = given
    st.session_state[SWITCH] = language
    with st.sidebar:
        st.segmented_control(
            _("Language"),
            list(LANGUAGES),
            format_func=lambda code: LANGUAGES[code],
            required=True,
            key=SWITCH,
            on_change=_switch,
            label_visibility="collapsed",
        )
        _tell_browser(language)


def refused() -> str | None:
    """Return, once, what the URL asked for that is no language here."""
    given: str | None = st.session_state.pop(REFUSED, None)
    return given


def _switch() -> None:
    """Note what was chosen; Streamlit also calls this for what `choose` itself has set."""
    chosen = st.session_state[SWITCH]
    if chosen != follow():
        st.session_state[CHOSEN] = chosen
        st.query_params[IN_URL] = chosen


def _tell_browser(language: str) -> None:
    """Mark the document's language: screen readers choose their voice by it, browsers the font."""
    script = f"<script>document.documentElement.lang = '{language}'</script>"
    st.html(script, unsafe_allow_javascript=True)


def lesson_text(name: str) -> LessonText:
    """Return the text of a lesson in the language that is spoken, or in English if it has none."""
    languages = (spoken(), SOURCE_LANGUAGE)
    paths = [CATALOGUES / language / f"{name}.md" for language in languages]
    path = next((each for each in paths if each.exists()), paths[-1])
    before, _turn, after = path.read_text(encoding="utf-8").partition(TURN)
    return LessonText(before=before, after=after)
