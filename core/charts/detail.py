"""How much detail a large chart has: less for each run, the more runs share it."""

from dataclasses import dataclass

ALONE_UP_TO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How finely one run of a chart is drawn; together a dozen runs keep to 300 KB.

    More runs than that have the least detail with which each can still be read, some 14 KB each.

    `bins` are those of the curves. The picture of the lanes has `columns_a_bin` for each of them,
    so many `rows` and at most `picture_bytes`; a pointer can rest on it in `hover_columns` and
    `hover_rows`. `marks` are rare events with a sign each, `rug` the signs of those beyond.
    """

    bins: int
    columns_a_bin: int
    rows: int
    picture_bytes: int
    hover_columns: int
    hover_rows: int
    marks: int
    rug: int

    @property
    def columns(self) -> int:
        """How many columns the picture of the lanes has."""
        return self.bins * self.columns_a_bin

    @classmethod
    def of_each(cls, panels: int) -> "Detail":
        """Return the detail of each of so many runs."""
        share = min(1.0, ALONE_UP_TO / panels)
        size = share**1.3
        return cls(
            bins=max(24, round(400 * size)),
            columns_a_bin=round(2 / share**0.5),
            rows=max(16, round(160 * share**0.5)),
            picture_bytes=round(36_000 * size),
            hover_columns=max(8, round(48 * share**0.75)),
            hover_rows=max(4, round(20 * share**0.5)),
            marks=max(20, round(300 * size)),
            rug=max(20, round(120 * size)),
        )
