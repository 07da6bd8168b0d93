"""Await each child process, and end it where its task is cancelled: all of them run together."""

import asyncio
import sys


async def awaited_child(job, count):
    command = [sys.executable, "-I", "-S", "-c"]
    command.append("import time; time.sleep(0.1)")

    async def work(index):
        child = (
            await asyncio.create_subprocess_exec(
                *command
            )
        )
        try:
            await child.wait()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        return await job(index)

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(work(index))
            for index in range(count)
        ]
    return [task.result() for task in tasks]


def after_child(run):
    places = run.places(run.count)
    for _ in range(run.count):
        run.add(places, not_before_ns=100_000_000)
