"""Nest TaskGroups: their errors come in groups inside of a group, and `except*` finds all."""

import asyncio


async def nested_groups(job, count):
    async def work(index):
        try:
            return await job(index)
        finally:
            if index % 2:
                raise OSError(
                    f"clean-up {index + 1}"
                )

    async def half(indexes):
        async with asyncio.TaskGroup() as group:
            for index in indexes:
                group.create_task(work(index))

    first = range(count // 2)
    second = range(count // 2, count)
    errors = []
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(half(first))
            group.create_task(half(second))
    except* RuntimeError as found:
        print(f"jobs: {found.exceptions}")
        errors += found.exceptions
    except* OSError as found:
        print(f"clean-ups: {found.exceptions}")
        errors += found.exceptions
    return errors


def nested_groups_schedule(run):
    """Plan jobs in two groups; in each, every second one fails in its clean-up."""
    run.groups = (
        range(run.count // 2),
        range(run.count // 2, run.count),
    )
    places = run.places(run.count)
    for index in range(run.count):
        run.add(places, fails_at_end=index % 2 == 1)
