"""Scale: how coroutines, threads and processes fare as there are more and more of them."""

from pages.components import language
from pages.components.frame import framed, show_sweep, show_text

with framed("scale") as here:
    text = language.lesson_text("scale")
    show_text(text.before)
    show_sweep(here)
    show_text(text.after)
