"""Compare: race patterns with the same jobs on one time axis."""

from core.text.language import _
from pages.components import controls
from pages.components.frame import framed, show_folded_code, show_runs, show_title

with framed("compare") as here:
    show_title(_("What was each task doing, when, and why did it wait?"))
    show_folded_code(show_runs(here, controls.race))
