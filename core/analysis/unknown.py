"""What of a run is not there: what was left out, and what could not be recorded."""

from core.jobs import OwnProgram
from core.text.language import _, ngettext, number_text
from core.text.legible import legible
from core.timeline.timeline import Timeline


def unknown(timeline: Timeline) -> list[str]:
    """Return a sentence for each thing that could not be recorded of a program."""
    program = timeline.program
    if not isinstance(program, OwnProgram):
        return []
    texts = [
        _(
            "Tasks of the event loop {name} are not recorded, as it is not built from asyncio's "
            "parts; calls for threads are."
        ).format(name=legible(name))
        for name in program.unrecorded_loops
    ]
    if "trio" in program.loops:
        texts.append(
            _(
                "Of trio, it is not recorded who holds a lock or a limiter; a call for a thread is "
                "recorded from when the limiter has let it pass."
            )
        )
    if "uvloop" in program.loops and "uvloop" not in program.unrecorded_loops:
        texts.append(
            _(
                "Of uvloop, it is not recorded when it runs protocols of its transports and "
                "handlers of files and signals, nor whom these wake up; its timers count whole "
                "milliseconds."
            )
        )
    if program.joined:
        texts.append(
            _(
                "The recording began while an event loop ran: since when its tasks had waited is "
                "not known, and the step then under way is not in it."
            )
        )
    return texts


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
