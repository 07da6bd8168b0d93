"""CPython's own tests of asyncio as judge: do they end on a recording loop as they do bare?

`python -m benchmarks.judges.cpython` runs each module of the interpreter's `test.test_asyncio` in
processes of its own, bare and recorded, compares test by test, and prints a table. The status is
1 if a test ends otherwise, each time that it is tried. Modules may be named: `... test_tasks`.
"""

import argparse
import platform
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.judges.recorded import Way
from benchmarks.judges.verdict import (
    Outcomes,
    heed_interrupts,
    judge,
    read,
    report,
    run_bounded,
)

PACKAGE = "test.test_asyncio"
ROOT = Path(__file__).resolve().parents[2]
NOT_HERE = ("test_windows_events", "test_windows_utils")
MODULE_LIMIT_S = 240.0


def modules() -> list[str]:
    """Return the names of the test modules that this interpreter has; none without its package."""
    try:
        spec = find_spec(PACKAGE)
    except ModuleNotFoundError:
        return []
    folders = [] if spec is None else spec.submodule_search_locations or []
    found = {path.stem for folder in folders for path in Path(folder).glob("test_*.py")}
    return sorted(found - set(NOT_HERE))


def outcomes_of(module: str, way: Way) -> Outcomes:
    """Run a module's tests in a process of their own."""
    with tempfile.TemporaryDirectory(prefix="judge-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "outcomes"
        command = [sys.executable, "-m", "benchmarks.judges.unittest_run", f"{PACKAGE}.{module}"]
        end = run_bounded([*command, way, str(path)], MODULE_LIMIT_S, cwd=ROOT)
        return read(path, end)


def main(arguments: list[str]) -> int:
    """Judge, print, and return 1 if a test ends otherwise."""
    heed_interrupts()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--way", choices=[Way.ATTACHED, Way.MADE], type=Way, action="append")
    parser.add_argument("--processes", type=int, default=2, help="how many modules at a time")
    asked = parser.parse_args(arguments)
    ways = asked.way or [Way.ATTACHED, Way.MADE]
    names = asked.modules or modules()
    if not names:
        print(f"left out: this Python has no {PACKAGE}")
        return 0
    with ThreadPoolExecutor(asked.processes) as pool:
        verdicts = list(pool.map(lambda name: judge(name, partial(outcomes_of, name), ways), names))
    print(f"Python {platform.python_version()}")
    print(*report(verdicts, ways), sep="\n")
    return 0 if all(each.is_same for each in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
