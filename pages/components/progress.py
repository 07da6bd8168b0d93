"""What a run waits for before it can begin: the services that are being started."""

from collections.abc import Sequence

import streamlit as st

from core.words import _


def show(starting: Sequence[str]) -> None:
    """Say which services are being started."""
    for name in starting:
        st.info(texts()[name])


def texts() -> dict[str, str]:
    """Return what is said while each service starts, by the names in `core.services`."""
    return {
        "cpu": _("Finding out how fast this machine calculates …"),
        "files": _("Writing files to read …"),
        "http": _("Starting the web server …"),
        "postgres": _("Starting PostgreSQL …"),
        "dask": _("Starting the Dask cluster …"),
    }
