"""A run as the small program that a teacher would write: for its page, and as a script.

The pattern is its function's source, as it runs. The job is the source of the workload's function
with the run's settings written in: where all jobs sleep 0.2 s, `plan.sleep_s(index)` reads `0.2`,
and what only a failing job does is left out.
"""

import ast
import inspect
import re
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.jobs import JobKind, Plan, Spread, time_log
from core.patterns import PATTERNS
from core.spec.run_spec import IN_PROCESSES, ExecutorKind, RunSpec
from core.text.language import _
from core.workloads import InScript, Workload, twin_of

OWN = "core."
INDENT = " " * 4
FAILS = "if index == plan.failing:"
NEVER_REFUSED = re.compile(r'("[^"]*"|\w+) if plan\.is_refused\(index\) else ')
NUMBER_IN_BRACES = re.compile(r"\{([\d.]+)\}")
F_OF_PLAIN_TEXT = re.compile(r'\bf("[^"{]*")')
NOT_FOR_READERS = re.compile(r"  # (noqa|type:).*")
COMMON_IMPORTS = ("import asyncio", "import time", "from functools import partial")
POOLS = {
    ExecutorKind.THREADS: "ThreadPoolExecutor",
    ExecutorKind.PROCESSES: "ProcessPoolExecutor",
}


def script(spec: RunSpec) -> str:
    """Return the program of a run as a file that `python` runs, without Loopscope."""
    heading = f'"""{PATTERNS[spec.pattern].summary}'
    if needed := _packages(spec):
        needs = _("It needs other packages: pip install {names}").format(names=needed)
        heading += f"\n\n{needs}\n"
    return f'{heading}"""\n\n{program(spec)}'


@lru_cache(maxsize=64)
def program(spec: RunSpec) -> str:
    """Return the program of a run: its job, its pattern, and what runs them.

    It prints what the jobs and the pattern print, and what the pattern returns.
    """
    code = "\n\n\n".join([*_definitions(spec), _main(spec), _start(spec)])
    return f"{_imports(spec, code)}\n\n\n{code}\n"


@lru_cache(maxsize=256)
def shown_line(spec: RunSpec, place: str) -> str | None:
    """Return the line of a run's program that stands for a place, given as `file:line`.

    It is None for a place that is not in the program, such as one in a library.
    """
    file, _colon, line = place.rpartition(":")
    for function in _functions(spec):
        if function.file == file and line.isdigit() and int(line) in function.lines:
            return function.lines[int(line)].partition("  #")[0].strip()
    return None


@lru_cache(maxsize=64)
def code_digest(spec: RunSpec) -> str:
    """Return a digest of the files that `shown_line` reads, as eight hexadecimal digits.

    The measuring child computes it, so it must be fast: it only reads some small files.
    """
    # Also what a pattern calls: a line of it can hold the loop and is then shown.
    names = [*_called(spec.pattern), spec.pattern]
    functions: list[Callable[..., Any]] = [PATTERNS[name].function for name in names]
    functions += [workload.function(kind) for workload, kind in _jobs(spec)]
    modules = sorted({function.__module__ for function in [*functions, time_log]})
    files = [Path(str(sys.modules[name].__file__)) for name in modules]
    # A checkout on Windows has other ends of lines, and the same code.
    content = b"".join(file.read_bytes() for file in files).replace(b"\r\n", b"\n")
    return f"{zlib.crc32(content):08x}"


@dataclass(frozen=True, slots=True)
class _Function:
    """A function as the program writes it, by the numbers of the lines in its file."""

    file: str
    lines: dict[int, str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines.values())


def _definitions(spec: RunSpec) -> list[str]:
    """Return the functions of a program, the pattern before what its jobs do: it is the lesson."""
    plan = spec.plan
    jobs: list[str] = []
    for workload, kind in _jobs(spec):
        for before in _in_script(workload, kind).before:
            text = before(plan) if callable(before) else before
            jobs.append(_settings_written(text, plan))
        jobs += [each.text for each in _job(workload, kind, plan)]
    # A rule is written only where a job calls it, or the program would define what it never uses.
    joined = "\n".join(jobs)
    rules = [rule for name, rule in _rules(plan).items() if f"{name}(index)" in joined]
    patterns = [each.text for each in _pattern(spec.pattern)]
    return list(dict.fromkeys([_time_log().text, *patterns, *rules, *jobs]))


def _functions(spec: RunSpec) -> Iterator[_Function]:
    yield from _pattern(spec.pattern)
    for workload, kind in _jobs(spec):
        yield from _job(workload, kind, spec.plan)
    yield _time_log()


