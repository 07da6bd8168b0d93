"""Scale: how coroutines, threads and processes fare as there are more and more of them."""

from pages.components import language
from pages.components.frame import framed, show_lesson, show_sweep, show_text

with framed("scale") as here:
    text = language.lesson_text("scale")
    show_lesson(text, with_code=False)
    show_sweep(here)
    show_text(text.after)
