"""The zoom of a page's chart: a box drawn in it, sliders and buttons, and the window in the URL.

The server draws the window. The chart of each one has a key of its own: a chart that keeps its key
would keep the box, too. A window stays while its runs grow, are measured again, or are looked at
otherwise; with other settings neither times nor jobs mean the same, so all is shown. On screens
that are touched a drag must scroll the page, and Plotly lets it do so only without a drag mode:
there, as with a keyboard, sliders choose the window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.span_classes import blocking_mark, end_marks, in_order_of_life
from core.charts.axis import (
    LATEST_NS,
    PlotAxes,
    TimeAxis,
    Window,
    as_word,
    from_word,
    window_of,
    window_text,
)
from core.charts.panel import Panel
from core.spec.run_spec import Program
from core.text.language import _, once_a_language
from pages.components.look import escaped

IN_URL = "window"
WORDS_OF_TOUCH = ("Mobi", "Android")
SLIDER_DIGITS = 3
LONGEST_SHOWN = 40


@dataclass(slots=True, kw_only=True)
class Zoom:
    """Which window a page's chart shows, and how it came there.

    Attributes:
        page: The page's name.
        programs: Whose chart it is; the window of other runs means nothing to these.
        foreseen: How many jobs the largest of the runs has.
        windows: From the first that was zoomed into to the one that is shown; empty shows all.
        turns: How often the window was changed; a chart of each turn has a key of its own, so
            that it is drawn without the box that led to it.
        written: What the page last wrote into the URL.
        seen: Whether the browser has confirmed that its URL says that.
        axes: What the axes of the chart mean.
        note: What the URL asked for and did not get.
    """

    page: str
    programs: tuple[Program, ...] = ()
    foreseen: int = 1
    windows: list[Window] = field(default_factory=list)
    turns: int = 0
    written: str = ""
    seen: bool = True
    axes: Mapping[str, PlotAxes] = field(default_factory=dict)
    note: str = ""

    @property
    def window(self) -> Window | None:
        """What is shown; None is all."""
        return self.windows[-1] if self.windows else None

    @property
    def chart_key(self) -> str:
        """The key of the chart as it is now."""
        return f"{self.page} chart {self.turns}"

    def take_box(self) -> None:
        """Zoom into the box that was drawn in the chart."""
        boxes = st.session_state[self.chart_key]["selection"]["box"]
        found = window_of(boxes[-1], self.axes, self.window) if boxes else None
        self._change([*self.windows, found] if found else self.windows)

    def set_window(self, window: Window | None) -> None:
        """Show another window in the place of the one that is shown; None shows all."""
        self._change([*self.windows[:-1], window] if window else [])

    def out(self) -> None:
        """Zoom out to where the last step began."""
        self._change(self.windows[:-1])

    def home(self) -> None:
        """Show all."""
        self._change([])

    def _change(self, windows: Sequence[Window]) -> None:
        self.windows = list(windows)
        self.turns += 1
        self.note = ""

    def count(self, foreseen: int, *, are_others: bool) -> None:
        """Take note of how many jobs have a row; where that is another number, none is chosen."""
        if foreseen != self.foreseen and not are_others and any(each.jobs for each in self.windows):
            # what is folded away has changed, and with it which job stands in which row
            unchosen = [replace(each, jobs=None) for each in self.windows]
            self._change([each for each in unchosen if not each.shows_all_time])
        self.foreseen = foreseen

    def follow(self, word: str) -> None:
        """Show what a URL asks for; all, with a note, if that cannot be."""
        self.written = word
        self.home()
        if not word:
            return
        try:
            window = from_word(word)
        except ValueError:
            window = None
        if window is None or (window.jobs and window.jobs[0] >= self.foreseen):
            self.note = _(
                "The link says {name}={value}, which is no part of this chart; so all is shown."
            ).format(name=IN_URL, value=word[:LONGEST_SHOWN])
        else:
            self._change([window])

    def write(self) -> None:
        """Let the URL say what is shown."""
        word = as_word(self.window) if self.window else ""
        if word == st.query_params.get(IN_URL, ""):
            self.written = word
            return
        if word:
            st.query_params[IN_URL] = word
        else:
            del st.query_params[IN_URL]
        self.written, self.seen = word, False


def begin(page: str, panels: Sequence[Panel], *, growing: bool) -> Zoom:
    """Return the zoom of a page's chart, following the URL and the runs that are shown.

    Other runs are shown whole, unless it is the URL that asks for a window of them. While a chart
    is `growing` a browser asks for it so often that its URL may be behind for a moment.
    """
    zoom: Zoom = st.session_state.setdefault(f"{page} zoom", Zoom(page=page))
    given = st.query_params.get(IN_URL, "")
    programs = tuple(panel.program for panel in panels)
    others = zoom.programs != programs
    zoom.programs = programs
    zoom.count(max((panel.foreseen for panel in panels), default=1), are_others=others)
    if given == zoom.written:
        zoom.seen = True
        if others and zoom.windows:
            zoom.home()
    elif zoom.seen or not growing:
        zoom.follow(given)
    zoom.write()
    return zoom


def is_touched() -> bool:
    """Whether the visitor's device is one whose screen is touched: there, drags scroll the page.

    Plotly keeps them from it unless a chart has no drag mode at all, and Streamlit gives one to
    every chart that can be selected in.
    """
    agent = st.context.headers.get("User-Agent", "")
    return any(word in agent for word in WORDS_OF_TOUCH)


def show(zoom: Zoom, end_ns: int, *, jobs: bool, growing: bool, menu: DeltaGenerator) -> None:
    """Show what the chart shows, where that is not all, and the controls of it.

    Args:
        zoom: The zoom of the page's chart.
        end_ns: The end of the whole chart.
        jobs: Whether the rows of the chart are jobs.
        growing: Whether the end is still to come; then there are no sliders yet.
        menu: Where the sliders stand, and what the words mean.
    """
    if zoom.note:
        st.warning(escaped(zoom.note))
    with menu, st.container():
        if not growing:
            _sliders(zoom, end_ns, jobs=jobs)
        if not is_touched():
            st.caption(_("Or drag a box in the chart to zoom in."))
        show_glossary()
    if zoom.window is None:
        return
    row = f"{zoom.page} zoom row"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=row):
        _buttons(zoom)
        seen = zoom.window if jobs else replace(zoom.window, jobs=None)
        st.caption(window_text(seen, zoom.foreseen), width="content")


def _buttons(zoom: Zoom) -> None:
    if len(zoom.windows) > 1:
        st.button(
            _("Zoom out"),
            key=f"{zoom.page} zoom out",
            on_click=zoom.out,
            help=_("Show what was shown before the last box."),
        )
    st.button(
        _("Show all"),
        key=f"{zoom.page} zoom home",
        on_click=zoom.home,
        help=_("Show the runs from their start to their end, with all jobs."),
    )


def _sliders(zoom: Zoom, end_ns: int, *, jobs: bool) -> None:
    """Show a slider for the time and one for the jobs; both stand where the window is."""
    shown = zoom.window or Window(start_ns=0, end_ns=max(1, end_ns))
    _time_slider(zoom, shown, max(1, end_ns))
    if jobs and zoom.foreseen > 1:
        _job_slider(zoom, shown, max(1, end_ns))


def _time_slider(zoom: Zoom, shown: Window, end_ns: int) -> None:
    axis = TimeAxis(end_ns=end_ns)
    unit_ns = axis.unit_ns
    step_ns = 10 ** max(0, len(str(end_ns)) - SLIDER_DIGITS)
    last_ns = -(-end_ns // step_ns) * step_ns
    key = f"{zoom.page} zoom time"
    start_ns = min(shown.start_ns // step_ns * step_ns, last_ns - step_ns)
    until_ns = min(-(-shown.end_ns // step_ns) * step_ns, last_ns)
    stands = (start_ns / unit_ns, max(start_ns + step_ns, until_ns) / unit_ns)
    _stand(key, stands)

    def choose() -> None:
        start_ns, until_ns = (round(value * unit_ns) for value in st.session_state[key])
        moved = replace(shown, start_ns=start_ns, end_ns=max(start_ns + step_ns, until_ns))
        zoom.set_window(_or_all(moved, last_ns))

    st.slider(
        _("Zoom: {axis}").format(axis=axis.title),
        0.0,
        last_ns / unit_ns,
        stands,
        step=step_ns / unit_ns,
        format=f"%.{max(0, len(str(unit_ns)) - len(str(step_ns)))}f",
        key=key,
        on_change=choose,
    )


def _job_slider(zoom: Zoom, shown: Window, end_ns: int) -> None:
    key = f"{zoom.page} zoom jobs"
    first, last = shown.jobs or (0, zoom.foreseen - 1)
    stands = (first + 1, min(last + 1, zoom.foreseen))
    _stand(key, stands)

    def choose() -> None:
        low, high = st.session_state[key]
        jobs = None if (low, high) == (1, zoom.foreseen) else (low - 1, high - 1)
        zoom.set_window(_or_all(replace(shown, jobs=jobs), end_ns))

    st.slider(_("Zoom: jobs in view"), 1, zoom.foreseen, stands, key=key, on_change=choose)


def _or_all(window: Window, end_ns: int) -> Window | None:
    """Return a window, of jobs alone if it has all the time, or None if it leaves out nothing."""
    if window.start_ns > 0 or window.end_ns < end_ns:
        return window
    return None if window.jobs is None else replace(window, start_ns=0, end_ns=LATEST_NS)


def _stand(key: str, value: tuple[float, float]) -> None:
    """Let a slider stand where it should.

    The same value is given to the widget as its first, since that is what a browser shows of a
    slider which it gets to see only when the popover is opened.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def show_glossary() -> None:
    """Show what the words of the chart mean, collapsed."""
    with st.expander(_("What the words mean")):
        st.markdown("\n".join(f"- {text}" for text in glossary_texts()))


@once_a_language
def glossary_texts() -> list[str]:
    """Return what each word of a chart means, in the order in which its legend may name them."""
    return [
        _("ideal: the best schedule that the settings allow; an outline, or a dotted line"),
        _("before the first job: what the pattern did until it made one, hatched"),
        _("ideal wall time: a small triangle below the bar of the wall time"),
        *(each.meaning for each in in_order_of_life()),
        *(each.meaning for each in (blocking_mark(), *end_marks().values())),
        _("printed: a line where the program printed something"),
        _("warning of asyncio: a triangle where asyncio printed that a callback took long"),
        _("garbage collection: a crossed stretch of the event loop's strip; it is no job's doing"),
        _("dashed line: the pattern returned; that is the wall time"),
        _("worker: a thread or a process to which an executor hands jobs"),
    ]
