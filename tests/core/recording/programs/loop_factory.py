"""A loop class of the program's own, by `loop_factory`."""
# jobs: 3
# loops: __main__

import asyncio


class Loop(asyncio.SelectorEventLoop):
    """Counts its timers."""

    timers = 0

    def call_later(self, *args, **kwargs):
        self.timers += 1
        return super().call_later(*args, **kwargs)


async def main():
    await asyncio.gather(asyncio.sleep(0.01), asyncio.sleep(0.02))
    loop = asyncio.get_running_loop()
    print(type(loop), type(loop).__mro__[1].__name__ != "object", loop.timers)


with asyncio.Runner(loop_factory=Loop) as runner:
    runner.run(main())
