from typing import ClassVar

from tests.pages.pitfalls import LOOP, Pitfall


class TestPitfall(Pitfall):
    page = "streams"
    sides = ("undrained", "drained")
    strips = (LOOP,)
    short: ClassVar = {"tasks": 4, "sleep": 50}
    because = " MB buffered in undrained; 0."
    findings: ClassVar = {"undrained": [" jobs were made long before they began, up to 1"]}
    returned: ClassVar = {
        "undrained": ["0.", "1.", "2.", "3."],
        "drained": ["0.0 MB buffered"] * 4,
    }
