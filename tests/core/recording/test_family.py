"""Processes of one program claim the right to write a file; there are so many, and no more."""

import os
import time
from pathlib import Path

import pytest

from core.recording.family import MOST_CHILDREN, Family


@pytest.fixture
def family(tmp_path: Path) -> Family:
    (tmp_path / "claims").mkdir()
    return Family("word", str(tmp_path / "run"), str(tmp_path / "claims"))


def test_past_the_bound_processes_are_counted_and_write_nothing(family: Family) -> None:
    claims = [family.claim() for _ in range(MOST_CHILDREN + 3)]
    assert [claim is None for claim in claims] == [False] * MOST_CHILDREN + [True] * 3
    gathered = family.gathered()
    assert len(gathered.files) == MOST_CHILDREN
    assert gathered[1:] == ([], 3, 0)


def test_a_file_is_named_after_the_process_and_replaces_none(family: Family) -> None:
    first = family.claim()
    assert first is not None
    assert first.path == f"{family.stem}.{os.getpid()}.loopscope"
    Path(first.path).touch()
    second = family.claim()
    assert second is not None
    assert second.path == f"{family.stem}.{os.getpid()}-2.loopscope"


def test_why_there_is_no_file_is_told(family: Family) -> None:
    claim = family.claim()
    assert claim is not None
    claim.note("no room")
    assert family.gathered() == ([], ["no room"], 0, 0)


def test_a_process_that_was_killed_while_it_claimed_is_passed_over(family: Family) -> None:
    (Path(family.claims) / "0").touch()
    assert family.gathered() == ([], [], 0, 0)


def test_pythons_that_cannot_be_told_are_counted_while_the_recording_goes_on(
    family: Family,
) -> None:
    family.note_deaf()
    family._replace(until_s=time.monotonic() + 60).note_deaf()
    family._replace(until_s=time.monotonic() - 1).note_deaf()
    family._replace(claims=family.claims + "-gone").note_deaf()
    assert family.gathered().deaf == 2


def test_once_the_first_process_has_ended_nobody_claims(family: Family) -> None:
    family.dissolve()
    assert not Path(family.claims).exists()
    with pytest.raises(OSError, match="claims"):
        family.claim()


def test_a_child_knows_its_family_and_its_parent(family: Family) -> None:
    child = Family.of_text(family.of_child().as_text())
    assert child == family._replace(parent_pid=os.getpid())
    assert family.of_copy().parent_pid == os.getppid()
    assert child.facts() == {"family": "word", "parent_pid": os.getpid(), "name": ""}


def test_the_first_process_names_its_family_and_makes_the_folder_of_the_claims(
    tmp_path: Path,
) -> None:
    one, other = (Family.founded(tmp_path / "run.loopscope", for_s) for for_s in (None, 60.0))
    try:
        assert one.stem == str(tmp_path / "run")
        assert one.name != other.name
        assert one.left_s is None
        assert other.left_s is not None
        assert 0 < other.left_s <= 60
        assert Path(one.claims).is_dir()
    finally:
        for each in (one, other):
            each.dissolve()
