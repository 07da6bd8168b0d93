"""Read, await and write under a lock: nobody else comes in between."""

import asyncio


async def with_lock(job, count):
    balance = 0
    lock = asyncio.Lock()

    async def deposit(index):
        nonlocal balance
        async with lock:
            before = balance
            await job(index)
            balance = before + 1
            return balance

    balances = await asyncio.gather(
        *[deposit(index) for index in range(count)]
    )
    print(f"{count} deposits of 1: {balance}")
    return balances
