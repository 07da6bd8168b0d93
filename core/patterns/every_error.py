"""Let gather return all errors, and raise them together in an ExceptionGroup."""

import asyncio


async def every_error(job, count):
    async def work(index):
        try:
            return await job(index)
        finally:
            if index % 2:
                raise OSError(
                    f"clean-up {index + 1}"
                )

    results = await asyncio.gather(
        *[work(index) for index in range(count)],
        return_exceptions=True,
    )
    errors = [
        each
        for each in results
        if isinstance(each, Exception)
    ]
    if errors:
        raise ExceptionGroup("some failed", errors)
    return results
