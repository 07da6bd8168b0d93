"""Call a coroutine function and forget the `await`: nothing runs."""


async def never_awaited(job, count):
    for index in range(count):
        job(index)
