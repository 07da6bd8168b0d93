"""The bench: where one visitor's runs are measured, one comparison at a time."""

import atexit
import threading
from collections.abc import Sequence

import streamlit as st

from core.running.comparison import Comparison
from core.running.measurement import Measurement
from core.running.spares import Spares
from core.services import Services
from core.spec import RunSpec

WARM_CHILDREN = 3


class Bench:
    """What one session measures: the comparison under way, and each page's last one."""

    def __init__(self, spares: Spares, services: Services) -> None:
        """Start with nothing measured."""
        self._spares = spares
        self._services = services
        self._last: dict[str, Comparison] = {}

    def measure(self, page: str, specs: Sequence[RunSpec]) -> None:
        """Measure for a page; whatever this session still measures is ended first."""
        self.stop()
        self._last[page] = Comparison(specs, self._spares, self._services)

    def stop(self) -> None:
        """End what is under way. Its processes go in the background; nobody waits for them."""
        for comparison in self._last.values():
            if not comparison.ended.is_set():
                threading.Thread(target=comparison.stop, name="stopping a comparison").start()

    def measurements(self, page: str) -> list[Measurement]:
        """Return the runs last measured for a page, in the order in which they were asked for."""
        comparison = self._last.get(page)
        return comparison.measurements if comparison else []

    def is_running(self, page: str) -> bool:
        """Whether a page's comparison is under way."""
        comparison = self._last.get(page)
        return comparison is not None and not comparison.ended.is_set()

    def starting(self, page: str) -> tuple[str, ...]:
        """Return the services that are being started for a page just now, by their names."""
        comparison = self._last.get(page)
        return comparison.starting if comparison else ()

    def specs(self, page: str) -> tuple[RunSpec, ...]:
        """Return what was last measured for a page."""
        return tuple(measurement.spec for measurement in self.measurements(page))


@st.cache_resource(show_spinner=False, on_release=Spares.close)
def _spares() -> Spares:
    spares = Spares(WARM_CHILDREN)
    atexit.register(spares.close)
    return spares


@st.cache_resource(show_spinner=False, on_release=Services.close)
def _services() -> Services:
    services = Services()
    atexit.register(services.close)
    return services


@st.cache_resource(scope="session", show_spinner=False, on_release=Bench.stop)
def bench() -> Bench:
    """Return this session's bench; its runs are ended when the session ends."""
    return Bench(_spares(), _services())
