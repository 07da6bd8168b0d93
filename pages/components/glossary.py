"""The glossary: what the words of a chart mean, one press away from it."""

import streamlit as st

from core.analysis.span_classes import in_order_of_life
from core.text.language import _


def show() -> None:
    """Show a button that tells what the words of the chart mean."""
    with st.popover(_("What the words mean")):
        st.markdown("\n".join(f"- {text}" for text in texts()))


def texts() -> list[str]:
    """Return what each word of a chart means, in the order in which its legend may name them."""
    return [
        _("ideal: the best schedule that the settings allow; an outline, or a small triangle"),
        *(each.meaning for each in in_order_of_life()),
        _("failed, cancelled, lost: how a job ended that did not return; a sign at its end"),
        _("dashed line: the pattern returned; that is the wall time"),
        _("worker: a thread or a process to which an executor hands jobs"),
    ]
