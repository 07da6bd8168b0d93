"""Your own code: typed into the page, run under the recorder, and shown like any other run."""

from core.text.language import _
from pages.components import own_code
from pages.components.frame import framed, show_title

with framed("own_code") as here:
    show_title(_("Your own code"))
    own_code.show(here)