def _jobs(spec: RunSpec) -> list[tuple[Workload, JobKind]]:
    """Return the workloads and kinds of the jobs that a run's pattern takes."""
    pattern = PATTERNS[spec.pattern]
    jobs = [(spec.job, pattern.arranges)]
    if pattern.takes_both_kinds:
        jobs.append((twin_of(spec.job), JobKind.BLOCKING))
    return jobs


def _in_script(workload: Workload, kind: JobKind) -> InScript:
    return workload.in_script.get(kind, InScript())


def _packages(spec: RunSpec) -> str:
    needed = [workload.packages.get(kind, "") for workload, kind in _jobs(spec)]
    if spec.executor == ExecutorKind.DASK:
        needed.append("distributed")
    return " ".join(filter(None, dict.fromkeys(needed)))


def _pattern(name: str) -> list[_Function]:
    """Return a pattern as it runs, after those that it calls."""
    # Recursive: a pattern may call one that calls another, and a function stands before its use.
    called = [each for other in _called(name) for each in _pattern(other)]
    function = PATTERNS[name].function
    source, first = inspect.getsourcelines(function)
    lines = {number: line.rstrip("\n") for number, line in enumerate(source, first)}
    return [*called, _Function(_file(function), lines)]


def _called(name: str) -> list[str]:
    """Return the names of the patterns that a pattern calls."""
    names = PATTERNS[name].function.__globals__
    return [other for other in PATTERNS if other != name and other in names]


def _time_log() -> _Function:
    return _written(time_log, ["step"], lambda line: line)


def _job(workload: Workload, kind: JobKind, plan: Plan) -> list[_Function]:
    """Return a job as a script writes it, after the functions that it calls."""
    special = _in_script(workload, kind)
    names = [special.given, "index"] if special.given else ["index"]

    def write(line: str) -> str:
        for text, instead in special.instead.items():
            line = line.replace(text, instead)
        return _settings_written(line, plan).replace("(plan, ", f"({special.given}, ")

    functions = (*special.calls, workload.function(kind))
    return [_written(each, names, write, fails=plan.failing is not None) for each in functions]


def _written(
    function: Callable[..., Any],
    parameters: Sequence[str],
    write: Callable[[str], str],
    *,
    fails: bool = True,
) -> _Function:
    """Return a function of ours without what learners need not see.

    These are its decorators, annotations and docstring, and unless it `fails` how it does.
    """
    source, first = inspect.getsourcelines(function)
    lines: dict[int, str] = {}
    failing_indent = -1
    for number, raw in enumerate(source, first):
        line = NOT_FOR_READERS.sub("", raw.rstrip("\n"))
        indent = len(line) - len(line.lstrip())
        if not lines:
            if line.startswith(("def ", "async def ")):
                head = line.partition("(")[0]
                lines[number] = f"{head}({', '.join(parameters)}):"
            continue
        # Within the block of a failure that this run does not have; it ends at the next line that
        # stands no deeper than its head.
        if failing_indent >= 0 and indent > failing_indent:
            continue
        failing_indent = indent if line.strip() == FAILS and not fails else -1
        if failing_indent < 0 and not line.lstrip().startswith('"""'):
            lines[number] = write(line)
    return _Function(_file(function), lines)


def _file(function: Callable[..., Any]) -> str:
    return f"{function.__module__.replace('.', '/')}.py"


def _settings_written(text: str, plan: Plan) -> str:
    """Return code that asks a plan, with what the plan says; rules have a function: `_rules`."""
    is_equal = plan.spread is Spread.EQUAL and plan.failing is None
    length = _number(plan.longest_s) if is_equal else "sleep_s(index)"
    if plan.failure_rate == 0:
        text = NEVER_REFUSED.sub("", text)
    text = (
        text.replace("plan.sleep_s(index)", length)
        .replace("plan.is_refused(index)", "is_refused(index)")
        .replace("plan.failing", str(plan.failing))
        .replace("plan.connections", str(plan.connections))
        .replace("plan.rate", str(plan.rate))
    )
    return F_OF_PLAIN_TEXT.sub(r"\1", NUMBER_IN_BRACES.sub(r"\1", text))


def _rules(plan: Plan) -> dict[str, str]:
    """Return the functions that say how jobs differ, by their names."""
    length = _number(plan.longest_s)
    if plan.spread is Spread.FALLING:
        length = f"{length} * ({plan.count} - index) / {plan.count}"
    lines = ["def sleep_s(index):", f"    return {length}"]
    if plan.failing is not None:
        first = f"    if index == {plan.failing}:"
        lines[1:1] = [first, f"        return {_number(plan.failing_after_s)}"]
    rate = _number(plan.failure_rate)
    return {
        "sleep_s": "\n".join(lines),
        "is_refused": (
            f"def is_refused(index):\n    return int((index + 1) * {rate}) > int(index * {rate})"
        ),
    }


