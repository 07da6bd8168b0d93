"""Suites of tests that others wrote: each is a record, and its tests come from its sources.

A source distribution that pip gets, with what its tests need, is laid into an environment of its
own; there pytest runs them, with `benchmarks.recorded_tests` as a plugin.
"""

import os
import shutil
import subprocess
import tarfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Which tests, what they need, and which of them are left out.

    Attributes:
        name: The distribution, and the package in it.
        version: The one that is judged by.
        needs: What its tests need besides, as pip takes it.
        options: What pytest is given.
        left_out: Files in its folder `tests`, or patterns of them, and why they are not run.
    """

    name: str
    version: str
    needs: tuple[str, ...]
    options: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def pinned(self) -> str:
        """The distribution with its version, as pip takes it."""
        return f"{self.name}=={self.version}"

    def command(self, python: Path) -> list[str]:
        """Return what runs the tests, in the folder of the sources."""
        ignored = [f"--ignore-glob=tests/{each}" for each in self.left_out]
        plugin = ["-p", "benchmarks.recorded_tests", "-p", "no:cacheprovider"]
        return [str(python), "-m", "pytest", *plugin, "tests", *self.options, *ignored]


_SELDOM = "most of its tests run no loop, and there are many: left out to save time"
_STARTS_OTHERS = "what it tests is in processes of its own, which are not recorded"
SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            name="anyio",
            version="4.16.0",
            needs=(
                *("blockbuster>=1.5,<1.6", "hypothesis>=6.150,<7", "psutil>=5.9", "pytest>=9,<10"),
                *("pytest-mock>=3.14", "pytest-timeout>=2.4,<3", "trustme>=1"),
                "truststore>=0.9.1",
            ),
            options=("-k", "not trio and not uvloop"),
            left_out={
                "test_sockets.py": "it knows addresses that not every machine has",
                "test_pytest_plugin.py": "each of its tests starts pytest anew",
            },
        ),
        Suite(
            name="aiohttp",
            version="3.14.5",
            needs=(
                *("blockbuster>=1.5,<1.6", "brotli>=1.2", "coverage>=7", "freezegun>=1.5"),
                *("proxy.py>=2.4.4rc5", "pytest>=9,<10", "pytest-mock>=3.14"),
                *("pytest-timeout>=2.4,<3", "trustme>=1", "uvloop>=0.22", "zlib-ng>=1"),
            ),
            # its own options ask for a measurement of coverage, in several processes
            options=(
                *("-o", "addopts=", "--timeout=60"),
                *("-m", "not dev_mode and not autobahn and not internal"),
            ),
            left_out={
                "autobahn/*": "it needs Docker",
                "test_benchmarks_*": "they measure",
                "test_http_parser.py": _SELDOM,
                "test_multipart*.py": _SELDOM,
                "test_urldispatch.py": _SELDOM,
                "test_cookie*.py": _SELDOM,
                "test_helpers.py": _SELDOM,
                "test_payload.py": _SELDOM,
                "test_websocket_parser.py": _SELDOM,
                "test_web_response.py": _SELDOM,
                "test_web_request.py": _SELDOM,
                "test_client_request.py": _SELDOM,
                "test_web_urldispatcher.py": "it changes rights of files, which root does not heed",
                "test_leaks.py": _STARTS_OTHERS,
                "test_imports.py": _STARTS_OTHERS,
                "test_circular_imports.py": _STARTS_OTHERS,
                "test_pytest_plugin.py": "each of its tests starts pytest anew",
            },
        ),
        Suite(
            name="uvloop",
            version="0.23.0",
            needs=("aiohttp>=3.10.5", "psutil>=5.9", "pyOpenSSL~=26.4", "pytest>=9,<10"),
            left_out={"test_sourcecode.py": "it looks for faults of style"},
        ),
    )
}


def prepare(suite: Suite, folder: Path) -> tuple[Path, Path]:
    """Return the interpreter that has what the tests need, and the folder that holds them.

    Raises:
        CalledProcessError: If pip cannot get something.
    """
    sources, environment = folder / "sources", folder / "environment"
    venv.create(environment, with_pip=True, symlinks=True)
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", suite.pinned, *suite.needs], check=True)
    download = ["download", "--no-deps", "--no-binary", suite.name, "--dest", str(sources)]
    subprocess.run([*pip, *download, suite.pinned], check=True)
    (archive,) = sources.glob(f"{suite.name}-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(sources, filter="data")
    (unpacked,) = (path for path in sources.iterdir() if path.is_dir())
    # What is tested is what pip has built: in the folder in which pytest runs it would be hidden.
    shutil.rmtree(unpacked / suite.name, ignore_errors=True)
    return python, unpacked


def environment_of(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which a suite runs."""
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | dict(more)
