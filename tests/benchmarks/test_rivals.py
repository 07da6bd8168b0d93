"""A tool's cost is given in Loopscope's only where Loopscope's can be distinguished from 0."""

from collections.abc import Callable, Sequence

import pytest

from benchmarks import rivals
from benchmarks.programs import programs
from benchmarks.rivals import (
    BARE,
    NOT_ABOVE_NOISE,
    OURS,
    TRACER,
    RivalCost,
    Watched,
    rival_costs,
    rival_lines,
)

MS = 1_000_000
Times = dict[str, Sequence[int]]
CostsOf = Callable[[Times], dict[str, RivalCost]]


@pytest.fixture
def costs_of(monkeypatch: pytest.MonkeyPatch) -> CostsOf:
    """Return what returns the rows of tools whose rounds took so many milliseconds."""

    def costs(times_ms: Times) -> dict[str, RivalCost]:
        left = {tool: iter(of_tool) for tool, of_tool in times_ms.items()}

        def watched(tool: str, *_: int) -> Watched:
            return Watched(cpu_ns=next(left[tool]) * MS, file_bytes=2, compressed_bytes=1)

        monkeypatch.setattr(rivals, "EVERYBODY", tuple(times_ms))
        monkeypatch.setattr(rivals, "TOOLS", (TRACER,))
        monkeypatch.setattr(rivals, "_in_fresh_process", watched)
        rounds = len(times_ms[BARE])
        found = rival_costs(programs(1), 0, jobs=1, work_rounds=1, rounds=rounds)
        return {cost.tool: cost for cost in found}

    return costs


@pytest.mark.parametrize(
    "times_ms",
    [
        {BARE: (1000,), OURS: (1000,), TRACER: (3000,)},
        {BARE: (1000,), OURS: (993,), TRACER: (3000,)},
        {BARE: (1000,), OURS: (1009,), TRACER: (3000,)},
        {BARE: (1000, 1300, 1010), OURS: (1200, 1250, 1300), TRACER: (3000, 3000, 3000)},
    ],
    ids=["equal", "less", "one in a hundred", "less than bare runs lie apart"],
)
def test_what_is_not_above_noise_is_no_measure(costs_of: CostsOf, times_ms: Times) -> None:
    rows = costs_of(times_ms)
    assert [row.times_ours for row in rows.values()] == [None, None]
    *_, ours, tracer = rival_lines(list(rows.values()))
    assert NOT_ABOVE_NOISE in ours
    assert NOT_ABOVE_NOISE in tracer


def test_what_is_above_noise_is_one(costs_of: CostsOf) -> None:
    rows = costs_of(
        {BARE: (1000, 1100, 1010), OURS: (1510, 1510, 1510), TRACER: (3510, 3510, 3510)}
    )
    assert rows[OURS].times_ours == 1
    assert rows[TRACER].times_ours == 5
    assert not any(NOT_ABOVE_NOISE in line for line in rival_lines(list(rows.values())))
