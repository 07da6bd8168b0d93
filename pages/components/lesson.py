"""A lesson: a chapter on one pattern."""

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import chapter
from pages.components.knobs import First


def show(pattern: str, *, spread: Spread = Spread.EQUAL) -> None:
    """Show the lesson on a pattern.

    Args:
        pattern: The name of the pattern, which is also that of the lesson's text.
        spread: How the jobs' sleep times relate at first.
    """
    chapter.show(pattern, [pattern], strips=[Strip.LOOP], first=First(spread=spread))
