from typing import ClassVar

from tests.pages.pitfalls import LOG, Pitfall

JOBS = ["job 1", "job 2", "job 3"]


class TestPitfall(Pitfall):
    page = "lost_tasks"
    sides = ("never_awaited", "forgotten_tasks", "unreferenced_tasks", "create_task", "task_group")
    strips = (LOG,)
    because = "Not all jobs ended well: 3 were lost in each of never_awaited, unreferenced_tasks; "
    findings: ClassVar = {
        "never_awaited": ["3 jobs never began."],
        "forgotten_tasks": ["3 jobs were cancelled by asyncio.run, after the pattern had returned"],
        "unreferenced_tasks": ["3 jobs never began."],
    }
    returned: ClassVar = {"create_task": JOBS, "task_group": JOBS}
