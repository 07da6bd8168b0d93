"""Has a package `core` of its own, as many have."""
# jobs: 1

import asyncio

import core.mine

asyncio.run(core.mine.main())
print(core.__file__ == core.mine.__file__.replace("mine", "__init__"))
