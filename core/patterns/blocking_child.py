"""Run a child process by subprocess.run in a coroutine: until it has ended, nobody has a turn."""

import asyncio
import subprocess
import sys


async def blocking_child(job, count):
    command = [sys.executable, "-I", "-S", "-c"]
    command.append("import time; time.sleep(0.1)")

    async def work(index):
        subprocess.run(command, check=True)
        return await job(index)

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(work(index))
            for index in range(count)
        ]
    return [task.result() for task in tasks]
