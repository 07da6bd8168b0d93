"""What one session feels while another is hostile: its slowest rerun beside each attack.

Run as `python -m benchmarks.hostility`; `--markdown docs/hosting.md` puts the table into that page.
A rerun is measured from the moment it is asked for until its script has finished, before the
attack and during it, on the same server.
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from benchmarks import report
from benchmarks.attacks import ATTACKS, PAGE, Attack, made
from benchmarks.hostile_files import HOSTILE
from benchmarks.server import Server, running_app
from benchmarks.sessions import Session, session

MOVES = 20
"""Reruns that are measured at least, before an attack and from its beginning on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """How long each rerun of a session took, before an attack of another and beside it."""

    before_s: list[float]
    beside_s: list[float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table; with `--markdown PATH` put it into that page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostility", description=__doc__)
    parser.add_argument("--markdown", type=Path, help="write the table into a page")
    asked = parser.parse_args(arguments)
    for name in HOSTILE:
        made(name)  # meanwhile this process would hear no answer
    with running_app(environment={"LOOPSCOPE_PROFILE": "hosted"}) as server:
        felt = {name: asyncio.run(beside(server, attack)) for name, attack in ATTACKS.items()}
    lines = [report.machine(), "", *report.table(headings(), rows(felt))]
    print("\n".join(lines))
    if asked.markdown is not None:
        report.put_between_markers(asked.markdown, "hostility", "\n".join(["", *lines, ""]))


async def beside(server: Server, attack: Attack) -> Felt:
    """Let one session attack while another asks for one rerun after the other."""
    async with session(server.stream, PAGE) as hostile, session(server.stream, PAGE) as other:
        for tab in (hostile, other):
            await tab.settle()
        before_s = [await _rerun_s(other) for _ in range(MOVES)]
        attacking = asyncio.create_task(_to_the_end(attack, hostile))
        beside_s: list[float] = []
        while len(beside_s) < MOVES or not attacking.done():
            beside_s.append(await _rerun_s(other))
        await attacking
        return Felt(before_s=before_s, beside_s=beside_s)


async def _rerun_s(tab: Session) -> float:
    answer = await tab.rerun()
    if answer.exceptions:
        raise RuntimeError(f"another session's page failed: {answer.exceptions}")
    return answer.took_s


async def _to_the_end(attack: Attack, hostile: Session) -> None:
    try:
        async for _ in attack(hostile):
            pass
    except ConnectionClosed:
        return  # the server may show a hostile visitor the door


def headings() -> list[str]:
    """Return what stands above the columns."""
    return ["one session …", "another's reruns", "before, p50", "beside, p50", "beside, slowest"]


def rows(felt: dict[str, Felt]) -> list[list[str]]:
    """Return a row for each attack."""
    return [
        [
            name,
            str(len(each.beside_s)),
            _ms(statistics.median(each.before_s)),
            _ms(statistics.median(each.beside_s)),
            _ms(max(each.beside_s)),
        ]
        for name, each in felt.items()
    ]


def _ms(time_s: float) -> str:
    return f"{time_s * 1_000:.0f} ms"


if __name__ == "__main__":
    main()
