"""What waits for an import is called once, behind it, and leaves the module as it would be."""

import importlib
import importlib.util
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from core.recording.once_imported import ImportWatch, once_imported

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
    assert isinstance(spec.loader, SourceFileLoader)
    assert spec.loader.get_code(NAME) is not None
    assert words == []
    importlib.import_module(NAME)
    assert words == ["imported"]


def test_two_modules_of_one_zip_file_are_waited_for_each_for_itself(
    watch: ImportWatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["first_zipped", "second_zipped", "third_zipped"]
    with zipfile.ZipFile(tmp_path / "modules.zip", "w") as file:
        for name in names:
            file.writestr(f"{name}.py", "")
    monkeypatch.syspath_prepend(tmp_path / "modules.zip")
    imported: list[str] = []
    for name in names[:2]:
        watch.add(name, partial(imported.append, name))
        assert importlib.util.find_spec(name) is not None
    for name in reversed(names):
        monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.import_module(name)
    assert imported == ["second_zipped", "first_zipped"]
    loader = sys.modules["third_zipped"].__loader__
    assert "exec_module" not in vars(loader)


def test_who_waits_no_more_is_not_called(watch: ImportWatch) -> None:
    words: list[str] = []
    one, other = (partial(words.append, word) for word in ("one", "other"))
    watch.add(NAME, one)
    watch.add(NAME, other)
    watch.forget(NAME, one)
    assert watch in sys.meta_path
    watch.forget(NAME, other)
    watch.forget(NAME, other)
    assert watch not in sys.meta_path
    importlib.import_module(NAME)
    assert words == []


def test_several_wait_for_one_module_and_are_called_in_their_order(watch: ImportWatch) -> None:
    words: list[str] = []
    acts = [partial(words.append, word) for word in ("one", "two", "three")]
    for act in acts:
        watch.add(NAME, act)
    watch.forget(NAME, acts[1])
    importlib.import_module(NAME)
    assert words == ["one", "three"]


def test_a_module_that_is_missing_is_missing(watch: ImportWatch) -> None:
    watch.add("missing_to_a_test", lambda: None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("missing_to_a_test")
    sys.meta_path.remove(watch)


def test_of_a_module_that_is_there_it_is_called_at_once() -> None:
    words: list[str] = []
    once_imported("sys", lambda: words.append("there"))
    assert words == ["there"]
