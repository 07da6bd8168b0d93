"""Take the errors of a TaskGroup apart by `except*`: each handler gets those of its kind."""

import asyncio


async def except_star(job, count):
    async def work(index):
        try:
            return await job(index)
        finally:
            if index % 2:
                raise OSError(
                    f"clean-up {index + 1}"
                )

    errors = []
    try:
        async with asyncio.TaskGroup() as group:
            for index in range(count):
                group.create_task(work(index))
    except* RuntimeError as found:
        print(f"jobs: {found.exceptions}")
        errors += found.exceptions
    except* OSError as found:
        print(f"clean-ups: {found.exceptions}")
        errors += found.exceptions
    return errors


def except_star_schedule(run):
    """Plan jobs of which every second one fails in its clean-up, and ends the others."""
    places = run.places(run.count)
    for index in range(run.count):
        run.add(places, fails_at_end=index % 2 == 1)
