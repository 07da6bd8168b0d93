import concurrent.futures
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.measuring.memory import allowed_bytes
from core.measuring.result_cache import most_kept_bytes
from core.measuring.turns import Capacity
from core.processes import ROOT
from core.spec.limits import LIMITS, SHARED
from core.spec.machine import (
    cpu_count,
    default_pool_size,
    default_process_count,
    has_gil,
    processors,
    quota_in,
)


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
from core.spec.machine import default_process_count, processors
from core.measuring.comparison import cost_of
from core.measuring.result_cache import most_kept_bytes
from core.measuring.memory import allowed_bytes
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
