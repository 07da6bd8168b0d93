"""Call a coroutine function and forget the `await`: nothing begins at all."""

from core.jobs import CoroutineJob


async def never_awaited(job: CoroutineJob, count: int) -> None:
    for index in range(count):
        job(index)
