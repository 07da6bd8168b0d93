"""A lesson page: a text, the code of each run, controls, measured runs, and what to notice."""

from collections.abc import Callable, Sequence

from core.charts.strips import Strip
from core.jobs import Spread
from pages.components import controls, language
from pages.components.controls import RunChoice, RunRequest
from pages.components.frame import framed, show_lesson, show_runs, show_text
from pages.components.knobs import Defaults
from pages.components.link import Link
from pages.components.look import PageLayout

Choices = Sequence[RunChoice | str] | Callable[[Link], Sequence[RunChoice]]


def show_pattern(pattern: str, *, spread: Spread = Spread.EQUAL) -> None:
    """Show the lesson on one pattern, called like it; `spread` says how jobs differ at first."""
    show(pattern, [pattern], strips=[Strip.LOOP], defaults=Defaults(spread=spread))


def show(
    page: str, choices: Choices, *, strips: Sequence[Strip], defaults: Defaults | None = None
) -> None:
    """Show a lesson page: one run, or several side by side.

    Args:
        page: The name of the page, which is also that of its text.
        choices: The runs from top to bottom, say a mistake and its cure; a name stands for the
            pattern with its usual workload. Or what asks the visitor for them, above the bar.
        strips: What to show below each run.
        defaults: Where the controls stand at first.
    """

    def ask(link: Link, layout: PageLayout) -> RunRequest:
        with layout.choices:
            chosen = _chosen(link, choices)
        return controls.several(link, layout, chosen, defaults or Defaults())

    with framed(page) as here:
        text = language.lesson_text(page)
        code_at = show_lesson(text)
        show_runs(here, ask, strips=strips, code_at=code_at)
        show_text(text.after)


def _chosen(link: Link, choices: Choices) -> list[RunChoice]:
    found = choices(link) if callable(choices) else choices
    return [each if isinstance(each, RunChoice) else RunChoice(pattern=each) for each in found]
