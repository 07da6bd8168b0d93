"""A loop that is made, run twice and closed by hand."""
# jobs: 2

import asyncio

loop = asyncio.new_event_loop()
print(type(loop).__name__, loop.run_until_complete(asyncio.sleep(0.01, "done")))
task = loop.create_task(asyncio.sleep(0.01, "again"), name="by hand")
task.add_done_callback(lambda done: loop.stop())
loop.run_forever()
print(task.result(), task)
loop.close()
