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
        self._acts: dict[str, Callable[[], object]] = {}

    def add(self, name: str, act: Callable[[], object]) -> None:
        """Call `act` once a module has been imported."""
        self._acts[name] = act
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

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
                    spec.loader = ThenLoader(spec.loader, lambda: self._imported(name))  # type: ignore[assignment]
                return spec
        return None

    def _imported(self, name: str) -> None:
        act = self._acts.pop(name, None)
        if not self._acts and self in sys.meta_path:
            sys.meta_path.remove(self)
        if act is not None:
            act()


class ThenLoader:
    """Loads a module as its own loader does, leaves that one behind, and then does something."""

    def __init__(self, loader: Any, then: Callable[[], object]) -> None:
        self._loader = loader
        self._then = then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As its own loader."""
        spec.loader = self._loader
        try:
            made: ModuleType | None = self._loader.create_module(spec)
        finally:
            spec.loader = self  # type: ignore[assignment]
        return made

    def exec_module(self, module: ModuleType) -> None:
        """As its own loader."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._then()


_watch = ImportWatch()


def once_imported(name: str, act: Callable[[], object]) -> None:
    """Call `act`, which must not raise, once a module is there: now, or when it is imported."""
    if name in sys.modules:
        act()
    else:
        _watch.add(name, act)
