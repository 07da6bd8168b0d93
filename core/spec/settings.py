"""What a setting of a run is: its values, the runs that take it, and how people set it.

`core.spec.run_spec` has one entry for each. What checks a run, the command line, the widgets of a
page, its link and the run file read that entry, and nothing else has to know of a setting.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar, dataclass_transform

from core.errors import BadValue, check_one_of, check_seconds, check_share, check_whole
from core.spec.limits import Limits
from core.text.language import NS_PER_MS, LazyText, Text, duration_text, lazy, number_text
from core.workloads import Workload

Draft = Mapping[str, Any]
"""A run that is being made: its pattern, and the settings that stand before the one in question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The most that a setting may be.

    Attributes:
        most: What not even a run file may exceed: its run was measured already, perhaps on a
            larger machine.
        why: The clause that gives the reason.
        limit: The field of `Limits` with which a server bounds what is measured on it.
        names_operator: Whether the reason is the operator's will, where the operator set that.
    """

    most: float
    why: Text
    limit: str | None = None
    names_operator: bool = True

    def within(self, limits: Limits | None) -> tuple[float, Text]:
        """Return the most that is allowed, on a server with limits or anywhere, and why."""
        if limits is None or self.limit is None:
            return self.most, self.why
        why = limits.why(self.limit, self.why) if self.names_operator else self.why
        return getattr(limits, self.limit), why


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The values that a setting can have.

    Attributes:
        checked: Returns a value as a run has it, of the setting's name, what was given, the most
            that it may be and why; raises `BadValue` for one that is none, or above the most.
        read: Returns what a command line says; a text that is no value is left for `checked`.
        words: All values, where they are words.
    """

    checked: Callable[[str, object, float, Text], object]
    read: Callable[[str], object] = str
    words: tuple[str, ...] = ()


