"""What waits for an import is called once, behind it, and leaves the module as it would be."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.recording.once_imported import ImportWatch, ThenLoader, once_imported

NAME = "awaited_module"


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportWatch]:
    (tmp_path / f"{NAME}.py").write_text("WORD = 'there'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    before = list(sys.meta_path)
    yield ImportWatch()
    sys.modules.pop(NAME, None)
    assert sys.meta_path == before


def test_it_is_called_behind_the_import_and_the_module_has_its_own_loader(
    watch: ImportWatch,
) -> None:
    words: list[str] = []
    watch.add(NAME, lambda: words.append(sys.modules[NAME].WORD))
    assert sys.meta_path[0] is watch
    module = importlib.import_module(NAME)
    assert words == ["there"]
    assert module.__spec__ is not None
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__.loader is module.__loader__
    assert importlib.reload(module) is module
    assert words == ["there"]


def test_who_only_looks_for_the_module_finds_it_and_ends_no_wait(watch: ImportWatch) -> None:
    words: list[str] = []
    watch.add(NAME, lambda: words.append("imported"))
    spec = importlib.util.find_spec(NAME)
    assert spec is not None
    assert isinstance(spec.loader, ThenLoader)
    assert spec.loader.get_code(NAME) is not None
    assert words == []
    importlib.import_module(NAME)
    assert words == ["imported"]


def test_a_module_that_is_missing_is_missing(watch: ImportWatch) -> None:
    watch.add("missing_to_a_test", lambda: None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("missing_to_a_test")
    sys.meta_path.remove(watch)


def test_of_a_module_that_is_there_it_is_called_at_once() -> None:
    words: list[str] = []
    once_imported("sys", lambda: words.append("there"))
    assert words == ["there"]
