"""Recordings that are whole, cut off, damaged, or made up."""

import asyncio
import contextlib
import io
import os
import random
import struct
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core import runfile
from core.errors import BadFile
from core.jobs import OwnProgram
from core.recording.events import NOBODY, Kind, pack_row
from core.recording.file_recording import FileRecording
from core.recording.recording_file import MAGIC, block, json_block
from core.timeline.laws import violations
from core.timeline.timeline import Timeline

HEAD = json_block(
    b"H", command=["a.py", "-v"], python="3.14.0", has_gil=True, pid=1, started_ns=1_000
)


def read(content: bytes) -> Timeline:
    with io.BufferedReader(io.BytesIO(content)) as file:
        (timeline,) = runfile.load_from(file)
    return timeline


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording of a few tasks, in several blocks."""

    async def main() -> None:
        for _ in range(3):
            await asyncio.gather(*(asyncio.sleep(0.02) for _ in range(3)))
            await asyncio.sleep(0.15)

    path: Path = tmp_path_factory.mktemp("recording") / "it.loopscope"
    with FileRecording(path, command=["it.py"]):
        asyncio.run(main())
    return path.read_bytes()


def test_a_recording_comes_back_from_a_run_file_as_it_was(whole: bytes) -> None:
    timeline = read(whole)
    assert timeline.program == OwnProgram(command=("it.py",), loops=("asyncio",))
    written = runfile.dump([timeline])
    (again,) = runfile.load(written)
    assert again.program == timeline.program
    assert again.jobs.name == timeline.jobs.name
    assert again.spans.start_ns.tolist() == timeline.spans.start_ns.tolist()
    assert runfile.run_object(timeline)["spec"] is None
    assert runfile.run_object(timeline)["ideal_ns"] is None


def test_which_process_of_a_program_it_is_comes_back_from_a_run_file(tmp_path: Path) -> None:
    path = tmp_path / "it.loopscope"
    facts = {"family": "word", "parent_pid": 7, "name": "SpawnProcess-1"}
    before_ns = time.perf_counter_ns()
    with FileRecording(path, command=["it.py"], process=facts):
        asyncio.run(asyncio.sleep(0))
    timeline = read(path.read_bytes())
    assert isinstance(timeline.program, OwnProgram)
    process = timeline.program.process
    assert process is not None
    assert (process.family, process.parent_pid, process.name) == ("word", 7, "SpawnProcess-1")
    assert process.pid == os.getpid()
    assert before_ns < process.started_ns < time.perf_counter_ns()
    (again,) = runfile.load(runfile.dump([timeline]))
    assert again.program == timeline.program
    first = replace(timeline.program, process=replace(process, parent_pid=None))
    (again,) = runfile.load(runfile.dump([replace(timeline, program=first)]))
    assert again.program == first


def test_a_recording_that_is_cut_off_anywhere_is_whole_up_to_there(whole: bytes) -> None:
    begin = len(MAGIC) + len(HEAD) + 100
    for end in range(begin, len(whole), max(1, len(whole) // 60)):
        timeline = read(whole[:end])
        assert not list(violations(timeline))
        assert timeline.finished == (end == len(whole))


def test_any_damage_is_refused_in_a_line_or_read(whole: bytes) -> None:
    chance = random.Random(7)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(MAGIC), len(damaged))] = chance.randrange(256)
        with contextlib.suppress(BadFile):
            assert not list(violations(read(bytes(damaged))))


def made_up(*blocks: bytes) -> bytes:
    return MAGIC + HEAD + b"".join(blocks)


CREATED = pack_row(Kind.CREATED, 0, 0, 2_000, 0, 0, NOBODY)


@pytest.mark.parametrize(
    "content",
    [
        MAGIC,
        MAGIC + json_block(b"H"),
        MAGIC + json_block(b"H", command=[], python=1, has_gil=0, started_ns=-1),
        made_up(block(b"R", b"1234567")),
        made_up(block(b"R", pack_row(99, 0, 0, 0, 0, 0, 0))),
        made_up(block(b"R", CREATED + CREATED)),
        made_up(block(b"R", pack_row(Kind.CREATED, 1 << 60, 0, 0, 0, 0, NOBODY))),
        made_up(block(b"R", CREATED + pack_row(Kind.STEP, 0, 0, 1 << 62, 1 << 62, 0, NOBODY))),
        made_up(json_block(b"T", at_ns="soon")),
        made_up(block(b"T", b"[" * 100_000)),
        made_up(struct.pack("<cI", b"R", 1 << 30)),
        made_up(struct.pack("<cI", b"R", 4) + b"rows"),
    ],
)
def test_what_no_recorder_writes_is_refused_in_a_line(content: bytes) -> None:
    with pytest.raises(BadFile) as refused:
        read(content)
    assert "\n" not in str(refused.value)


def test_a_block_that_inflates_to_more_than_there_is_room_for_is_refused() -> None:
    room = runfile.Room(bytes=1_000_000, values=1_000_000)
    content = made_up(block(b"R", bytes(20_000_000)))
    assert len(content) < 200_000
    with io.BufferedReader(io.BytesIO(content)) as file, pytest.raises(BadFile):
        runfile.load_from(file, room)


def test_json_of_more_values_than_there_is_room_for_is_refused_before_any_is_made() -> None:
    room = runfile.Room(bytes=100_000_000, values=100_000)
    content = made_up(block(b"T", b'{"at_ns": [' + b"[]," * 1_000_000 + b"[]]}"))
    with io.BufferedReader(io.BytesIO(content)) as file, pytest.raises(BadFile):
        runfile.load_from(file, room)


def test_a_job_of_which_no_row_tells_that_it_exists_is_not_there() -> None:
    step = pack_row(Kind.STEP, 5, 2_000, 2_000, 3_000, 0, NOBODY)
    timeline = read(made_up(block(b"R", step)))
    assert len(timeline.jobs) == 0
