"""How much detail a large chart has: less for each run, the more runs share it."""

from dataclasses import dataclass

ALONE_UP_TO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How finely one run of a chart is drawn; together a dozen runs keep to 300 KB.

    More runs than that have the least detail with which each can still be read, some 16 KB each.

    `bins` are those of the curves, `columns` and `rows` those of the picture of the lanes, which
    has at most `picture_bytes`; `hover_columns` and `hover_rows` say where a pointer can rest on
    that picture. `marks` are rare events with a sign each, `rug` the signs of those beyond.
    """

    bins: int
    columns: int
    rows: int
    picture_bytes: int
    hover_columns: int
    hover_rows: int
    marks: int
    rug: int

    @classmethod
    def of_each(cls, panels: int) -> "Detail":
        """Return the detail of each of so many runs."""
        share = min(1.0, ALONE_UP_TO / panels)
        return cls(
            bins=max(40, round(400 * share)),
            columns=max(80, round(900 * share**0.5)),
            rows=max(16, round(160 * share**0.5)),
            picture_bytes=round(36_000 * share),
            hover_columns=max(12, round(60 * share**0.75)),
            hover_rows=max(6, round(24 * share**0.5)),
            marks=max(20, round(300 * share)),
            rug=max(20, round(120 * share)),
        )
