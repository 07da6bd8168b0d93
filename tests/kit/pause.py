"""A setting that there is not, as an entry that a test puts into the table of settings."""

from core.spec.settings import MILLISECONDS, SECONDS, Bound, Place, Setting, Widget
from core.text.language import lazy

PAUSE = Setting(
    kind=SECONDS,
    default=0.0,
    bounds=lambda _draft: (
        Bound(most=3_600.0, limit="sleep_s", why=lazy("because no run may take longer")),
    ),
    option="pause",
    metavar="SECONDS",
    help=lazy("how long each job sleeps"),
    widget=Widget(
        place=Place.BAR,
        label=lazy("Sleep"),
        meaning=lazy("How many jobs."),
        first=0.0,
        positions=(0, 10, 20),
        scale=MILLISECONDS,
    ),
)
