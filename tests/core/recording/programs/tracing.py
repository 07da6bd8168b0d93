"""A program that traces and profiles itself: it must not meet the recorder's functions."""
# jobs: 2

import asyncio
import sys

seen = set()


def note(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        seen.add(frame.f_code.co_name)


async def inner():
    await asyncio.sleep(0)
    return "inner"


async def main():
    sys.setprofile(note)
    try:
        return await asyncio.create_task(inner())
    finally:
        sys.setprofile(None)


print(asyncio.run(main()), sorted(seen))
