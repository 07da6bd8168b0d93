"""The code of patterns, exactly as it runs."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.patterns import PATTERNS
from core.spec.run_spec import RunSpec
from core.text.language import _
from core.workloads import DEFAULT_WORKLOADS
from pages.components import language, look, page_layout


def show_folded(specs: Sequence[RunSpec]) -> None:
    """Show the code of several runs, folded away; a projected page has no room for it."""
    if specs and not look.is_projected():
        st.fragment(language.kept(_fold))(specs)


def _fold(specs: Sequence[RunSpec]) -> None:
    page_layout.lazy_expander(
        _("Code of each pattern, as it ran"), partial(show, specs), key="code"
    )


def show(specs: Sequence[RunSpec]) -> None:
    """Show the code of one run, or of several in a tab for each that differs."""
    sources = {_label(spec): source(spec) for spec in specs}
    places = st.tabs(list(sources)) if len(sources) > 1 else [st.container()]
    for place, text in zip(places, sources.values(), strict=True):
        place.code(text, wrap_lines=True)


def source(spec: RunSpec) -> str:
    """Return the code of a run's pattern, after that of its job where this is not the usual one."""
    pattern = PATTERNS[spec.pattern]
    if _has_usual_job(spec):
        return pattern.source
    return f"{spec.job.source(pattern.arranges)}\n\n{pattern.source}"


def _label(spec: RunSpec) -> str:
    return spec.pattern if _has_usual_job(spec) else f"{spec.pattern} · {spec.workload}"


def _has_usual_job(spec: RunSpec) -> bool:
    return spec.workload == DEFAULT_WORKLOADS[PATTERNS[spec.pattern].arranges]
