"""What a hosted server keeps runs from taking, in a process whose environment says so."""

import os
import subprocess
import sys

import pytest

from core.processes import ROOT

pytestmark = pytest.mark.real

SHELL = [sys.executable, "-m", "core", "run"]


def told(*arguments: str, **environment: str) -> str:
    """Return what a run says in a shell, with its status before it."""
    done = subprocess.run(
        [*SHELL, *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return f"{done.returncode}: {done.stdout}{done.stderr}"


def test_what_is_refused_names_the_limit_and_who_set_it() -> None:
    said = told("gather", "--tasks", "11", "--sleep", "0", LOOPSCOPE_LIMIT_TASKS="10")
    assert "tasks is 11; it must be at most 10, as the operator of this server has set it" in said
    assert said.startswith("2: ")


def test_a_run_that_would_take_too_long_is_refused_in_the_operators_name() -> None:
    said = told("sequential", "--tasks", "10", "--sleep", "1", LOOPSCOPE_LIMIT_IDEAL_WALL_S="3")
    assert "the limit is 3 s, as the operator of this server has set it" in said


def test_a_limit_that_makes_no_sense_ends_with_one_line() -> None:
    said = told("gather", "--tasks", "1", "--sleep", "0", LOOPSCOPE_PROFILE="big")
    assert "LOOPSCOPE_PROFILE is 'big'; it must be one of laptop, hosted" in said


def test_a_run_that_needs_more_memory_than_it_may_use_says_so() -> None:
    said = told("gather", "--tasks", "100000", "--sleep", "0", LOOPSCOPE_LIMIT_MEMORY_MB="48")
    assert "a run may use 48 MB on this server" in said


def test_the_stacks_of_many_threads_do_not_count_as_memory_in_use() -> None:
    said = told("threads", "--tasks", "300", "--sleep", "0.5", LOOPSCOPE_LIMIT_MEMORY_MB="256")
    assert said.startswith("0: ")


def test_the_hosted_profile_carries_out_every_kind_of_pool() -> None:
    for executor in ("default", "threads", "processes"):
        said = told(
            *("run_in_executor", "--tasks", "4", "--sleep", "0.01", "--executor", executor),
            LOOPSCOPE_PROFILE="hosted",
        )
        assert said.startswith("0: "), said
