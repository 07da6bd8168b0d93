"""The link of a page: where its settings stand is in the URL, so that a link brings them back.

The URL names what is not as the page first shows it, so that links are short and QR codes coarse.
When the URL changes by another hand than the page's own, as by the browser's Back button, the
settings follow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st
from streamlit import net_util

from core.text.language import Text, _, spoken
from pages.components import language, look
from pages.components.link_sharing import in_network, qr_code
from pages.components.look import escaped

LAST_SEEN = "link last seen"
RUN = "run"
ON, OFF = "1", "0"
SWITCH = {"on": True, "off": False}
BETWEEN = ","
LONGEST_SHOWN = 40
MOST_BEFORE = 20
"""In a burst of moves the browser is behind by a few; older addresses are its user's own wish."""
QR_PX, QR_PROJECTED_PX = 360, 520

T = TypeVar("T")
Given = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Generic[T]):
    """A widget's parameter in the URL.

    Attributes:
        key: The widget's.
        first: Where it first stands.
        written: Returns a value as the URL has it.
        read: Returns the value of a word; raises `KeyError` or `ValueError` for one that is none.
        nearest: Returns the value that is nearest to what somebody wrote by hand, and whether it is
            just that; raises `ValueError` where none is near.
        steps: The words of all values, from the first to the last.
        refusal: What is said of a word that is none, instead of the word; empty for the word.
    """

    key: str
    first: T
    written: Callable[[T], str]
    read: Callable[[str], T]
    nearest: Callable[[str], tuple[T, bool]]
    steps: Sequence[str] = ()
    refusal: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the URL named of a page's settings when its script last ended.

    Attributes:
        page: The page's name.
        in_url: The settings that the URL names.
        names: Those that it may name.
        notes: What it asked for and did not get.
        stood: Where each setting stood, by the key of its widget.
        before: What the URL named before, as long as the browser may not have heard of `in_url`.
    """

    page: str
    in_url: Given
    names: frozenset[str]
    notes: tuple[str, ...]
    stood: Mapping[str, object] = field(default_factory=dict)
    before: tuple[Given, ...] = ()


@dataclass(slots=True, kw_only=True)
class Link:
    """What the URL asks of a page in one run of its script, and what the page makes of it.

    Attributes:
        page: The page's name.
        given: What the URL says.
        seen: What it said when the page's script last ended; None if another page was shown.
        moves: Whether a setting was moved since the page's script last ended.
        notes: What it asked for and did not get, in sentences, until a setting is moved.
        parameters: The page's settings by their names in the URL, in the order of their widgets.
        may_run: Whether a link to the page may measure at once.
    """

    page: str
    given: Given
    seen: Seen | None
    moves: bool = False
    notes: list[str] = field(default_factory=list)
    parameters: dict[str, Parameter[Any]] = field(default_factory=dict)
    may_run: bool = True

    @property
    def is_first(self) -> bool:
        """Whether the page was just opened: its script runs for the first time."""
        return self.seen is None

    @property
    def starts_run(self) -> bool:
        """Whether somebody came by a link that asks to measure at once, with `run=1` in it."""
        return self.is_first and self.given.get(RUN) == ON

    def one_of(
        self,
        name: str,
        words: Mapping[str, T],
        first: T,
        *,
        nearest: Callable[[str], tuple[T, bool]] | None = None,
    ) -> str:
        """Return the key of a widget that stands at one of some values, by their words.

        What it must choose it may still not have chosen: then it stands where it first does.
        `nearest` returns the value that is nearest to what stands in a link that somebody wrote.
        """
        by_value = {value: word for word, value in words.items()}

        def written(value: T) -> str:
            return by_value.get(value, by_value[first])

        return self._with(
            name, first, written, words.__getitem__, nearest=nearest, steps=tuple(words)
        )

    def some_of(self, name: str, words: Sequence[str], first: Sequence[str]) -> str:
        """Return the key of a widget with which any number of words can be chosen."""

        def read(text: str) -> list[str]:
            return [words[words.index(word)] for word in text.split(BETWEEN) if word]

        def written(chosen: list[str] | None) -> str:
            return BETWEEN.join(chosen or ())

        return self._with(name, list(first), written, read)

    def text(
        self,
        name: str,
        first: str,
        *,
        written: Callable[[str], str | None],
        read: Callable[[str], str],
        refusal: Text,
    ) -> str:
        """Return the key of a widget for a text that is packed in the URL; None as too long."""
        before = written(first) or ""
        return self._with(
            name, first, lambda text: written(text or "") or before, read, refusal=refusal
        )

    def switch(self, name: str, *, first: bool) -> str:
        """Return the key of a toggle."""
        return self.one_of(name, SWITCH, first)

    def _with(
        self,
        name: str,
        first: T,
        written: Callable[[T], str],
        read: Callable[[str], T],
        *,
        nearest: Callable[[str], tuple[T, bool]] | None = None,
        steps: Sequence[str] = (),
        refusal: Text = "",
    ) -> str:
        parameter = Parameter(
            key=f"{self.page} {name}",
            first=first,
            written=written,
            read=read,
            nearest=nearest or _nothing_near,
            steps=steps,
            refusal=refusal,
        )
        in_url = name.replace(" ", "-")
        self.parameters[in_url] = parameter
        if self._is_anew:
            self._follow(in_url, parameter)
        return parameter.key

    @property
    def _is_anew(self) -> bool:
        """Whether the URL was changed by somebody else than the page.

        Who moves a control twice sends the second move before the browser has heard what the page
        wrote for the first: then its URL is an old one, and to follow it would undo the moves.
        """
        if self.seen is None:
            return True
        named = self._named
        return named != self.seen.in_url and not (self.moves and named in self.seen.before)

    @property
    def _named(self) -> Given:
        """The settings that the URL names."""
        names = self.seen.names if self.seen else frozenset(self.parameters)
        return {name: self.given[name] for name in names & set(self.given)}

    def _follow(self, name: str, parameter: Parameter[T]) -> None:
        if name not in self.given:
            if self.seen is not None:
                st.session_state[parameter.key] = parameter.first
            return
        said = self.given[name]
        try:
            st.session_state[parameter.key] = parameter.read(said)
        except (KeyError, ValueError):
            st.session_state[parameter.key] = self._near(name, said, parameter)

    def _near(self, name: str, said: str, parameter: Parameter[T]) -> T:
        """Return the value nearest to what the link says, or the first; note which it is."""
        try:
            taken, is_just_that = parameter.nearest(said)
        except ValueError:
            if parameter.refusal:
                self.notes.append(str(parameter.refusal))
            else:
                self.refuse(name, said, parameter.written(parameter.first))
            return parameter.first
        if is_just_that:
            return taken
        text = _(
            "The link says {name}={value}; the nearest step here is {taken}. The steps: {steps}."
        )
        self.notes.append(
            text.format(
                name=name,
                value=_shortened(said),
                taken=parameter.written(taken),
                steps=", ".join(parameter.steps),
            )
        )
        return taken

    def refuse(self, name: str, value: str, first: str) -> None:
        """Note what the URL asks for and does not get, and what the page does instead."""
        self.notes.append(
            _("The link says {name}={value}, which is not on offer here; so it is {first}.").format(
                name=name, value=_shortened(value), first=first
            )
        )

    def _words(self) -> Given:
        return {
            name: parameter.written(st.session_state[parameter.key])
            for name, parameter in self.parameters.items()
            if parameter.key in st.session_state
        }

    def _moved(self) -> Given:
        return {
            name: word
            for name, word in self._words().items()
            if word != self.parameters[name].written(self.parameters[name].first)
        }

    def write(self) -> None:
        """Let the URL name what does not stand as the page first shows it."""
        moved = self._moved()
        names = frozenset(self.parameters) | (self.seen.names if self.seen else frozenset())
        shown = dict(st.query_params)
        wanted = {name: word for name, word in shown.items() if name not in names} | moved
        if wanted != shown:
            st.query_params.from_dict(wanted)
        keys = [parameter.key for parameter in self.parameters.values()]
        before: tuple[Given, ...] = ()
        if self.seen is not None:
            if moved == self.seen.in_url:
                self.notes = [*self.seen.notes, *self.notes]
            if self._named != moved:
                before = (*self.seen.before, self.seen.in_url, self._named)[-MOST_BEFORE:]
        st.session_state[LAST_SEEN] = Seen(
            page=self.page,
            in_url=moved,
            names=names,
            notes=tuple(self.notes),
            stood={key: st.session_state.get(key) for key in keys},
            before=before,
        )

    def whole(self, address: str, *, runs: bool = False) -> str:
        """Return an address with all of the page's settings that do not stand as at first.

        What else the URL says stays, such as the language; `runs` lets the link measure at once.
        """
        others = {name: word for name, word in self.given.items() if name not in self.parameters}
        others.pop(RUN, None)
        query = urlencode(others | self._moved() | ({RUN: ON} if runs else {}))
        return urlunsplit(urlsplit(address)._replace(query=query, fragment=""))


def _nothing_near(said: str) -> Any:
    raise ValueError(said)


def begin(page: str) -> Link:
    """Return the link of a page in this run of its script; call it before its first widget."""
    seen = st.session_state.get(LAST_SEEN)
    of_this_page = seen if isinstance(seen, Seen) and seen.page == page else None
    moves = of_this_page is not None and any(
        st.session_state.get(key) != value for key, value in of_this_page.stood.items()
    )
    link = Link(page=page, given=dict(st.query_params), seen=of_this_page, moves=moves)
    if of_this_page is None:
        _note_switches(link)
    if (refused := language.refused()) is not None:
        link.refuse(language.IN_URL, refused, spoken())
    return link


def _note_switches(link: Link) -> None:
    """Note what a link asks of the switches `run` and `projector` and does not get."""
    for name, on, off in ((RUN, ON, OFF), (look.PROJECTOR, look.ON, look.OFF)):
        if link.given.get(name, off) not in (on, off):
            link.refuse(name, link.given[name], off)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def finish(link: Link, *, shared: bool = False) -> None:
    """Write the URL and say what of it is refused, once the page's widgets have been shown.

    With `shared` the link to the page with all of its settings is shown in a dialog.
    """
    link.write()
    for note in link.notes:
        st.warning(escaped(note))
    if shared:
        show_dialog(link)


def link_button(link: Link) -> bool:
    """Show what opens the link's dialog and return whether it was pressed."""
    return st.button(
        _("Link"),
        key=f"{link.page} link",
        help=_("A link to this page as it stands, with its QR code."),
    )


def show_dialog(link: Link) -> None:
    """Show the link to a page as it stands, with its QR code."""
    st.dialog(_("Link to this page"), width="large" if look.is_projected() else "medium")(_content)(
        link
    )


@language.kept
def _content(link: Link) -> None:
    runs = link.may_run and st.toggle(
        _("Measure at once"),
        key=f"{link.page} link runs",
        help=_("Whoever opens the link need not press Run."),
    )
    address, reaches = in_network(
        link.whole(str(st.context.url or ""), runs=runs),
        server_address=st.get_option("server.address"),
        own_ip=net_util.get_internal_ip,
    )
    st.code(address, language=None, wrap_lines=True)
    if not reaches:
        st.info(
            _(
                "Phones cannot reach this: only this machine can. To let a hall in, start with "
                "{option}"
            ).format(option="--server.address=0.0.0.0")
        )
    code = qr_code(address)
    if code is None:
        st.info(_("The link is too long for a QR code."))
        return
    with st.container(width=QR_PROJECTED_PX if look.is_projected() else QR_PX):
        st.image(
            code,
            width="stretch",
            caption=_("The same link for a phone's camera"),
            alt=_("QR code of the link"),
        )
