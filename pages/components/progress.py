"""What a run waits for before it can begin: its turn, and the services that are being started."""

import math
from collections.abc import Sequence

import streamlit as st

from core.measuring.turns import Wait
from core.text.language import _


def show(starting: Sequence[str], wait: Wait | None = None) -> None:
    """Say when it is a run's turn, and which services are being started."""
    if wait is not None:
        st.info(turn_text(wait))
    for name in starting:
        st.info(texts()[name])


def turn_text(wait: Wait) -> str:
    """Return where a run stands in the queue, and about how long it stays there."""
    return _("Waiting for its turn: place {place:,} in the queue, about {seconds:,} s …").format(
        place=wait.place, seconds=max(1, math.ceil(wait.seconds))
    )


def texts() -> dict[str, str]:
    """Return what is said while each service starts, by the names in `core.services`."""
    return {
        "cpu": _("Finding out how fast this machine calculates …"),
        "files": _("Writing files to read …"),
        "http": _("Starting the web server …"),
        "postgres": _("Starting PostgreSQL …"),
        "dask": _("Starting the Dask cluster …"),
    }
