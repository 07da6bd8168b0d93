"""A child process of asyncio, which is written to, read from and waited for."""
# jobs: 5

import asyncio
import sys
from asyncio.subprocess import PIPE

ECHO = "import sys; print(sys.stdin.read().upper()); print('wrong', file=sys.stderr); sys.exit(2)"


async def main():
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ECHO, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    print(await child.communicate(b"hello"), child.returncode)


asyncio.run(main())
