"""Something to be done once a module has been imported, without importing it.

A child process that runs no loop should neither pay for asyncio, nor have it among its modules.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class ImportWatch:
    """Stands first in `sys.meta_path`, until all that it waits for has been imported."""

    def __init__(self) -> None:
        self._acts: dict[str, list[Callable[[], object]]] = {}

    def add(self, name: str, act: Callable[[], object]) -> None:
        """Call `act` once a module has been imported, behind what is called by then."""
        self._acts.setdefault(name, []).append(act)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def forget(self, name: str, act: Callable[[], object]) -> None:
        """Call `act` no more once a module has been imported."""
        acts = self._acts.get(name, [])
        if act in acts:
            acts.remove(act)
        if not acts:
            self._acts.pop(name, None)
        self._leave_if_idle()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders behind this one find, of a module that is waited for."""
        if name not in self._acts:
            return None
        for finder in [each for each in sys.meta_path if each is not self]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    self._follow(spec.loader, name)
                return spec
        return None

    def _follow(self, loader: Any, name: str) -> None:
        """Learn of the execution of a module, which keeps its own loader for whoever looks at it.

        The attribute is there until then. The loader of a zip file is that of all its modules.
        """
        execute, before = loader.exec_module, vars(loader).get("exec_module")

        def exec_module(module: ModuleType) -> None:
            if module.__name__ != name:
                execute(module)
                return
            if before is None:
                del loader.exec_module
            else:
                loader.exec_module = before
            execute(module)
            self._imported(name)

        # A loader that is a class is one of frozen modules, which are none of those waited for.
        if not isinstance(loader, type):
            loader.exec_module = exec_module

    def _imported(self, name: str) -> None:
        acts = self._acts.pop(name, [])
        self._leave_if_idle()
        for act in acts:
            act()

    def _leave_if_idle(self) -> None:
        if not self._acts and self in sys.meta_path:
            sys.meta_path.remove(self)


_watch = ImportWatch()


def once_imported(name: str, act: Callable[[], object]) -> None:
    """Call `act`, which must not raise, once a module is there: now, or when it is imported."""
    if name in sys.modules:
        act()
    else:
        _watch.add(name, act)


def forget_import(name: str, act: Callable[[], object]) -> None:
    """Do not call `act` any more once a module is imported."""
    _watch.forget(name, act)
