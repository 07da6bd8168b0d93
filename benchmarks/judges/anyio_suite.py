"""anyio's own tests as judge: do they end on a recording loop as they do bare?

`python -m benchmarks.judges.anyio_suite` takes the tests from anyio's source distribution, installs
what they need into an environment of its own, and runs those for asyncio, bare and recorded. Where
they cannot be had, it says so in a line. The status is 1 if a test ends otherwise each time.
"""

import argparse
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import venv
from functools import partial
from pathlib import Path

from benchmarks.judges.pytest_recorded import FILE, WAY
from benchmarks.judges.recorded import Way
from benchmarks.judges.verdict import (
    Outcomes,
    heed_interrupts,
    judge,
    read,
    report,
    run_bounded,
)

ROOT = Path(__file__).resolve().parents[2]
ANYIO = "anyio==4.16.0"
NEEDS = (
    *("blockbuster>=1.5,<1.6", "hypothesis>=6.150,<7", "psutil>=5.9", "pytest>=9,<10"),
    *("pytest-mock>=3.14", "pytest-timeout>=2.4,<3", "trustme>=1", "truststore>=0.9.1"),
)
LEFT_OUT = ("test_sockets.py", "test_pytest_plugin.py")
"""One knows addresses that not every machine has; each test of the other starts pytest anew."""
SUITE_LIMIT_S = 600.0


def prepare(folder: Path) -> tuple[Path, Path]:
    """Return the interpreter that has what the tests need, and the folder that holds them.

    Raises:
        CalledProcessError: If pip cannot get something.
    """
    sources, environment = folder / "sources", folder / "environment"
    venv.create(environment, with_pip=True, symlinks=True)
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", ANYIO, *NEEDS], check=True)
    download = ["download", "--no-deps", "--no-binary", "anyio", "--dest", str(sources), ANYIO]
    subprocess.run([*pip, *download], check=True)
    (archive,) = sources.glob("anyio-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(sources, filter="data")
    (suite,) = (path for path in sources.iterdir() if path.is_dir())
    return python, suite


def outcomes_of(python: Path, suite: Path, way: Way) -> Outcomes:
    """Run the tests in a way."""
    path = suite.parent / f"outcomes-{way}"
    command = [str(python), "-m", "pytest", "-p", "benchmarks.judges.pytest_recorded", "tests"]
    chosen = ["-k", "not trio and not uvloop", *(f"--ignore=tests/{file}" for file in LEFT_OUT)]
    environment = os.environ | {WAY: way, FILE: str(path), "PYTHONPATH": str(ROOT)}
    end = run_bounded([*command, *chosen], SUITE_LIMIT_S, cwd=suite, env=environment)
    # a failed test is no fault of the run
    return read(path, "" if end == "exit code 1" else end)


def main(arguments: list[str]) -> int:
    """Judge, print, and return 1 if a test ends otherwise."""
    heed_interrupts()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--way", choices=[Way.ATTACHED, Way.MADE], type=Way, action="append")
    ways = parser.parse_args(arguments).way or [Way.ATTACHED]
    with tempfile.TemporaryDirectory(prefix="judge-", ignore_cleanup_errors=True) as folder:
        try:
            python, suite = prepare(Path(folder))
        except subprocess.CalledProcessError as error:
            print(f"left out: {ANYIO} and what its tests need cannot be had: {error}")
            return 0
        verdict = judge(ANYIO, partial(outcomes_of, python, suite), ways)
    print(f"Python {platform.python_version()}")
    print(*report([verdict], ways), sep="\n")
    return 0 if verdict.is_same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
