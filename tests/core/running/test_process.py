"""The parent's end of a child: what the child wrote before it ended is all read."""

import json

import pytest

from core.running.process import ChildProcess
from core.running.wire import GO, Tag
from core.spec import RunSpec


class LookedAtLate(ChildProcess):
    """A child that has always ended when somebody asks, as on a machine that is busy."""

    @property
    def is_alive(self) -> bool:
        self._process.wait()
        return False


@pytest.mark.real
def test_what_a_child_wrote_just_before_its_end_is_read() -> None:
    child = LookedAtLate()
    spec = RunSpec(pattern="gather", tasks=2, sleep_s=0)
    child.send(json.dumps({"spec": spec.as_dict(), "addresses": {}}).encode() + b"\n")
    child.send(GO)
    tags = [frame[0] for frame in child.frames(0) if frame is not None]
    child.close()
    assert Tag.STARTED in tags
    assert tags[-1] == Tag.DONE
