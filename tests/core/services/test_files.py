"""The folder of files: made on first use, removed at the end."""

from pathlib import Path

import pytest

from core.errors import ServiceUnavailable
from core.services.files import Files
from core.workloads.file import FILE_BYTES, FILES


def test_the_folder_holds_whole_files_until_it_is_closed() -> None:
    files = Files()
    folder = Path(files.address())
    try:
        assert files.address() == str(folder)
        sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
        assert sizes == {str(number): FILE_BYTES for number in range(FILES)}
    finally:
        files.close()
    assert not folder.exists()


def test_closing_twice_or_without_a_folder_does_nothing() -> None:
    files = Files()
    files.close()
    folder = Path(files.address())
    files.close()
    files.close()
    assert not folder.exists()


def test_a_folder_that_cannot_be_filled_says_what_to_do_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("core.services.files.FILES", 1)
    files = Files()
    monkeypatch.setattr(Path, "write_bytes", _full)
    with pytest.raises(ServiceUnavailable, match="No space left on device; make room in the temp"):
        files.address()
    assert list(tmp_path.iterdir()) == []


def _full(path: Path, content: bytes) -> int:
    raise OSError(28, "No space left on device")
