"""What a recording of somebody's own program does not know, in sentences."""

from core.jobs import OwnProgram
from core.text.language import _
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
    if program.joined:
        texts.append(
            _(
                "The recording began while an event loop ran: since when its tasks had waited is "
                "not known, and the step then under way is not in it."
            )
        )
    return texts
