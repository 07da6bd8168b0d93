"""The chart as a picture, PNG or SVG, made in the visitor's browser: a server needs none for it."""

from pathlib import Path

import streamlit as st

from core.text.language import _

ASSETS = Path(__file__).with_name("assets")
SCALE = 2
"""How many pixels a PNG has for one of the page: enough for a slide."""


def show(page: str, stem: str) -> None:
    """Show two buttons that save the page's chart; `stem` is the name of the file."""
    component = st.components.v2.component(
        "picture",
        html='<div class="pictures"></div>',
        css=(ASSETS / "picture.css").read_text(encoding="utf-8"),
        js=(ASSETS / "picture.js").read_text(encoding="utf-8"),
    )
    labels = {"png": _("Picture of the chart (PNG)"), "svg": _("Picture of the chart (SVG)")}
    component(data={"labels": labels, "stem": stem, "scale": SCALE}, key=f"{page} picture")
