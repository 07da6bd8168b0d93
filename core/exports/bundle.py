"""One text of what stands in several modules: chosen definitions, and all that they use."""

import ast
import importlib
import inspect
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

OWN = "core"
PLAIN_TEXTS = """def _(text: str) -> str:
    return text"""
"""What stands for the translation of texts, which a script does without."""


@dataclass(frozen=True, slots=True)
class _Module:
    """A module's source, its definitions, and where each imported name comes from."""

    source: str
    definitions: dict[str, ast.stmt]
    imports: dict[str, tuple[str, str | None]]


@dataclass(slots=True)
class Bundle:
    """Definitions in an order in which Python can carry them out, and the imports that they need.

    Two modules may not define the same name.
    """

    _parts: dict[str, str] = field(default_factory=dict)
    _homes: dict[str, str] = field(default_factory=dict)
    _imports: set[str] = field(default_factory=set)

    def need(self, line: str) -> None:
        """Add an import."""
        self._imports.add(line)

    def add(self, module: str, name: str) -> None:
        """Add a definition and whatever it uses.

        Raises:
            ValueError: If the name means something else already.
        """
        home = self._homes.setdefault(name, module)
        if home != module:
            raise ValueError(f"{name} is defined in {home} and in {module}")
        if name in self._parts:
            return
        self._parts[name] = ""  # what refers to itself must not be added twice
        if (module, name) == ("core.text.language", "_"):
            self._put(name, PLAIN_TEXTS)
            return
        read = _read(module)
        node = read.definitions[name]
        for used in _names_used(node):
            if used in read.definitions:
                self.add(module, used)
            elif used in read.imports:
                self._import(used, *read.imports[used])
        self._put(name, _text(read.source, node))

    def _put(self, name: str, text: str) -> None:
        """Let a definition stand behind those that it uses."""
        del self._parts[name]
        self._parts[name] = text

    def _import(self, used: str, module: str, name: str | None) -> None:
        if name is not None and module.partition(".")[0] == OWN:
            self.add(module, name)
        elif name is None:
            self.need(f"import {module}")
        else:
            self.need(f"from {module} import {name}" + ("" if name == used else f" as {used}"))

    def imports(self) -> str:
        """Return the imports, sorted."""
        return "\n".join(sorted(self._imports, key=lambda line: (line.startswith("from"), line)))

    def definitions(self) -> str:
        """Return the definitions, as they stand in their modules."""
        return "\n\n\n".join(self._parts.values())


_parsing = threading.Lock()
"""CPython 3.11 counts the depth of what it parses for all threads together, and then refuses."""


@lru_cache(maxsize=64)
def _read(module: str) -> _Module:
    source = inspect.getsource(importlib.import_module(module))
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, tuple[str, str | None]] = {}
    with _parsing:
        parsed = ast.parse(source)
    for node in parsed.body:
        if isinstance(node, ast.Import):
            imports |= {alias.asname or alias.name: (alias.name, None) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= {
                alias.asname or alias.name: (str(node.module), alias.name) for alias in node.names
            }
        else:
            definitions |= dict.fromkeys(_names_defined(node), node)
    return _Module(source, definitions, imports)


def _names_defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign():
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _names_used(node: ast.stmt) -> list[str]:
    """Return the names that a definition reads and does not bind itself, in their order."""
    inside = list(ast.walk(node))
    own = {each.arg for each in inside if isinstance(each, ast.arg)}
    own |= {
        each.id for each in inside if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    read = [each.id for each in inside if isinstance(each, ast.Name)]
    return [name for name in dict.fromkeys(read) if name not in own]


def _text(source: str, node: ast.stmt) -> str:
    """Return a definition as it is written, from its first decorator on."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
