"""What a server lets in: the runs that keep its limits, asked at each door.

The doors are the shell, a page, a sweep and `core.run`. A run file is none: its runs were
measured already.
"""

import platform
from collections.abc import Mapping, Sequence

from core.errors import PythonTooOld, TooLong, check_whole
from core.patterns import PATTERNS
from core.spec.ideal import NS_PER_S, ideal_of, schedule
from core.spec.limits import Limits
from core.spec.run_spec import RunSpec, resolved
from core.text.language import lazy


def spec_within(limits: Limits, pattern: str, settings: Mapping[str, object]) -> RunSpec:
    """Return the spec of a run, within the limits also in what is filled in.

    Raises:
        BadValue: If a value is outside of what is allowed.
    """
    return RunSpec(**resolved(pattern, settings, limits))


def specs_within(
    limits: Limits, patterns: Sequence[str], settings: Mapping[str, object]
) -> list[RunSpec]:
    """Return the specs of a comparison: the same settings for every pattern that they apply to.

    `executor`, `limit` and `timeout_s` are left out for a pattern that takes none, and `workers`
    wherever no pool of a chosen size is asked for. All are checked even so.

    Raises:
        BadValue: If there are no patterns or too many, or a value is outside of what is allowed.
    """
    why = limits.why("runs", lazy("because each run has a process of its own"))
    check_whole("runs", len(patterns), most=limits.runs, why=why)
    return [RunSpec(**resolved(name, settings, limits, leaves_out=True)) for name in patterns]


def check_limits(spec: RunSpec, limits: Limits) -> None:
    """Refuse a run that is beyond limits, in one of its settings or in the wall time foreseen.

    The first limit is the version of Python: a run file may hold the run of a newer one.

    Raises:
        PythonTooOld: If the pattern uses what this version of Python does not have.
        BadValue: With the setting and what it may be.
        TooLong: With the time that it would take.
    """
    pattern = PATTERNS[spec.pattern]
    if pattern.needs_python is not None and not pattern.runs_here:
        raise PythonTooOld(pattern.name, pattern.needs_python, platform.python_version())
    resolved(spec.pattern, spec.as_dict(), limits)
    # After the settings: the schedule of a run that is refused anyway could take long to make.
    predicted_s = schedule(spec).wall_ns / NS_PER_S
    if predicted_s > limits.ideal_wall_s:
        why = limits.why("ideal_wall_s", "")
        at_most = ideal_of(spec) is None
        raise TooLong(spec.pattern, predicted_s, limits.ideal_wall_s, why, at_most=at_most)
