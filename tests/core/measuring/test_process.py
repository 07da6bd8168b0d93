"""The parent's end of a child: what the child wrote before it ended is all read."""

import json
import os
import sys
from collections.abc import Iterator

import pytest

from core.measuring.process import ChildProcess
from core.measuring.wire import GO, Tag
from core.spec.bounds import allow_many_open_files
from core.spec.run_spec import RunSpec


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
    child.send(json.dumps({"spec": spec.as_dict(), "addresses": {}, "limit_s": 60}).encode())
    child.send(GO)
    tags = [frame[0] for frame in child.frames(0) if frame is not None]
    child.close()
    assert Tag.STARTED in tags
    assert tags[-1] == Tag.DONE


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """Hold so many descriptors that `select` would take no further one."""
    if sys.platform == "win32":
        pytest.skip("Windows does not limit them")
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    allow_many_open_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    yield
    for descriptor in held:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.real
@pytest.mark.usefixtures("many_open_files")
def test_a_child_is_heard_where_very_many_files_are_open() -> None:
    child = ChildProcess()
    child.send(b"no spec")
    tags = [frame[0] for frame in child.frames(0.1) if frame is not None]
    child.close()
    assert tags == [Tag.READY, Tag.FAILED]
