"""The menu of what can be downloaded of finished runs, and the chart as a picture."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.analysis.run_names import run_name
from core.exports import EXPORTS, Export, file_stem
from core.text.language import _
from core.timeline.timeline import Timeline
from pages.components import language, look
from pages.components.markdown_text import escaped

PACKED = "json.gz"
PLAIN_UP_TO_SPANS = 20_000
SCALE = 2
"""How many pixels a PNG has for one of the page: enough for a slide."""


def show(page: str, timelines: Sequence[Timeline]) -> None:
    """Show the menu. A file is made when somebody asks for it, not before."""
    look.lazy_expander(
        _("Download"),
        partial(_entries, page, timelines),
        key=f"{page} downloads",
        icon=":material/download:",
    )


def _entries(page: str, timelines: Sequence[Timeline]) -> None:
    texts = labels()
    _pictures(page, file_stem(timelines))
    for export in in_order(timelines):
        if export.takes_one:
            for place, timeline in enumerate(timelines):
                if export.needs_spec and timeline.spec is None:
                    continue
                label = texts[export.name].format(name=escaped(run_name(timeline.program)))
                _button(export, [timeline], label, key=f"{page} {export.name} {place}")
        else:
            label = texts[export.name]
            _button(export, timelines, label, key=f"{page} {export.name}")


def in_order(timelines: Sequence[Timeline]) -> list[Export]:
    """Return the formats; of large runs the compressed run file comes before the plain one."""
    names = list(EXPORTS)
    if sum(len(each.spans) for each in timelines) > PLAIN_UP_TO_SPANS:
        names.remove(PACKED)
        names.insert(0, PACKED)
    return [EXPORTS[name] for name in names]


def labels() -> dict[str, str]:
    """Return what each format is called on a page, in this language; a script names its run."""
    return {
        "json": _("Run file (JSON), which can be opened here again"),
        PACKED: _("Run file, compressed (JSON, gzip), which can be opened here, too"),
        "csv": _("Table of spans (CSV)"),
        "parquet": _("Table of spans (Parquet)"),
        "chrome": _("Chrome trace (JSON), which Perfetto opens"),
        "html": _("This result as one page (HTML), for offline"),
        "script": _("Script of {name} (Python)"),
    }


def _button(export: Export, timelines: Sequence[Timeline], label: str, *, key: str) -> None:
    make: Callable[[], bytes] = language.kept(partial(export.make, timelines))
    st.download_button(
        label,
        make,
        file_name=f"{file_stem(timelines)}{export.suffix}",
        mime=export.mime,
        key=key,
        on_click="ignore",
        type="tertiary",
    )


def _pictures(page: str, stem: str) -> None:
    """Show two buttons that save the page's chart; `stem` is the name of the file.

    The visitor's browser makes them, so a server needs nothing for it.
    """
    component = st.components.v2.component(
        "picture",
        html='<div class="pictures"></div>',
        css=look.asset("picture.css"),
        js=look.asset("picture.js"),
    )
    labels = {"png": _("Picture of the chart (PNG)"), "svg": _("Picture of the chart (SVG)")}
    component(data={"labels": labels, "stem": stem, "scale": SCALE}, key=f"{page} picture")
