"""The command that records a program: it runs a script or a module as Python itself would.

`python -m core record` starts this file in an interpreter of the program's own, in which there is
no `core`: many programs have a package of that name. So it mounts the folder that it stands in as
the package `loopscope`.
"""

import argparse
import atexit
import builtins
import contextlib
import importlib.util
import os
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from io import open_code
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

NAME = "loopscope"
SUFFIX = ".loopscope"
USAGE = "%(prog)s [--out FILE] [--for S] (SCRIPT | -m MODULE) [ARG ...]"


def mounted() -> Any:
    """Return the package of this folder, imported under a name that nobody else has."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)
    return importlib.import_module(f"{NAME}.file_recording")


def main(arguments: Sequence[str]) -> None:
    """Record a program, and end as it ends."""
    options = _options(arguments)
    command = options.program
    source = None if options.module else _source(command[0])
    package = mounted()
    path = Path(options.out) if options.out else _unused(Path(command[0]).stem)
    recording = package.FileRecording(path, command=command, for_s=options.seconds)
    try:
        recording.start()
    except OSError as error:
        sys.exit(f"{NAME}: {path}: {error.strerror}")
    # Registered first, so called last: what the program does at its exit is recorded, too.
    atexit.register(_say, recording)
    if source is None:
        _run_module(command)
    else:
        _run_script(source, command)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"{NAME} record",
        usage=USAGE,
        description="Run a program of your own and record its tasks into a file.",
        allow_abbrev=False,
    )
    parser.add_argument("--out", metavar="FILE", help="where to write (default: NAME.loopscope)")
    parser.add_argument(
        "--for", dest="seconds", metavar="S", type=seconds, help="for how many seconds to record"
    )
    parser.add_argument("-m", dest="module", action="store_true", help="run a module")
    parser.add_argument("program", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.program:
        parser.error("name a script, or a module after -m")
    return options


def seconds(text: str) -> float:
    """Return a time as somebody wrote it; the name of this is in argparse's refusal."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(text)
    return value


def _unused(stem: str) -> Path:
    """Return the first name of a file that does not exist: a recording replaces none before it."""
    path, number = Path(f"{stem}{SUFFIX}"), 1
    while path.exists():
        number += 1
        path = Path(f"{stem}-{number}{SUFFIX}")
    return path


def _say(recording: Any) -> None:
    recording.stop()
    if recording.failure is not None:
        said = f"{NAME}: the recording ended early: {recording.failure}"
    else:
        said = (
            f"{NAME}: {recording.jobs:,} tasks and calls recorded; "
            f"open them: python -m core show {recording.path}"
        )
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(said, file=sys.stderr)  # noqa: T201


def _source(script: str) -> bytes:
    """Return what is in a script; without one there is nothing to record."""
    try:
        with open_code(script) as file:
            return file.read()
    except OSError as error:
        sys.exit(f"{NAME}: can't open file {script!r}: {error.strerror}")


def _run_script(source: bytes, command: Sequence[str]) -> None:
    path = Path(command[0])
    main_module = ModuleType("__main__")
    main_module.__file__ = file_name = os.path.abspath(command[0])  # noqa: PTH100 - as Python does
    main_module.__loader__ = SourceFileLoader("__main__", file_name)
    main_module.__dict__.update(__cached__=None, __builtins__=builtins)
    sys.modules["__main__"] = main_module
    sys.argv = list(command)
    sys.path[0] = str(path.resolve().parent)
    with _without_frames_of_ours():
        exec(compile(source, file_name, "exec", dont_inherit=True), main_module.__dict__)  # noqa: S102


def _run_module(command: Sequence[str]) -> None:
    sys.modules["__main__"] = ModuleType("__main__")
    sys.argv = list(command)
    sys.path[0] = str(Path.cwd())
    with _without_frames_of_ours():
        # what `python -m` itself calls: it finds the module, and runs it as `__main__`
        runpy._run_module_as_main(command[0])  # type: ignore[attr-defined]  # noqa: SLF001


@contextlib.contextmanager
def _without_frames_of_ours() -> Any:
    """Let a traceback begin in the program, as it would without this file."""
    try:
        yield
    except BaseException as error:
        raised, traceback, before = error, error.__traceback__, sys.excepthook
        while traceback is not None and traceback.tb_frame.f_code.co_filename in _OURS:
            traceback = traceback.tb_next

        def show(
            kind: type[BaseException], value: BaseException, shown: TracebackType | None
        ) -> None:
            if value is raised:
                value.__traceback__ = shown = traceback
            before(kind, value, shown)

        sys.excepthook = show
        raise


_OURS = {__file__, contextlib.__file__, runpy.__file__, "<frozen runpy>"}

if __name__ == "__main__":
    main(sys.argv[1:])
