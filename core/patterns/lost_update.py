"""Read, await, then write: what others have written meanwhile is lost."""

import asyncio


async def lost_update(job, count):
    balance = 0

    async def deposit(index):
        nonlocal balance
        before = balance
        await job(index)
        balance = before + 1
        return balance

    balances = await asyncio.gather(
        *[deposit(index) for index in range(count)]
    )
    print(f"{count} deposits of 1: {balance}")
    return balances
