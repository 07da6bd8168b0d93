"""One HTML page that holds all of a result and works without a network.

Every text is escaped, as names, messages and printed lines may come from a file of anybody's.
"""

import html
from collections.abc import Iterator, Sequence

from core.analysis.figures import figure_rows
from core.analysis.findings_text import findings_text
from core.analysis.side_by_side import caveats, run_names
from core.analysis.summary import explain
from core.charts import chart
from core.charts.figure import Style, plotlys_look
from core.charts.panel import panels_of
from core.spec.program import program
from core.text.language import _, duration_text, spoken
from core.text.legible import legible, shortened
from core.timeline.timeline import Timeline

# That of the page's own texts: the page is a light one, whatever the theme of who saves it.
INK = "#31333F"
STYLE = """
body { max-width: 80rem; margin: 2rem auto; padding: 0 1rem; color: #31333F; background: #fff;
  font: 1.05rem/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; } .wide { overflow-x: auto; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
pre { padding: .8rem; background: #f5f6f8; overflow-x: auto; font-size: .9rem; }
"""


def escape(text: str) -> str:
    """Return a text of one line so that a browser shows it as it is."""
    return html.escape(legible(text))


def html_page(timelines: Sequence[Timeline]) -> bytes:
    """Return the chart, its sentences, the figures, the code and the transcripts as one page."""
    heading = ", ".join(run_names([each.program for each in timelines]))
    parts = [
        "<!doctype html>",
        f'<html lang="{spoken()}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(heading)} · Loopscope</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(heading)}</h1>",
        *_sentences(timelines),
        _chart(timelines),
        _table(figure_rows(timelines, brief=True)),
        *_codes(timelines),
        *_transcripts(timelines),
        "</body></html>",
    ]
    return "\n".join(parts).encode(errors="backslashreplace")


def _sentences(timelines: Sequence[Timeline]) -> Iterator[str]:
    yield f"<p><strong>{escape(explain(timelines))}</strong></p>"
    names = run_names([each.program for each in timelines])
    for name, timeline in zip(names, timelines, strict=True):
        if found := findings_text(timeline):
            yield f"<p><b>{escape(name)}</b>: {escape(found)}</p>"
    if missing := caveats(timelines):
        yield f"<p><small>{escape(missing)}</small></p>"


def _chart(timelines: Sequence[Timeline]) -> str:
    panels = panels_of(timelines)
    figure = chart.draw(panels, style=Style(ink=INK)).figure()
    # Streamlit has put its own template in the place of Plotly's, with colours of its theme.
    figure.layout.template = plotlys_look()
    config = {"displaylogo": False, "responsive": True}
    # With all of plotly.js, 5 MB: the page is to be opened without a network.
    drawing: str = figure.to_html(full_html=False, include_plotlyjs=True, config=config)
    return drawing


def _table(rows: Sequence[Sequence[str]]) -> str:
    heading, *others = rows
    lines = [_row("th", heading), *(_row("td", row) for row in others)]
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _row(kind: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"


def _codes(timelines: Sequence[Timeline]) -> Iterator[str]:
    names = run_names([each.program for each in timelines])
    named = {each.spec: name for each, name in zip(timelines, names, strict=True) if each.spec}
    for spec, name in named.items():
        yield f"<h2>{escape(_('Code of {name}').format(name=name))}</h2>"
        yield f"<pre>{html.escape(program(spec))}</pre>"


def _transcripts(timelines: Sequence[Timeline]) -> Iterator[str]:
    names = run_names([each.program for each in timelines])
    for name, timeline in zip(names, timelines, strict=True):
        if timeline.log:
            said = _("{name} printed:").format(name=name)
            lines = [
                f"{duration_text(line.at_ns):>12}  {escape(shortened(line.text))}"
                for line in timeline.log
            ]
            printed = "\n".join(lines)
            yield f"<h2>{escape(said)}</h2><pre>{printed}</pre>"
