"""The code of patterns, exactly as it runs."""

from collections.abc import Sequence

import streamlit as st

from core.patterns import PATTERNS
from core.spec import RunSpec
from core.words import _
from core.workloads import DEFAULT_WORKLOADS


def folded(specs: Sequence[RunSpec]) -> None:
    """Show the code of several runs, folded away."""
    if specs:
        with st.expander(_("Code of each pattern, as it ran")):
            tabs(specs)


def tabs(specs: Sequence[RunSpec]) -> None:
    """Show the code of several runs, one tab for each that differs; an unusual job stands above."""
    sources = {_label(spec): source(spec) for spec in specs}
    for tab, text in zip(st.tabs(list(sources)), sources.values(), strict=True):
        tab.code(text, wrap_lines=True)


def source(spec: RunSpec) -> str:
    """Return the code of a run's pattern, after that of its job where this is not the usual one."""
    pattern = PATTERNS[spec.pattern].source
    return (
        pattern
        if _has_usual_job(spec)
        else f"{spec.job.source(PATTERNS[spec.pattern].arranges)}\n\n{pattern}"
    )


def _label(spec: RunSpec) -> str:
    return spec.pattern if _has_usual_job(spec) else f"{spec.pattern} · {spec.workload}"


def _has_usual_job(spec: RunSpec) -> bool:
    return spec.workload == DEFAULT_WORKLOADS[PATTERNS[spec.pattern].arranges]
