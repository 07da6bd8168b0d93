"""A folder lives as long as its owner; what one leaves that was killed, the next one removes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.recording.owned_folder import IN_THE_MAKING_S, made, own, remove, sweep
from tests.kit.needs import not_in_portable_mode

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "owned-"
pytestmark = not_in_portable_mode("Windows has locks of its own")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    for folder in tmp_path.glob(f"{PREFIX}*"):
        remove(str(folder))


def owner_in(folder: Path, *, ends: str) -> subprocess.Popen[str]:
    """Return a process that has made a folder, and said so."""
    code = f"""
import sys, tempfile
tempfile.tempdir = {str(folder)!r}
from core.recording.owned_folder import made
print(made({PREFIX!r}), flush=True)
sys.stdin.readline()
{ends}
"""
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe)


def test_a_folder_is_removed_once_its_owner_was_killed(temporary: Path) -> None:
    with owner_in(temporary, ends="") as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        sweep(PREFIX)
        assert folder.is_dir()
        owner.kill()
        owner.wait(30)
        assert folder.is_dir()
        (folder / "0").touch()
        other = Path(made(PREFIX))
        assert list(temporary.iterdir()) == [other]


def test_a_copy_of_the_owner_goes_on_owning_it(temporary: Path) -> None:
    ends = "import os\nif os.fork(): os._exit(0)\nprint(flush=True)\nsys.stdin.readline()"
    with owner_in(temporary, ends=ends) as owner:
        assert owner.stdin is not None
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        owner.stdin.write("\n")
        owner.stdin.flush()
        owner.wait(30)
        owner.stdout.readline()
        sweep(PREFIX)
        assert folder.is_dir()
        owner.stdin.write("\n")
        owner.stdin.flush()
        assert owner.stdout.read() == ""  # it has ended, too
    sweep(PREFIX)
    assert not folder.exists()


def test_folders_of_others_and_of_another_kind_stay(temporary: Path) -> None:
    mine = Path(made(PREFIX))
    other_kind, link, file = (temporary / name for name in ("other-1", "owned-link", "owned-file"))
    other_kind.mkdir()
    file.touch()
    link.symlink_to(other_kind)
    os.utime(other_kind, (0, 0))
    sweep(PREFIX)
    assert all(each.exists() for each in (mine, other_kind, link, file))
    assert (mine / "owner").exists()
    assert not (mine / "owner.new").exists()


def test_one_in_the_making_stays_for_a_while(temporary: Path) -> None:
    young, old = temporary / "owned-young", temporary / "owned-old"
    for folder, age_s in ((young, 0.0), (old, IN_THE_MAKING_S + 60)):
        folder.mkdir()
        at_s = folder.stat().st_mtime - age_s
        os.utime(folder, (at_s, at_s))
    sweep(PREFIX)
    assert young.exists()
    assert not old.exists()


def test_what_was_owned_can_be_removed_and_owned_again(temporary: Path) -> None:
    folder = made(PREFIX)
    remove(folder)
    assert not list(temporary.iterdir())
    own(folder)  # it is gone: nothing to own
    Path(folder).mkdir()
    own(folder)
    sweep(PREFIX)
    assert Path(folder).exists()
    remove(folder)


def test_where_there_is_no_folder_for_temporary_files_nothing_is_swept(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing"))
    sweep(PREFIX)
    with pytest.raises(FileNotFoundError):
        made(PREFIX)
