"""The limits: two profiles, and what the environment says."""

import concurrent.futures
import json
import math
import os
import subprocess
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from core.errors import BadValue
from core.measuring.finished import most_kept_bytes
from core.measuring.resources import allowed_bytes
from core.measuring.turns import Capacity
from core.processes import ROOT
from core.spec import limits as module
from core.spec.limits import (
    HOSTED,
    LAPTOP,
    LIMITS,
    MOST_SERVERS,
    SHARED,
    Limits,
    cpu_count,
    default_pool_size,
    default_process_count,
    has_gil,
    limits_from,
    processors,
    quota_in,
)
from core.text.language import lazy


def test_a_laptop_has_the_profile_of_its_own() -> None:
    assert limits_from({}) == LAPTOP == Limits()
    assert limits_from({"LOOPSCOPE_PROFILE": "laptop", "PATH": "/bin"}) == LAPTOP


def test_a_pool_has_as_many_processes_as_the_system_can_wait_for() -> None:
    assert LAPTOP.processes == (61 if sys.platform == "win32" else 64)


def test_a_hosted_server_is_stricter_in_everything() -> None:
    hosted = asdict(limits_from({"LOOPSCOPE_PROFILE": "hosted"}))
    for name, most in asdict(LAPTOP).items():
        assert hosted[name] is not None
        assert most is None or hosted[name] < most, name


def test_single_limits_are_set_on_top_of_the_profile() -> None:
    environment = {
        "LOOPSCOPE_PROFILE": "hosted",
        "LOOPSCOPE_LIMIT_TASKS": "50",
        "LOOPSCOPE_LIMIT_SLEEP_S": "2.5",
        "LOOPSCOPE_LIMIT_MEMORY_MB": "none",
    }
    limits = limits_from(environment)
    assert (limits.tasks, limits.sleep_s, limits.memory_mb) == (50, 2.5, None)
    assert limits.processes == HOSTED.processes


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_every_limit_can_be_set(name: str) -> None:
    limits = limits_from({f"LOOPSCOPE_LIMIT_{name.upper()}": "7"})
    assert getattr(limits, name) == 7


REFUSED = [
    (
        {"LOOPSCOPE_PROFILE": "huge"},
        "LOOPSCOPE_PROFILE is 'huge'; it must be one of laptop, hosted",
    ),
    (
        {"LOOPSCOPE_LIMIT_TASKS": "many"},
        "LOOPSCOPE_LIMIT_TASKS is 'many'; it must be a whole number above 0",
    ),
    (
        {"LOOPSCOPE_LIMIT_TASKS": "none"},
        "LOOPSCOPE_LIMIT_TASKS is 'none'; it must be a whole number above 0",
    ),
    (
        {"LOOPSCOPE_LIMIT_SLEEP_S": "nan"},
        "LOOPSCOPE_LIMIT_SLEEP_S is 'nan'; it must be a number of seconds above 0",
    ),
    (
        {"LOOPSCOPE_LIMIT_CHILDREN": "-1"},
        "LOOPSCOPE_LIMIT_CHILDREN is '-1'; it must be a whole number above 0",
    ),
]


@pytest.mark.parametrize(("environment", "sentence"), REFUSED)
def test_what_makes_no_sense_is_refused(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadValue) as refusal:
        limits_from(environment)
    assert str(refusal.value) == sentence


def test_a_limit_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadValue) as refusal:
        limits_from({"LOOPSCOPE_LIMIT_TASK": "5"})
    assert "LOOPSCOPE_LIMIT is 'task'; it must be one of runs, tasks," in str(refusal.value)


def test_the_reason_for_a_limit_is_the_operator_who_set_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LIMITS", limits_from({"LOOPSCOPE_LIMIT_TASKS": "5"}))
    because = lazy("because")
    assert module.LIMITS.why("tasks", because) == lazy("as the operator of this server has set it")
    assert module.LIMITS.why("runs", because) is because
    assert replace(module.LIMITS, tasks=7).why("tasks", because) is because


