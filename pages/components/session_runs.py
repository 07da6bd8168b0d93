"""The runs of a session: where one visitor's runs are measured, one comparison at a time."""

import atexit
import secrets
import threading
import time
from collections.abc import Iterable, Sequence

import streamlit as st

from core.measuring.comparison import Comparison
from core.measuring.finished import ResultCache, RunLog, log_if_asked
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.measuring.turns import PAINT_LIMIT_S, Rest, Turns, Wait
from core.own_code.run import OwnCodeRun
from core.services import Services
from core.spec.bounds import allow_many_open_files
from core.spec.run_spec import RunSpec
from core.sweep import Sweep
from core.sweep.conductor import Conductor
from pages.components import own_code_gate

WARM_CHILDREN = 3
OWN_CODE = "own_code"
"""The page for somebody's own code."""
PAINT_WITHIN_S = PAINT_LIMIT_S
LOOK_EVERY_S = 0.1


class SessionRuns:
    """What one session measures: the comparison under way, and each page's last one."""

    def __init__(
        self,
        spares: Spares,
        services: Services,
        *,
        turns: Turns | None = None,
        rest: Rest | None = None,
        cache: ResultCache | None = None,
        run_log: RunLog | None = None,
    ) -> None:
        """Start with nothing measured; what is given is shared by all sessions of a server."""
        self._spares = spares
        self._services = services
        self._turns = turns or Turns()
        self._rest = rest or Rest()
        self._cache = cache or ResultCache()
        self._run_log = run_log or RunLog()
        self._session = secrets.token_hex(4)
        self._last: dict[str, Comparison] = {}
        self._sweeps: dict[str, Conductor] = {}
        self._own_code: OwnCodeRun | None = None

    def measure(self, page: str, specs: Sequence[RunSpec], *, opening: bool = False) -> None:
        """Measure for a page; whatever this session still measures is ended first.

        What is new asks for its turn before that, so it takes the place of what it replaces. With
        `opening` the page was just opened, and is measured once it has come to rest.
        """
        before = self._all()
        replaced = self._last.get(page)
        self._last[page] = self._compared(specs, rest=self._rest if opening else None)
        if replaced is not None:
            self._cache.forget(replaced)
        _stop(before)

    def sweep(self, page: str, sweep: Sweep) -> None:
        """Measure run after run for a page; whatever this session still measures is ended first."""
        before = self._all()
        self._sweeps[page] = Conductor(sweep, self._compared)
        _stop(before)

    def run_code(self, code: str) -> OwnCodeRun:
        """Run somebody's own code; whatever this session still measures is ended first.

        Raises:
            OwnCodeOff: If nobody's own code is run for this session.
        """
        own_code_gate.check()
        before = self._all()
        if self._own_code is not None:
            self._cache.forget(self._own_code)
        self._own_code = run = OwnCodeRun(
            code, turns=self._turns, owner=self, on_end=self._note_code
        )
        _stop(before)
        return run

    @property
    def own_code(self) -> OwnCodeRun | None:
        """The last run of somebody's own code."""
        return self._own_code

    def swept(self, page: str) -> Conductor | None:
        """Return what was last swept for a page."""
        return self._sweeps.get(page)

    def painted(self, page: str) -> None:
        """Note that a page is painted in its browser, which runs may wait for."""
        if (comparison := self._last.get(page)) is not None:
            comparison.painted()

    def awaits_paint(self, page: str) -> bool:
        """Whether a page's runs wait for it to be painted in its browser."""
        comparison = self._last.get(page)
        return comparison is not None and comparison.awaits_paint

    def is_at_rest(self, page: str) -> bool:
        """Whether a page's runs are measured while nothing of it is drawn, if they are short."""
        comparison = self._last.get(page)
        return comparison is not None and comparison.at_rest

    def _compared(self, specs: Sequence[RunSpec], rest: Rest | None = None) -> Comparison:
        return Comparison(
            specs,
            self._spares,
            self._services,
            turns=self._turns,
            owner=self,
            rest=rest,
            on_end=self._note_end,
        )

    def _all(self) -> "list[Stoppable]":
        own_code = [] if self._own_code is None else [self._own_code]
        return [*self._last.values(), *self._sweeps.values(), *own_code]

    def _note_code(self, run: OwnCodeRun) -> None:
        self._run_log.note_own_code(
            run.outcome, waited_s=run.waited_s, took_s=run.took_s, session=self._session
        )
        if run is self._own_code:
            self._cache.keep(run)

    def _note_end(self, comparison: Comparison) -> None:
        self._run_log.note(comparison, self._session)
        if comparison in list(self._last.values()):
            self._cache.keep(comparison)

    def stop(self) -> None:
        """End what is under way. Its processes go in the background; nobody waits for them."""
        _stop(self._all())

    def close(self) -> None:
        """End what is under way and forget the rest: the session is over."""
        _stop(self._all())
        last, self._last = self._last, {}
        for comparison in last.values():
            self._cache.forget(comparison)
        if self._own_code is not None:
            self._cache.forget(self._own_code)

    def measurements(self, page: str) -> list[Measurement]:
        """Return the runs last measured for a page, in the order in which they were asked for."""
        comparison = self._last.get(page)
        return comparison.measurements if comparison else []

    def is_running(self, page: str) -> bool:
        """Whether a page's comparison or its sweep is under way."""
        under_way: Stoppable | None = self._last.get(page) or self._sweeps.get(page)
        if page == OWN_CODE:
            under_way = self._own_code
        return under_way is not None and not under_way.ended.is_set()

    def wait(self, page: str, at_most_s: float) -> None:
        """Return once a page's comparison has ended, after some seconds, or if it is held up.

        It is held up while it is not its turn yet, or a service is being started: a page says so.
        """
        comparison = self._last.get(page)
        until_s = time.monotonic() + at_most_s
        while comparison is not None and (left_s := until_s - time.monotonic()) > 0:
            held_up = comparison.waiting is not None or comparison.starting
            if held_up or comparison.ended.wait(min(left_s, LOOK_EVERY_S)):
                return

    def starting(self, page: str) -> tuple[str, ...]:
        """Return the services that are being started for a page just now, by their names."""
        comparison = self._last.get(page)
        return comparison.starting if comparison else ()

    def waiting(self, page: str) -> Wait | None:
        """Return how long a page's comparison has to wait for its turn; None if it does not."""
        comparison = self._last.get(page)
        return comparison.waiting if comparison else None

    def specs(self, page: str) -> tuple[RunSpec, ...]:
        """Return what was last measured for a page."""
        return tuple(measurement.spec for measurement in self.measurements(page))


