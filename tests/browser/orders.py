"""Orders at one till: the program whose recording stands in docs/recording.md."""

import asyncio
import hashlib


async def charge(till: asyncio.Lock) -> None:
    """Keep the till for a while."""
    async with till:
        await asyncio.sleep(0.04)


def receipt(order: int) -> bytes:
    """Sign a receipt; nobody else moves meanwhile."""
    return hashlib.pbkdf2_hmac("sha256", b"%d" % order, b"salt", 150_000)


async def handle(order: int, till: asyncio.Lock) -> None:
    """Read an order, charge it, and sign a receipt for the dear one."""
    await asyncio.sleep(0.01 * order)
    await charge(till)
    if order == 3:
        receipt(order)


async def main() -> None:
    """Handle six orders at once."""
    till = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for order in range(1, 7):
            group.create_task(handle(order, till), name=f"order {order}")


asyncio.run(main())