@pytest.mark.parametrize("profile", ["laptop", "hosted"])
@pytest.mark.parametrize("servers", [1, 2, 3, MOST_SERVERS])
def test_servers_of_one_machine_divide_what_everybody_shares(profile: str, servers: int) -> None:
    of_machine = asdict(limits_from({"LOOPSCOPE_PROFILE": profile}))
    environment = {"LOOPSCOPE_PROFILE": profile, "LOOPSCOPE_SERVERS": str(servers)}
    share = asdict(limits_from(environment))
    for name, most in of_machine.items():
        if name in SHARED:
            assert share[name] >= 1
            assert share[name] == 1 or most - servers < servers * share[name] <= most, name
        else:
            assert share[name] == most, name


def test_a_limit_that_the_operator_sets_is_for_the_machine_too() -> None:
    environment = {"LOOPSCOPE_SERVERS": "4", "LOOPSCOPE_LIMIT_CHILDREN": "10"}
    environment |= {"LOOPSCOPE_LIMIT_WAITING": "3", "LOOPSCOPE_LIMIT_TASKS": "40"}
    limits = limits_from(environment)
    assert (limits.children, limits.waiting, limits.tasks) == (2, 1, 40)


def test_the_default_pool_is_as_large_as_python_makes_it() -> None:
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert vars(pool)["_max_workers"] == default_pool_size()


def test_there_is_at_least_one_processor() -> None:
    assert cpu_count() >= 1


def test_an_interpreter_that_cannot_do_without_has_the_gil() -> None:
    assert has_gil() or sys.version_info >= (3, 13)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "150000 100000"}, 1.5),
        ({"cpu.max": "max 100000"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, math.inf),
        ({}, math.inf),
    ],
)
def test_a_container_may_use_the_processors_of_its_quota(
    files: dict[str, str], expected: float, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    assert quota_in(tmp_path) == expected


def test_there_are_no_more_processors_than_the_machine_has() -> None:
    assert 0 < processors() <= cpu_count()
    assert 1 <= default_process_count() <= cpu_count()


TAKEN = """
import json
from core.spec.limits import LIMITS, SHARED
from core.spec.limits import default_process_count, processors
from core.measuring.comparison import cost_of
from core.measuring.finished import most_kept_bytes
from core.measuring.resources import allowed_bytes
from core.measuring.turns import Capacity
from core.spec.run_spec import RunSpec
pool = RunSpec(pattern="run_in_executor", tasks=2, sleep_s=0.1, executor="processes")
capacity = Capacity()
print(json.dumps({
    "limits": {name: getattr(LIMITS, name) for name in SHARED},
    "workers": [default_process_count(), pool.workers, cost_of([pool]).children - 1],
    "processors": [processors(), capacity.cores],
    "turns": [capacity.children, capacity.waiting],
    "memory": allowed_bytes(),
    "kept": most_kept_bytes(),
}))
"""
"""Prints what a server would take of this machine."""


@pytest.mark.parametrize("servers", [2, 64])
def test_a_server_takes_its_share_of_the_machine(servers: int) -> None:
    said = subprocess.run(
        [sys.executable, "-c", TAKEN],
        cwd=ROOT,
        env={**os.environ, "LOOPSCOPE_SERVERS": str(servers)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    share, own = json.loads(said.stdout), max(1, cpu_count() // servers)
    limits = {name: max(1, getattr(LIMITS, name) // servers) for name in SHARED}
    own_pool = min(own, limits["processes"])
    assert share["limits"] == limits
    assert share["workers"] == [own, own_pool, own_pool]
    assert share["processors"] == [processors() / servers] * 2
    assert share["turns"] == [limits["children"], limits["waiting"]]
    assert share["memory"] == pytest.approx(allowed_bytes() / servers)
    assert share["kept"] == min(limits["kept_mb"] << 20, int(allowed_bytes() / servers / 4))
    assert Capacity().cores == processors() > share["processors"][0]
    assert most_kept_bytes() > share["kept"]
