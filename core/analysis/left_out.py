"""What a timeline lacks because a run had more of it than is kept: said, never silent."""

from core.text.language import ngettext
from core.text.numbers import number_text
from core.timeline.timeline import Timeline


def left_out(timeline: Timeline) -> list[str]:
    """Return a clause for each kind of thing of which some was left out; empty for a whole run."""
    events, lines, results = (
        timeline.dropped_events,
        timeline.dropped_lines,
        timeline.dropped_results,
    )
    texts = {
        ngettext("{count} event was left out", "{count} events were left out", events): events,
        ngettext(
            "{count} printed line was left out", "{count} printed lines were left out", lines
        ): lines,
        ngettext(
            "the result of {count} job was left out",
            "the results of {count} jobs were left out",
            results,
        ): results,
    }
    return [text.format(count=number_text(count)) for text, count in texts.items() if count]
