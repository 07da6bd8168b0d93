"""A run's pattern as a script that `python` runs as it is, without Loopscope.

What runs is the code that the page shows: the definitions, and all that they use, are taken from
their files as they stand.
"""

import ast
import importlib
import inspect
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import cast

from core.jobs import JobKind, Plan, Spread
from core.patterns import PATTERNS, Pattern
from core.services import InScript, service_record
from core.spec.run_spec import ExecutorKind, RunSpec
from core.text.language import _
from core.timeline.timeline import Timeline
from core.workloads import Workload, twin_of

OWN = "core"
TEXTS = "core.text.language"
PLAIN_TEXTS = {
    "_": """def _(text: str) -> str:
    return text""",
    "LazyText": """class LazyText(str):
    def with_values(self, **values: object) -> str:
        return self.format(**values)""",
    "lazy": """def lazy(text: str) -> LazyText:
    return LazyText(text)""",
}
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
        if module == TEXTS and name in PLAIN_TEXTS:
            if name == "lazy":
                self.add(module, "LazyText")
            self._put(name, PLAIN_TEXTS[name])
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


NO_SERVICE = InScript(address='""')


def script(spec: RunSpec) -> str:
    """Return the script of a run. It prints the transcript, and what the pattern returned."""
    return _Script(spec).text()


def script_file(timelines: Sequence[Timeline]) -> bytes:
    """Return the script of a single run as a file in UTF-8."""
    return script(cast("RunSpec", timelines[0].spec)).encode()


def _service_of(workload: Workload) -> InScript:
    if workload.needs is None:
        return NO_SERVICE
    return service_record(workload.needs).in_script or NO_SERVICE


class _Script:
    """The parts of a script: what it defines, and the function that runs the pattern."""

    def __init__(self, spec: RunSpec) -> None:
        self._spec = spec
        self._pattern: Pattern = PATTERNS[spec.pattern]
        self._workload: Workload = spec.job
        self._service = _service_of(spec.job)
        self._bundle = Bundle()
        for line in ("import asyncio", "import time", "from functools import partial"):
            self._bundle.need(line)
        self._bundle.add("core.jobs", "Plan")

    def text(self) -> str:
        run = self._run()
        parts = [
            self._heading(),
            self._bundle.imports(),
            "",
            "",
            self._bundle.definitions(),
            "",
            "",
            run,
            "",
            "",
            self._main(),
        ]
        return "\n".join(parts) + "\n"

    def _heading(self) -> str:
        summary = self._pattern.summary.replace('"""', "")
        needed = self._packages()
        lines = [f'"""{self._spec.pattern}: {summary}', ""]
        if needed:
            lines.append(_("It needs other packages: pip install {names}").format(names=needed))
        if note := str(self._service.note):
            lines.append(note)
        lines.append(_("Written by Loopscope; the code is what was measured."))
        return "\n".join([*lines, '"""', ""])

    def _packages(self) -> str:
        needed = [*self._service.packages, self._workload.packages.get(self._pattern.arranges, "")]
        if self._spec.executor == ExecutorKind.DASK:
            needed.append("distributed")
        return " ".join(filter(None, dict.fromkeys(needed)))

    def _run(self) -> str:
        """Return the function that makes the plan, opens what is needed and runs the pattern."""
        service = self._service
        for line in service.imports:
            self._bundle.need(line)
        for module, name in service.definitions:
            self._bundle.add(module, name)
        body = [*service.opening, f"plan = {self._plan()}", *self._called_in_executor()]
        return "\n".join(["def run() -> object:", *(f"    {line}" for line in body)])

    def _plan(self) -> str:
        plan = self._spec.plan
        values = {each.name: getattr(plan, each.name) for each in fields(Plan)}
        told = {
            each.name: f"Spread.{values[each.name].name}"
            if isinstance(values[each.name], Spread)
            else repr(values[each.name])
            for each in fields(Plan)
            if values[each.name] != each.default
        }
        if self._workload.needs is not None:
            told["service"] = self._service.address
        return f"Plan({', '.join(f'{name}={value}' for name, value in told.items())})"

    def _called_in_executor(self) -> list[str]:
        if not self._pattern.takes_executor or self._spec.executor == ExecutorKind.DEFAULT:
            return self._called()
        workers = self._spec.workers
        match self._spec.executor:
            case ExecutorKind.THREADS:
                self._bundle.need("from concurrent.futures import ThreadPoolExecutor")
                opening = f"with ThreadPoolExecutor({workers}) as executor:"
            case ExecutorKind.PROCESSES:
                self._bundle.need("from concurrent.futures import ProcessPoolExecutor")
                opening = f"with ProcessPoolExecutor({workers}) as executor:"
            case _:
                self._bundle.need("from distributed import Client, LocalCluster")
                cluster = f"LocalCluster(n_workers={workers}, threads_per_worker=1)"
                opening = f"with {cluster} as cluster, Client(cluster) as client:"
        inside = self._called()
        if self._spec.executor == ExecutorKind.DASK:
            inside = ["executor = client.get_executor()", *inside]
        return [opening, *(f"    {line}" for line in inside)]

    def _called(self) -> list[str]:
        """Return the lines that call the pattern and return what it returns."""
        self._bundle.add(self._pattern.function.__module__, self._pattern.name)
        job = self._job(self._workload, self._pattern.arranges)
        if not self._pattern.is_coroutine:
            return [f"return {self._call(f'partial({job}, plan)')}"]
        if not self._opens:
            return [f"return asyncio.run({self._call(f'partial({job}, plan)')})"]
        opener = self._job_opener()
        return [
            "async def main() -> object:",
            f"    async with {opener}(plan) as opened:",
            f"        return await {self._call(f'partial({job}, plan, opened)')}",
            "",
            "return asyncio.run(main())",
        ]

    @property
    def _opens(self) -> bool:
        return self._workload.opens is not None and self._pattern.arranges is JobKind.COROUTINE

    def _job_opener(self) -> str:
        opens = self._workload.opens
        if opens is None:
            raise LookupError(f"{self._workload.name} opens nothing")
        self._bundle.add(opens.__module__, opens.__name__)
        return opens.__name__

    def _job(self, workload: Workload, kind: JobKind) -> str:
        function = workload.coroutine if kind is JobKind.COROUTINE else workload.blocking
        if function is None:
            raise LookupError(f"{workload.name} has no {kind} job")
        self._bundle.add(function.__module__, function.__name__)
        return function.__name__

    def _call(self, job: str) -> str:
        extras = [f"{name}={self._extra(name)}" for name in self._pattern.extras]
        given = [job, str(self._spec.tasks), *extras]
        return f"{self._pattern.name}({', '.join(given)})"

    def _extra(self, name: str) -> str:
        match name:
            case "blocking_job":
                return f"partial({self._job(twin_of(self._workload), JobKind.BLOCKING)}, plan)"
            case "executor":
                return "None" if self._spec.executor == ExecutorKind.DEFAULT else "executor"
            case _:
                return repr(getattr(self._spec, name))

    def _main(self) -> str:
        lines = [
            'if __name__ == "__main__":',
            "    start_s = time.perf_counter()",
            "    try:",
            '        print("returned:", run())',
            "    except (Exception, asyncio.CancelledError) as error:",
            '        print(f"ended with {type(error).__name__}: {error}")',
            '    print(f"after {time.perf_counter() - start_s:.3f} s")',
        ]
        lines[1:1] = [f"    {line}" for line in self._service.own_process]
        return "\n".join(lines)
