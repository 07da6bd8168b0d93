"""Loopscope as a library: what a user needs stands in `core` itself."""

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import core
from core.errors import BadFile
from core.services import MAKERS
from core.shell import read
from core.spec.run_spec import DEFAULT_SLEEP_S, DEFAULT_TASKS, SETTINGS
from tests.kit.sleeping import run_sleeping


def test_every_name_that_is_offered_is_there() -> None:
    assert all(hasattr(core, name) for name in core.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'timeline_of'"):
        core.timeline_of  # noqa: B018


def test_a_spec_has_the_defaults_of_the_command_line() -> None:
    spec = core.RunSpec(pattern="gather")
    assert (spec.tasks, spec.sleep_s) == (DEFAULT_TASKS, DEFAULT_SLEEP_S)


def test_the_package_says_which_settings_a_run_has() -> None:
    said = set(re.findall(r"`(\w+)`", str(core.__doc__).partition("by keyword:")[2]))
    assert {"pattern", *SETTINGS} <= said
    given = read(["run", "gather"])
    spec = core.RunSpec(pattern="gather")
    for name, entry in SETTINGS.items():
        default = getattr(given, entry.option.replace("-", "_"))
        assert default is None or getattr(spec, name) == default


@pytest.mark.real
def test_it_can_be_imported_from_anywhere_with_its_folder_in_the_path(tmp_path: Path) -> None:
    code = (
        "import core\n"
        "spec = core.RunSpec(pattern='run_in_executor', executor='processes', sleep_s=0)\n"
        "if __name__ == '__main__':\n    print(len(core.run(spec).jobs))\n"
    )
    (tmp_path / "program.py").write_text(code)
    ended = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(core.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("5\n", "")


@pytest.mark.parametrize("executor", ["threads", "processes", "dask"])
def test_a_pool_whose_size_is_left_open_keeps_the_limits_of_a_server(executor: str) -> None:
    code = (
        "import os; os.cpu_count = os.process_cpu_count = lambda: 96\n"
        "import core\n"
        "from core.spec.admission import check_limits\n"
        "from core.spec.limits import LIMITS\n"
        f"spec = core.RunSpec(pattern='run_in_executor', executor='{executor}')\n"
        "check_limits(spec, LIMITS)\n"
        "print(spec.workers)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "LOOPSCOPE_PROFILE": "hosted", "LOOPSCOPE_LIMIT_THREADS": "7"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("7\n" if executor == "threads" else "4\n", "")


def test_what_takes_long_to_start_is_told_once_while_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow:
        def address(self) -> str:
            time.sleep(3 * core.LONG_WAIT_S)
            return "http://127.0.0.1:9"

        def stuck(self) -> tuple[()]:
            return ()

        def close(self) -> None:
            """It has nothing to end."""

    monkeypatch.setitem(MAKERS, "http", Slow)
    messages: list[str] = []
    spec = core.RunSpec(pattern="gather", workload="http", tasks=1, sleep_s=0)
    core.compare([spec], on_wait=messages.append)
    assert messages == ["Starting the web server …"]


@pytest.mark.parametrize("name", ["runs.json", "runs.json.gz"])
@pytest.mark.parametrize("patterns", [["gather"], ["sequential", "gather"]], ids=["one", "two"])
def test_runs_are_saved_loaded_explained_and_drawn(
    tmp_path: Path, name: str, patterns: list[str]
) -> None:
    timelines = [run_sleeping(pattern, 2).timeline for pattern in patterns]
    core.save(timelines, tmp_path / name)
    loaded = core.load(tmp_path / name)
    assert [type(each) for each in loaded] == [core.Timeline] * len(patterns)
    assert core.explain(loaded) == core.explain(timelines)
    assert core.figure(loaded).to_json() == core.figure(timelines).to_json()


def test_what_is_no_run_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("[]")
    with pytest.raises(BadFile):
        core.load(tmp_path / "none.json")


@pytest.mark.real
def test_a_running_event_loop_measures_in_a_thread() -> None:
    async def measure() -> core.Timeline:
        return await asyncio.to_thread(core.run, core.RunSpec(pattern="gather", sleep_s=0.01))

    assert len(asyncio.run(measure()).jobs) == DEFAULT_TASKS
