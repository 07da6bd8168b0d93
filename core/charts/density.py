"""Exact sums of spans over bins of time, and the lanes of a large run as one picture of them.

A picture has a size whatever the run, and under it cells that nobody sees let a pointer read what
they sum up. `Detail` shares 300 KB among the runs of a chart, up to a dozen.
"""

import base64
import io
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.analysis.span_classes import COUNT, span_classes
from core.charts.figure import USUAL, Style
from core.timeline.timeline import Booleans, Integers

Floats = npt.NDArray[np.float64]
Column = TypeVar("Column", Floats, Integers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """`count` bins of `width_ns` each from `start_ns` on; the last one may reach beyond the end."""

    start_ns: int
    end_ns: int
    width_ns: int

    @classmethod
    def over(cls, start_ns: int, end_ns: int, most: int) -> "Bins":
        """Return at most `most` bins over a stretch of time; at least one."""
        length_ns = max(1, end_ns - start_ns)
        return cls(start_ns=start_ns, end_ns=start_ns + length_ns, width_ns=-(-length_ns // most))

    @property
    def count(self) -> int:
        """How many bins there are."""
        return -(-(self.end_ns - self.start_ns) // self.width_ns)

    @property
    def edges_ns(self) -> Integers:
        """Where the bins begin, and where the last one ends."""
        return self.start_ns + self.width_ns * np.arange(self.count + 1)

    def coarser(self, size: int) -> "Bins":
        """Return bins that are each `size` of these."""
        width_ns = self.width_ns * size
        return Bins(start_ns=self.start_ns, end_ns=self.end_ns, width_ns=width_ns)

    def index(self, times_ns: Integers) -> Integers:
        """Return in which bin each time is."""
        return (times_ns - self.start_ns) // self.width_ns

    def split(self, times_ns: Integers) -> tuple[Integers, Integers]:
        """Return in which bin each time is, and how far from the beginning of that bin."""
        offset_ns = times_ns - self.start_ns
        index = offset_ns // self.width_ns
        offset_ns -= index * self.width_ns
        return index, offset_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What lies in each bin, by row: nanoseconds, and how many spans begin there.

    Both are arrays of rows and bins. A span that began before the first bin counts in it.
    """

    time_ns: Floats
    begun: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """Spans to be counted: from when to when each lasts, and in which row it counts."""

    row: Integers
    start_ns: Integers
    end_ns: Integers

    def chosen(self, mask: Booleans) -> "Stretches":
        """Return some of the stretches only."""
        return Stretches(row=self.row[mask], start_ns=self.start_ns[mask], end_ns=self.end_ns[mask])

    def within(self, bins: Bins) -> "Stretches":
        """Return what of the stretches lies in the bins; what has no length there is left out."""
        start_ns, end_ns = self.start_ns, self.end_ns
        if start_ns.min(initial=bins.start_ns) < bins.start_ns:
            start_ns = np.maximum(start_ns, bins.start_ns)
        if end_ns.max(initial=bins.end_ns) > bins.end_ns:
            end_ns = np.minimum(end_ns, bins.end_ns)
        clipped = Stretches(row=self.row, start_ns=start_ns, end_ns=end_ns)
        inside = start_ns < end_ns
        return clipped if inside.all() else clipped.chosen(inside)


def amounts(stretches: Stretches, rows: int, bins: Bins) -> Amounts:
    """Return how much of the stretches lies in each bin, for each row.

    The sums are exact as long as one bin holds less than 2**53 ns. A stretch fills the bins from
    the one in which it begins to the one in which it ends; what is too much in the first and in the
    last is set right.
    """
    inside = stretches.within(bins)
    first, since_edge = bins.split(inside.start_ns)
    # An end is the first nanosecond after a stretch: one on an edge belongs to the bin before it.
    last, into_last = bins.split(inside.end_ns - 1)
    until_edge = np.subtract(bins.width_ns - 1, into_last, out=into_last)
    cells = rows * bins.count
    row = inside.row * bins.count
    first += row
    last += row

    def table(found: Floats | Integers) -> Any:
        return found.reshape(rows, bins.count)

    begun = table(np.bincount(first, minlength=cells))
    ended = table(np.bincount(last, minlength=cells))
    # Begun and not ended before, which counts those that end in the bin itself as well.
    under_way = (begun - ended).cumsum(axis=1) + ended
    time_ns = under_way * float(bins.width_ns)
    time_ns -= table(np.bincount(first, weights=since_edge, minlength=cells))
    time_ns -= table(np.bincount(last, weights=until_edge, minlength=cells))
    return Amounts(time_ns=time_ns, begun=begun)


def blocks(values: Column, axis: int, size: int) -> Column:
    """Return the sums over each `size` neighbours along an axis; the last block may be smaller."""
    if size == 1:
        return values
    sums: Column = np.add.reduceat(values, np.arange(0, values.shape[axis], size), axis=axis)
    return sums


ALONE_UP_TO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How finely one run of a chart is drawn; together a dozen runs keep to 300 KB.

    More runs than that have the least detail with which each can still be read, some 14 KB each.

    `bins` are those of the curves. The picture of the lanes has `columns_a_bin` for each of them,
    `rows` and at most `picture_bytes`; a pointer can rest on it in `hover_columns` and
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
        """Return the detail of each of some runs in one chart."""
        # What does not shrink with the detail, settings and the texts that a pointer reads, is in
        # each run again, so the detail falls faster than the share.
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


LEVELS = 8
"""In how many steps classes mix: few different colours compress well."""
LEAST_SEEN = 0.3
"""The least opacity, so that a job of a microsecond is not lost among thousands that are over."""
PARTED_ROWS, PARTS = 64, 6
"""Up to this number, rows have a gap below each, one part in six, as rows of bars have."""
PNG_EFFORT = 6
PROBED_COLUMNS = 4
ROUNDING = 1e-5
"""More than the error of a share in float32, and far less than a level."""

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """Time by class, row and bin: an array of that shape. `per_row` lanes share a row.

    Only the `classes` that occur are in it, by their numbers.
    """

    classes: Integers
    bins: Bins
    per_row: int
    lanes: int
    time_ns: Floats
    begun: Integers

    @property
    def rows(self) -> int:
        """How many rows there are; the last one may have fewer lanes."""
        return int(self.time_ns.shape[1])

    @property
    def shares(self) -> Floats:
        """Which share of each row's time is spent in each class of spans, by class, row and bin."""
        held = np.minimum(self.per_row, self.lanes - np.arange(self.rows) * self.per_row)
        shares: Floats = self.time_ns / (held[None, :, None] * float(self.bins.width_ns))
        return shares

    def time_by_class(self, columns: int) -> Floats:
        """Return the time of all rows together, by class, also of those that do not occur, and bin.

        Each bin is as wide as `columns` of these.
        """
        time_ns = np.zeros((COUNT, self.bins.coarser(columns).count))
        time_ns[self.classes] = blocks(self.time_ns.sum(axis=1), 1, columns)
        return time_ns

    def coarser(self, rows: int, columns: int) -> "Density":
        """Return the same with `rows` rows and `columns` columns summed up in one."""

        def summed(values: Floats) -> Floats:
            return blocks(blocks(values, 1, rows), 2, columns)

        return Density(
            classes=self.classes,
            bins=self.bins.coarser(columns),
            per_row=self.per_row * rows,
            lanes=self.lanes,
            time_ns=summed(self.time_ns),
            begun=blocks(blocks(self.begun, 0, rows), 1, columns),
        )


def pixels(classes: Integers, shares: Floats, style: Style = USUAL) -> Pixels:
    """Return the colours of the shares of classes, by row and bin: red, green, blue and opacity.

    Classes mix by the squares of their shares, so that the prevailing one stands out, in steps of
    an eighth; what is empty for a part of the time is so far transparent, but never unseen.
    """
    colours = np.array(
        [_rgb(style.colour(look)) for look in span_classes().values()], dtype=np.float32
    )[classes]
    shares = shares.astype(np.float32)
    weight = shares**2
    total = weight.sum(axis=0)
    weight = np.rint(weight / np.where(total > 0, total, 1) * LEVELS)
    total = np.maximum(weight.sum(axis=0), 1)
    rgb = np.moveaxis(np.tensordot(colours.T, weight, axes=1) / total, 0, 2)
    # Rounded up, so that what is there at all has a level; less the rounding, so that a share of
    # exactly a level does not get the next one.
    taken = np.ceil(np.minimum(shares.sum(axis=0), 1) * LEVELS - ROUNDING) / LEVELS
    opacity = np.where(taken > 0, LEAST_SEEN + (1 - LEAST_SEEN) * taken, 0) * 255
    return np.concatenate([rgb, opacity[..., None]], axis=2).round().astype(np.uint8)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def parted(picture: Pixels) -> Pixels:
    """Return a picture of few rows with a thin gap below each."""
    tall = picture.repeat(PARTS, axis=0)
    tall[PARTS - 1 :: PARTS, :, 3] = 0
    return tall


def png(picture: Pixels) -> str:
    """Return a picture as an address that holds all of it."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG", compress_level=PNG_EFFORT)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def picture(found: Density, detail: Detail, style: Style = USUAL) -> str:
    """Return the picture of lanes, with fewer columns where it would become too large.

    One with few columns is made first and predicts the size: large ones take long to compress.
    """
    # With `columns` summed up in one, the size falls about as they rise: so the first picture says
    # how many it takes at least. Where that guess proves too large, the first one is taken.
    columns = PROBED_COLUMNS
    source = _drawn(found, columns, style)
    if len(source) > detail.picture_bytes:
        while len(source) > detail.picture_bytes and columns < found.bins.count:
            columns *= 2
            source = _drawn(found, columns, style)
        return source
    finer = max(1, -(-columns * len(source) // detail.picture_bytes))
    better = _drawn(found, finer, style) if finer < columns else source
    return better if len(better) <= detail.picture_bytes else source


def _drawn(found: Density, columns: int, style: Style) -> str:
    drawn = pixels(found.classes, found.coarser(1, columns).shares, style)
    return png(parted(drawn) if found.rows <= PARTED_ROWS else drawn)