def _number(value: float) -> str:
    return repr(int(value) if value == int(value) else value)


def _main(spec: RunSpec) -> str:
    """Return the function that opens what is needed, runs the pattern and prints its results."""
    pattern = PATTERNS[spec.pattern]
    jobs = [_in_script(workload, kind) for workload, kind in _jobs(spec)]
    opening = [*dict.fromkeys(line for each in jobs for line in each.opening), *_pool(spec)]
    awaiting = "await " if pattern.is_coroutine else ""
    lines = [*opening, f"print({awaiting}{_call(spec)})"]
    indented, depth = [], 1
    for line in lines:
        indented.append(INDENT * depth + _settings_written(line, spec.plan))
        depth += line.endswith(":")
    head = "async def main():" if pattern.is_coroutine else "def main():"
    return "\n".join([head, f'{INDENT}time_log("start")', *indented, f'{INDENT}time_log("end")'])


def _pool(spec: RunSpec) -> list[str]:
    if spec.executor in POOLS:
        return [f"with {POOLS[ExecutorKind(spec.executor)]}({spec.workers}) as executor:"]
    if spec.executor != ExecutorKind.DASK:
        return []
    return [
        f"with LocalCluster({spec.workers}, threads_per_worker=1) as cluster:",
        # `_main` indents after each colon, so the lines nest in the order in which they stand.
        "with Client(cluster) as client:",
        "executor = client.get_executor()",
    ]


def _call(spec: RunSpec) -> str:
    names = [_given(workload, kind) for workload, kind in _jobs(spec)]
    given: dict[str, str] = {"blocking_job": names[-1]}
    # `run_in_executor(None, ...)` takes the loop's own pool, which asyncio makes on first use.
    has_pool = spec.executor not in (None, ExecutorKind.DEFAULT)
    given["executor"] = "executor" if has_pool else "None"
    extras = [
        given[name] if name in given else _number(getattr(spec, name))
        for name in PATTERNS[spec.pattern].extras
    ]
    return f"{spec.pattern}({', '.join([names[0], str(spec.tasks), *extras])})"


def _given(workload: Workload, kind: JobKind) -> str:
    """Return what the program gives a pattern as its job."""
    name = workload.function(kind).__name__
    given = _in_script(workload, kind).given
    return f"partial({name}, {given})" if given else name


def _start(spec: RunSpec) -> str:
    start = "asyncio.run(main())" if PATTERNS[spec.pattern].is_coroutine else "main()"
    if spec.executor not in IN_PROCESSES:
        return start
    # Workers that are not forked import the script, and must not run it again.
    return f'if __name__ == "__main__":\n{INDENT}{start}'


def _imports(spec: RunSpec, code: str) -> str:
    """Return the imports that some code of a run needs, sorted."""
    pools = ", ".join(POOLS.values())
    lines = [
        *COMMON_IMPORTS,
        f"from concurrent.futures import {pools}",
        "from distributed import Client, LocalCluster",
        *(line for each in _jobs(spec) for line in _in_script(*each).imports),
    ]
    modules = {
        PATTERNS[spec.pattern].function,
        *(each[0].function(each[1]) for each in _jobs(spec)),
    }
    sources = ["\n".join(lines), *(_source_of_module(function) for function in modules)]
    # Names, not text: a word in a string or a comment needs no import.
    used = {each.id for each in ast.walk(_parsed(code)) if isinstance(each, ast.Name)}
    needed = {line for source in sources for line in _needed(_parsed(source), used)}
    by_library: tuple[list[str], list[str]] = [], []
    for line in sorted(needed, key=lambda line: (line.startswith("from"), line)):
        library = line.split()[1].partition(".")[0]
        by_library[library not in sys.stdlib_module_names].append(line)
    return "\n\n".join("\n".join(lines) for lines in by_library if lines)


def _source_of_module(function: Callable[..., Any]) -> str:
    return inspect.getsource(inspect.getmodule(function))  # type: ignore[arg-type]


_parsing = threading.Lock()
"""CPython 3.11 counts the depth of what it parses for all threads together, and then refuses."""


def _parsed(code: str) -> ast.Module:
    with _parsing:
        return ast.parse(code)


def _needed(module: ast.Module, used: Iterable[str]) -> Iterator[str]:
    """Yield the imports of a module that give names which are used, but those of our own."""
    for node in module.body:
        match node:
            case ast.Import():
                yield from (f"import {each.name}" for each in node.names if each.name in used)
            case ast.ImportFrom(module=str(name)) if not name.startswith(OWN):
                names = [each.name for each in node.names if each.name in used]
                if names:
                    yield f"from {name} import {', '.join(names)}"