def _whole(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        return text


def _decimal(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


WHOLE_NUMBER = Kind(
    checked=lambda name, given, most, why: check_whole(name, given, most=most, why=why),
    read=_whole,
)
SECONDS = Kind(
    checked=lambda name, given, most, why: check_seconds(name, given, most=most, why=why),
    read=_decimal,
)
SHARE = Kind(
    checked=lambda name, given, _most, _why: check_share(name, given),
    read=_decimal,
)


def one_of(words: Iterable[str]) -> Kind:
    """Return the kind of a setting whose values are some words."""
    allowed = tuple(map(str, words))
    return Kind(
        checked=lambda name, given, _most, _why: check_one_of(name, given, allowed),
        words=allowed,
    )


def words_text(words: Iterable[str], default: str) -> LazyText:
    """Return the help of a setting whose values are some words."""
    return lazy("{words} (default: {word})", words=", ".join(words), word=default)


def _itself(position: Any) -> Any:
    return position


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What the positions of a widget stand for, and how each is written.

    Attributes:
        word: Returns a position as the URL writes it.
        shown: Returns a position as people read it.
        value: Returns the value that a position stands for.
        position: Returns the position that stands for a value.
        read: Returns the number, on the scale of the positions, that a text stands for as people
            write it; raises `ValueError` for one that is none. None where positions are no numbers.
    """

    word: Callable[[Any], str] = str
    shown: Callable[[Any], str]
    value: Callable[[Any], Any] = _itself
    position: Callable[[Any], Any] = _itself
    read: Callable[[str], float] | None = None

    def nearest(self, text: str, positions: Sequence[Any]) -> tuple[Any, bool]:
        """Return the position that is nearest to what a text says, and whether it is just that.

        Raises:
            ValueError: If it says no number, or one beyond the first or the last position.
        """
        if self.read is None:
            raise ValueError(text)
        # A link may be typed, or of a version with other positions: it gets the nearest one, and
        # the page says so.
        number = self.read(text)
        if not positions[0] <= number <= positions[-1]:
            raise ValueError(text)
        position = min(positions, key=lambda position: abs(position - number))
        return position, position == number


def _milliseconds(text: str) -> float:
    """Return a time as people write it in milliseconds: `20ms`, `0.02s`, or `0.02` in seconds."""
    number = text.strip().lower()
    if number.endswith("ms"):
        return float(number[:-2])
    # 1.001 * 1000 is 1000.9999999999999, which would be no position.
    return round(float(number.removesuffix("s")) * 1_000, 6)


def _percent(text: str) -> float:
    return float(text.strip().removesuffix("%"))


COUNTS = Scale(shown=number_text, read=float)
MILLISECONDS = Scale(
    word=lambda step: f"{step}ms",
    shown=lambda step: duration_text(step * NS_PER_MS),
    value=lambda step: step / 1_000,
    position=lambda seconds: round(seconds * 1_000),
    read=_milliseconds,
)
TASK_COUNTS = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 75),
    *(100, 150, 200, 300, 500, 1_000, 2_000, 3_000, 5_000),
    *(10_000, 20_000, 50_000, 100_000),
)
SLEEPS_MS = (
    *(1, 2, 5, 10, 20, 50, 100, 120, 150, 200, 300, 400, 500, 750),
    *(1_000, 1_500, 2_000, 3_000, 4_000, 5_000),
)
"""Where widgets for a number of jobs and for a time in milliseconds can stand."""
PERCENT = Scale(
    shown=lambda step: f"{step}%",
    value=lambda step: step / 100,
    position=lambda share: round(share * 100),
    read=_percent,
)

ForWorkload = Callable[[Workload | None], LazyText]
"""A text that depends on what a job does, where that is not the usual thing."""


class Place(StrEnum):
    """Where on a page a widget stands; see `PageLayout`."""

    BAR = "bar"
    FAILURE = "failure"
    MENU = "menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """What a page shows of a setting: something that stands at one of several positions.

    Attributes:
        place: Where on the page.
        label: What it is called.
        meaning: What its help says.
        first: The value at which it stands unless the page says otherwise.
        positions: Where it can stand.
        scale: What these stand for.
        as_buttons: Whether it is a row of buttons rather than a slider.
    """

    place: Place
    label: LazyText | ForWorkload
    meaning: LazyText | ForWorkload
    first: Any
    positions: tuple[Any, ...]
    scale: Scale = COUNTS
    as_buttons: bool = False

    def within(self, value: Any, most: float) -> Any:
        """Return a value, or of those that the positions stand for the largest that is no more."""
        # Words have no largest one, and nothing that bounds them.
        if most == float("inf") or value <= most:
            return value
        values = [self.scale.value(position) for position in self.positions]
        return max((each for each in values if each <= most), default=values[0])

    def texts(self, workload: Workload | None) -> tuple[str, str]:
        """Return label and meaning, for what a job does."""
        return self._text(self.label, workload), self._text(self.meaning, workload)

    @staticmethod
    def _text(text: LazyText | ForWorkload, workload: Workload | None) -> str:
        return str(text if isinstance(text, LazyText) else text(workload))


def buttons(names: Mapping[str, LazyText], **texts: Any) -> Widget:
    """Return a row of buttons, one for each of some words, with the names that people read."""
    scale = Scale(shown=lambda word: str(names[word]))
    return Widget(positions=tuple(names), scale=scale, as_buttons=True, **texts)


NOTHING_LARGER = Bound(most=float("inf"), why="")


def always_taken(_draft: Draft, _given: object) -> LazyText | None:
    """Return nothing to say against a setting: every run takes it."""
    return None


def left_open(_draft: Draft, _limits: Limits | None) -> object:
    """Return None, for a setting that nothing is filled in for."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a run.

    Attributes:
        kind: What its values are.
        default: Its value where none is given; None for one that can be left open.
        bounds: The most that it may be, in a draft; of several, the first that is broken counts.
        refusal: The clause that says why a run does not take a value; None if it does. It is asked
            with None, too: that is whether the run has this setting at all.
        fill: The value of one that was left open in a run that takes it.
        is_shared: Whether a comparison leaves it out of runs that do not take it.
        option: Its name on the command line, and in refusals.
        metavar: What stands for its value in the help.
        help: What the command line's help says, with the default.
        url: Its name in a page's link; None for that on the command line.
        widget: What a page shows; None for what only a shell or a program can set.
    """

    kind: Kind
    default: Any = None
    bounds: Callable[[Draft], tuple[Bound, ...]] = lambda _draft: (NOTHING_LARGER,)
    refusal: Callable[[Draft, object], LazyText | None] = always_taken
    fill: Callable[[Draft, Limits | None], object] = left_open
    is_shared: bool = True
    option: str
    metavar: str
    help: LazyText
    url: str | None = None
    widget: Widget | None = None

    @property
    def in_url(self) -> str:
        """Its name in a page's link."""
        return self.url or self.option

    def most(self, draft: Draft, limits: Limits | None) -> float:
        """Return the most that it may be in a draft."""
        return min(bound.within(limits)[0] for bound in self.bounds(draft))

    def resolved(
        self, given: object, draft: Draft, limits: Limits | None, *, leaves_out: bool
    ) -> object:
        """Return the value that a run has, checked and filled in.

        Args:
            given: What was asked for; None where nothing was.
            draft: The run so far.
            limits: Those of a server; None where they do not matter.
            leaves_out: Whether a shared setting that the run does not take is left out rather than
                refused; it is checked even so.

        Raises:
            BadValue: If it is no value, too much, or not taken.
        """
        if given is None and self.default is None:
            # Nothing is filled in for a run that does not take it: equal runs have equal specs,
            # which caches compare.
            takes = self.refusal(draft, None) is None
            return self.fill(draft, limits) if takes else None
        # Also for a run that does not take it: in a comparison no value may be wrong unnoticed.
        value = given
        for bound in self.bounds(draft):
            value = self.kind.checked(self.option, given, *bound.within(limits))
        refusal = self.refusal(draft, given)
        if refusal is None:
            return value
        if leaves_out and self.is_shared:
            return None
        raise BadValue(self.option, given, refusal)


ENTRY = "setting"


def setting(**entry: Any) -> Any:
    """Return a field of a dataclass whose metadata has an entry of the table, under `ENTRY`."""
    return field(default=entry["default"], metadata={ENTRY: Setting(**entry)})


Spec = TypeVar("Spec")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(setting,))
def frozen(made: type[Spec]) -> type[Spec]:
    """Make a class with such fields a frozen dataclass, whose constructor is its own."""
    return dataclass(init=False, eq=False, frozen=True)(made)
