"""Definitions of several modules in one text."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.exports.script import Bundle, script
from core.patterns import PATTERNS
from core.spec.run_spec import RunSpec
from core.workloads import WORKLOADS


def test_a_definition_comes_after_what_it_uses() -> None:
    bundle = Bundle()
    bundle.add("core.workloads.cleanup", "cleanup")
    text = bundle.definitions()
    places = [
        text.index(each)
        for each in ("class Spread", "class Plan", "CLEANUP_SHARE =", "async def cleanup")
    ]
    assert places == sorted(places)
    assert bundle.imports().splitlines() == [
        "import asyncio",
        "import time",
        "from dataclasses import dataclass",
        "from enum import StrEnum",
    ]


def test_decorators_and_texts_come_along() -> None:
    bundle = Bundle()
    bundle.add("core.workloads.http", "http")
    text = bundle.definitions()
    assert "@clear_errors(why)\nasync def http(" in text
    assert "class LazyText(str):" in text
    assert "gettext" not in text
    assert "def http_blocking" not in text


def test_a_definition_is_there_once() -> None:
    bundle = Bundle()
    for _ in range(2):
        bundle.add("core.workloads.sleep", "sleep")
    assert bundle.definitions().count("async def sleep") == 1


def test_one_name_cannot_mean_two_things() -> None:
    bundle = Bundle()
    bundle.add("core.workloads.http", "pool")
    with pytest.raises(ValueError, match=r"pool is defined in core.workloads.http and in core.w"):
        bundle.add("core.workloads.postgres", "pool")


TASKS = 3
LIMIT_S = 60
SETTINGS = [
    RunSpec(
        pattern=name,
        tasks=TASKS,
        sleep_s=0.02,
        timeout_s=2 if pattern.takes_timeout else None,
        limit=2 if pattern.takes_limit else None,
    )
    for name, pattern in PATTERNS.items()
]
OTHERS = [
    RunSpec(pattern="run_in_executor", tasks=3, sleep_s=0.02, executor="threads", workers=2),
    RunSpec(pattern="run_in_executor", tasks=3, sleep_s=0.02, executor="processes", workers=2),
    RunSpec(pattern="gather", tasks=3, sleep_s=0.01, workload="cpu"),
    RunSpec(pattern="gather", tasks=3, sleep_s=0.01, workload="file"),
    RunSpec(pattern="threads", tasks=3, sleep_s=0.01, workload="file"),
    RunSpec(pattern="gather", tasks=3, sleep_s=0.01, workload="http"),
    RunSpec(pattern="threads", tasks=3, sleep_s=0.01, workload="http"),
    RunSpec(pattern="gather_error", tasks=3, sleep_s=0.02, failing=2),
    RunSpec(pattern="gather", tasks=3, sleep_s=0.05, spread="falling"),
]
NOTHING_PRINTED = {"never_awaited", "nested_run", "forgotten_tasks", "unreferenced_tasks"}
RETURNED = {
    "never_awaited": "returned: None",
    "forgotten_tasks": "returned: None",
    "unreferenced_tasks": "returned: None",
    "wait_first": r"returned: \['job \d'",
    "as_completed": r"returned: \['job \d', 'job \d', 'job \d'\]",
    "nested_run": r"ended with RuntimeError: asyncio.run\(\) cannot be called from a running",
}
if sys.version_info >= (3, 14):
    NOTHING_PRINTED.add("get_event_loop")
    RETURNED["get_event_loop"] = "ended with RuntimeError: There is no current event loop"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[RunSpec, list[str]]:
    """Return what the scripts of all these settings print, each run alone by a bare Python."""
    folder = tmp_path_factory.mktemp("scripts")
    specs = [*SETTINGS, *OTHERS]
    with ThreadPoolExecutor(4) as pool:
        lines = list(
            pool.map(lambda number: _printed(folder, number, specs[number]), range(len(specs)))
        )
    return dict(zip(specs, lines, strict=True))


def _printed(folder: Path, number: int, spec: RunSpec) -> list[str]:
    path = folder / f"script{number}.py"
    path.write_text(script(spec), encoding="utf-8")
    command = [sys.executable, "-I", str(path)]
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.real
@pytest.mark.parametrize("spec", SETTINGS, ids=lambda spec: spec.pattern)
def test_the_script_of_every_pattern_runs_alone_and_prints_its_transcript(
    spec: RunSpec, printed: dict[RunSpec, list[str]]
) -> None:
    *jobs, returned, after = printed[spec]
    if spec.pattern not in NOTHING_PRINTED | {"wait_first"}:
        ended = {line[9:] for line in jobs if re.fullmatch(r"\d\d:\d\d:\d\d job \d", line)}
        assert ended == {f"job {number}" for number in range(1, TASKS + 1)}
    expected = RETURNED.get(spec.pattern, r"returned: \['job 1', 'job 2', 'job 3'\]")
    assert re.match(expected, returned)
    assert after.startswith("after 0.")


@pytest.mark.real
@pytest.mark.parametrize(
    "spec", OTHERS[:7], ids=lambda spec: f"{spec.pattern} {spec.workload} {spec.executor}"
)
def test_the_script_of_every_workload_and_pool_runs_alone(
    spec: RunSpec, printed: dict[RunSpec, list[str]]
) -> None:
    if spec.pattern == "threads":
        assert len(printed[spec]) == TASKS + 2
    else:
        assert printed[spec][-2] == "returned: ['job 1', 'job 2', 'job 3']"


@pytest.mark.real
def test_a_script_keeps_the_settings_of_its_run(printed: dict[RunSpec, list[str]]) -> None:
    failing, falling = printed[OTHERS[7]], printed[OTHERS[8]]
    assert any("job 2 went wrong" in line for line in failing)
    assert [line.split(" ", 1)[1] for line in falling[:3]] == ["job 3", "job 2", "job 1"]


def _all_specs() -> Iterator[RunSpec]:
    for pattern in PATTERNS.values():
        for workload in WORKLOADS.values():
            fits = pattern.arranges in workload.kinds
            if fits and not (workload.opens and pattern.makes_loop):
                for executor in (
                    ("default", "threads", "processes", "dask")
                    if pattern.takes_executor
                    else (None,)
                ):
                    yield RunSpec(
                        pattern=pattern.name,
                        tasks=3,
                        sleep_s=0.1,
                        workload=workload.name,
                        executor=executor,
                    )


def test_every_pattern_with_every_workload_makes_a_script_that_compiles() -> None:
    for spec in _all_specs():
        text = script(spec)
        compile(text, f"{spec.pattern} {spec.workload}", "exec")
        assert "from core" not in text
        assert PATTERNS[spec.pattern].source.strip() in text, "it is the code that is shown"


def test_a_script_says_what_it_needs() -> None:
    text = script(RunSpec(pattern="gather", tasks=3, sleep_s=0.1, workload="postgres"))
    assert "It needs other packages: pip install asyncpg\n" in text
    assert "LOOPSCOPE_POSTGRES_DSN" in text
    assert "pip install" not in script(RunSpec(pattern="gather", tasks=3, sleep_s=0.1))
