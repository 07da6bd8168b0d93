"""Bounds of the system: as near to what is asked for as each system allows."""

import subprocess
import sys

import pytest

from core.processes import ROOT
from core.spec import bounds, limits
from tests.kit.needs import posix_only

LIMIT_S = 60
AS_ON_MACOS = """
import resource, sys
INFINITY = resource.RLIM_INFINITY
limits = {resource.RLIMIT_NOFILE: (256, INFINITY), resource.RLIMIT_AS: (INFINITY, INFINITY)}
real = resource.setrlimit
def setrlimit(kind, wanted):
    soft, hard = wanted
    if kind == resource.RLIMIT_AS or (kind == resource.RLIMIT_NOFILE and soft == INFINITY):
        raise ValueError("current limit exceeds maximum limit")
    limits[kind] = wanted
resource.setrlimit, resource.getrlimit = setrlimit, lambda kind: limits[kind]
import core.spec.bounds as bounds
bounds.sys = type("sys", (), {"platform": "PLATFORM"})
"""
"""What macOS does: see getrlimit(2) there, under COMPATIBILITY."""


def told(
    code: str, platform: str = "darwin", **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", AS_ON_MACOS.replace("PLATFORM", platform) + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@posix_only("limits of a process")
@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("bounds.allow_many_open_files(); kind = resource.RLIMIT_NOFILE", "[10240, 'all']"),
        ("kind = resource.RLIMIT_NOFILE; bounds.bound(kind, 512)", "[512, 512]"),
        ("kind = resource.RLIMIT_AS; bounds.bound(kind, 1 << 30)", "['all', 'all']"),
    ],
)
def test_what_macos_refuses_is_asked_of_it_in_another_way(code: str, limit: str) -> None:
    # what stands for no limit is -1 up to Python 3.14, and the largest number since
    done = told(f"{code}; print(['all' if each == INFINITY else each for each in limits[kind]])")
    assert done.stdout == limit + "\n", done.stderr


@posix_only("limits of a process")
def test_where_a_bound_is_refused_that_the_system_has_that_is_an_error() -> None:
    done = told("bounds.bound(resource.RLIMIT_AS, 1 << 30)", "linux")
    assert "current limit exceeds maximum limit" in done.stderr


@pytest.mark.parametrize(
    ("platform", "profile", "names"),
    [
        ("win32", "hosted", ["LOOPSCOPE_LIMIT_MEMORY_MB", "LOOPSCOPE_LIMIT_OPEN_FILES"]),
        ("darwin", "hosted", ["LOOPSCOPE_LIMIT_MEMORY_MB"]),
        ("linux", "hosted", []),
        ("win32", "laptop", []),
        ("darwin", "laptop", []),
    ],
)
def test_a_limit_that_is_asked_for_and_not_enforced_is_named(
    platform: str, profile: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LIMITS", limits.PROFILES[profile])
    monkeypatch.setattr(bounds, "sys", type("sys", (), {"platform": platform}))
    assert list(bounds.not_enforced()) == names
