from typing import ClassVar

from tests.pages.pitfalls import LOG, Pitfall

AS_ENDED = ["The results are in the order in which the jobs ended: 5, 4, 3, 2, 1."]
IN_ORDER = ["job 1", "job 2", "job 3", "job 4", "job 5"]


class TestPitfall(Pitfall):
    page = "completion"
    sides = ("gather_results", "as_completed", "wait_first")
    strips = (LOG,)
    short: ClassVar = {"tasks": 5, "sleep": 300}
    because = "In each, up to 5 jobs were in flight."
    findings: ClassVar = {
        "gather_results": [
            "The results are in the order of the arguments, not in that of the jobs' ends."
        ],
        "as_completed": AS_ENDED,
        "wait_first": AS_ENDED,
    }
    returned: ClassVar = {
        "gather_results": IN_ORDER,
        "as_completed": IN_ORDER[::-1],
        "wait_first": IN_ORDER[::-1],
    }
