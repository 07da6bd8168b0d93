import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.measuring.descriptors import above_standard, packet_sockets, pipe

ROOT = Path(__file__).resolve().parents[3]
CLOSED = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
MEASURE = """
import json, os, sys
for each in map(int, sys.argv[2:]):
    os.close(each)
from core.measuring.forking import Spares
from core.measuring.wire import GO, Tag
from core.spec.run_spec import RunSpec
spares = Spares(int(sys.argv[1]))
child = spares.take()
spec = RunSpec(pattern="gather", tasks=2, sleep_s=0)
child.send(json.dumps({"spec": spec.as_dict(), "addresses": {}}).encode())
child.send(GO)
tags = [frame[0] for frame in child.frames(0.1) if frame]
child.close()
spares.close()
sys.exit(0 if tags[-1:] == [Tag.DONE] else 9)
"""


def test_ends_of_pipes_and_sockets_are_above_the_standard_streams() -> None:
    reading, writing = pipe()
    ends = packet_sockets()
    assert min(reading, writing, *(end.fileno() for end in ends)) > 2
    os.write(writing, b"said")
    assert os.read(reading, 9) == b"said"
    assert ends[0].send(b"heard") == 5
    assert ends[1].recv(9) == b"heard"
    for each in (reading, writing):
        os.close(each)
    for end in ends:
        end.close()


def test_a_descriptor_that_is_no_standard_one_stays_what_it_is() -> None:
    reading, writing = os.pipe()
    assert (above_standard(reading), above_standard(writing)) == (reading, writing)
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("closed", CLOSED, ids=str)
def test_a_descriptor_moves_away_from_a_closed_standard_stream(closed: tuple[int, ...]) -> None:
    code = (
        "import os, sys\n"
        "closed = list(map(int, sys.argv[1:]))\n"
        "for each in closed: os.close(each)\n"
        "from core.measuring.descriptors import pipe\n"
        "ends = pipe()\n"
        "free = [os.open(os.devnull, os.O_RDWR) for each in closed]\n"
        "os._exit(0 if min(ends) > 2 and free == closed else 9)"
    )
    assert _status("-c", code, *map(str, closed)) == 0


@pytest.mark.real
@pytest.mark.parametrize("warm", [0, 1], ids=["interpreter", "zygote"])
@pytest.mark.parametrize("closed", CLOSED, ids=str)
def test_a_child_is_measured_in_whatever_standard_streams_are_closed(
    closed: tuple[int, ...], warm: int
) -> None:
    assert _status("-c", MEASURE, str(warm), *map(str, closed)) == 0


def _status(*arguments: str) -> int:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, timeout=60, check=False
    ).returncode