Stoppable = Comparison | Conductor | OwnCodeRun


def _stop(all_before: Iterable[Stoppable]) -> None:
    for each in all_before:
        if not each.ended.is_set():
            try:
                threading.Thread(target=each.stop, name="stopping a comparison").start()
            except RuntimeError:  # no more threads
                each.stop()


@st.cache_resource(show_spinner=False, on_release=Spares.close)
def _spares() -> Spares:
    allow_many_open_files()
    spares = Spares(WARM_CHILDREN)
    atexit.register(spares.close)
    return spares


@st.cache_resource(show_spinner=False, on_release=Services.close)
def _services() -> Services:
    services = Services()
    atexit.register(services.close)
    return services


@st.cache_resource(show_spinner=False)
def turns() -> Turns:
    """Return the turns that all sessions take."""
    return Turns()


@st.cache_resource(show_spinner=False)
def _rest() -> Rest:
    return Rest(PAINT_WITHIN_S)


@st.cache_resource(show_spinner=False)
def result_cache() -> ResultCache:
    """Return what is kept of all sessions' runs."""
    return ResultCache()


@st.cache_resource(show_spinner=False)
def run_log() -> RunLog:
    """Return this server's log of runs."""
    log_if_asked()
    return RunLog()


@st.cache_resource(scope="session", show_spinner=False, on_release=SessionRuns.close)
def session_runs() -> SessionRuns:
    """Return what this session measures; its runs are ended when the session ends."""
    return SessionRuns(
        _spares(), _services(), turns=turns(), rest=_rest(), cache=result_cache(), run_log=run_log()
    )
