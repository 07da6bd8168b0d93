"""A flood: one session that asks for reruns without waiting, and what another feels of it."""

import asyncio

from benchmarks.sessions import session

PAGE = "gather"
MOVES = 20


async def slowest_beside_flood_s(stream: str, reruns: int) -> float:
    """Return the longest rerun of one session while another asks for very many at once."""
    async with session(stream, PAGE) as rude, session(stream, PAGE) as polite:
        for tab in (rude, polite):
            await tab.rerun()
            while await tab.refresh() is not None:
                pass
        await asyncio.gather(*(rude.ask() for _ in range(reruns)))
        return max([(await polite.rerun()).took_s for _ in range(MOVES)])
