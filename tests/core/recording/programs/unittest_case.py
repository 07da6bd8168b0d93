"""`unittest.IsolatedAsyncioTestCase`, with one test that fails."""
# jobs: some
# status: 1
# arguments: -q

import asyncio
import re
import sys
import unittest


class Case(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.task = asyncio.create_task(asyncio.sleep(0, "ready"))

    async def test_passes(self):
        self.assertEqual(await self.task, "ready")

    async def test_fails(self):
        self.assertEqual(await self.task, "never")


class Timeless:
    def write(self, text):
        return sys.stderr.write(re.sub(r"in [0-9.]+s", "in ...", text))

    def flush(self):
        sys.stderr.flush()


unittest.main(testRunner=unittest.TextTestRunner(stream=Timeless()))
