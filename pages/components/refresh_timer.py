"""A timer that lets a fragment be drawn again a moment after it was drawn, as long as it shows one.

On a page that was just opened that moment is when the browser has painted it.

Streamlit's own `run_every` goes on until the whole page is drawn again, and counts from when it
began: a server that is slow would be asked faster than it can answer.
"""

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).with_name("assets")
BEAT = "beat"


def show(page: str, after_s: float, *, painted: Callable[[], None] | None = None) -> None:
    """Draw the fragment in which this is called again after some seconds.

    With `painted` it is drawn as soon as the page is painted, and at the latest after that time;
    just before, `painted` is called.
    """
    component = st.components.v2.component(
        "refresh_timer",
        html="<i hidden></i>",
        js=(ASSETS / "refresh_timer.js").read_text(encoding="utf-8"),
    )
    component(
        key=f"{page} refresh timer",
        data={
            "number": time.monotonic_ns(),
            "after_ms": round(after_s * 1_000),
            "when_painted": painted is not None,
        },
        on_beat_change=painted or (lambda: None),
    )
