"""The command `loopscope`: it records a script or a module, which run as Python itself runs them.

Where it is installed it is the package `loopscope` that it belongs to. In a checkout, `python -m
core record` starts this file in an interpreter of the program's own, in which there is no `core`:
many programs have a package of that name. So it mounts the folder that it stands in as the package
`loopscope`.
"""

import argparse
import atexit
import builtins
import contextlib
import importlib.util
import os
import platform
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from io import open_code
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

NAME = "loopscope"
FOLDER = Path(__file__).resolve().parent
AT_SIGNAL = "" if sys.platform == "win32" else ", and at SIGUSR2"
RECORD_USAGE = (
    "%(prog)s [--out FILE] [--for S] [--children | --keep S [--slow-step MS]] "
    "(SCRIPT | -m MODULE) [ARG ...]"
)
USAGE = "%(prog)s record (SCRIPT | -m MODULE) [ARG ...] | attach PID | show FILE ... | --version"


def mounted(module: str = "") -> Any:
    """Return this package, or a module of it, imported under a name that nobody else has."""
    if NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            NAME, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
        )
        assert spec is not None
        assert spec.loader is not None
        sys.modules[NAME] = package = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
    return importlib.import_module(f"{NAME}{module}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Carry out a command line."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["record"]:
        _record(given[1:])
        return
    if given[:1] == ["attach"]:
        _attach(given[1:])
        return
    parser = argparse.ArgumentParser(
        prog=NAME,
        usage=USAGE,
        description="Record what each task of an asyncio program did, when, and why it waited.",
        epilog=f"{NAME} record --help says how to record.",
        allow_abbrev=False,
    )
    version = f"{NAME} {mounted().__version__}, Python {platform.python_version()}"
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument("command", choices=["record", "attach", "show"], help=argparse.SUPPRESS)
    parser.add_argument("files", metavar="FILE", nargs="+", help=argparse.SUPPRESS)
    sys.exit(_show(parser.parse_args(given).files))


def _show(files: list[str]) -> int:
    opening = mounted(".opening")
    if why_not := opening.why_not_shown(files[0]):
        return _refuse(why_not)
    return int(opening.show(files))


def _refuse(reason: str) -> int:
    _print(f"{NAME}: {reason}")
    return 1


def _record(arguments: Sequence[str]) -> None:
    """Record a program, and end as it ends."""
    options = _options(arguments)
    command = options.program
    source = None if options.module else _source(command[0])
    unused = mounted(".file_recording").unused
    stem = Path(command[0]).stem
    path = Path(options.out) if options.out else unused(stem)
    family = None
    if options.children:
        family = _founded(path, options.seconds)
    if options.keep is None:
        make = mounted(".file_recording").FileRecording
        process = family.facts() if family else None
        recording = make(path, command=command, for_s=options.seconds, process=process)
    else:
        recording = mounted(".flight_recorder").FlightRecorder(
            options.keep,
            stem=path.with_suffix("") if options.out else stem,
            slow_step_ms=options.slow_step,
            on_cut=_say_cut,
            command=command,
            for_s=options.seconds,
        )
    try:
        recording.start()
    except OSError as error:
        if family:
            family.dissolve()
        sys.exit(f"{NAME}: {path}: {error.strerror}")
    # Registered first, so called last: what the program does at its exit is recorded, too.
    atexit.register(mounted(".last_line").say_end, recording, family, os.getpid())
    if family:
        mounted(".child").followed_by(recording, family)
    hidden = mounted(".hidden_frames").HiddenFrames(sys._getframe())  # noqa: SLF001
    hidden.hide()
    if source is None:
        _run_module(command, hidden)
    else:
        _run_script(source, command, hidden)


def _founded(path: Path, for_s: float | None) -> Any:
    try:
        return mounted(".family").Family.founded(path, for_s)
    except OSError as error:
        sys.exit(f"{NAME}: {error.filename or path}: {error.strerror}")


def _attach(arguments: Sequence[str]) -> None:
    """Record a program that runs already."""
    parser = argparse.ArgumentParser(
        prog=f"{NAME} attach",
        description="Record a program of your own that runs already (Python 3.14 and newer).",
        allow_abbrev=False,
    )
    parser.add_argument("pid", metavar="PID", type=int, help="the number of its process")
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="S",
        type=seconds,
        default=10.0,
        help="for how many seconds to record (default: 10)",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="where to write (default: attach-PID.loopscope)"
    )
    options = parser.parse_args(arguments)
    attach = mounted(".attach")
    try:
        attach.attach(
            options.pid, options.seconds, options.out, lambda said: _print(f"{NAME}: {said}")
        )
    except attach.NotAttached as error:
        sys.exit(_refuse(str(error)))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"{NAME} record",
        usage=RECORD_USAGE,
        description="Run a program of your own and record its tasks into a file.",
        allow_abbrev=False,
    )
    parser.add_argument("--out", metavar="FILE", help="where to write (default: NAME.loopscope)")
    parser.add_argument(
        "--for", dest="seconds", metavar="S", type=seconds, help="for how many seconds to record"
    )
    parser.add_argument(
        "--children",
        action="store_true",
        help="record child processes of Python, too, each into a file of its own",
    )
    parser.add_argument(
        "--keep",
        metavar="S",
        type=seconds,
        help=f"hold the last seconds in memory; they are written at the end{AT_SIGNAL}",
    )
    parser.add_argument(
        "--slow-step",
        metavar="MS",
        type=milliseconds,
        help="write them when a step holds its loop for so long, too",
    )
    parser.add_argument("-m", dest="module", action="store_true", help="run a module")
    parser.add_argument("program", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.program:
        parser.error("name a script, or a module after -m")
    if options.slow_step is not None and options.keep is None:
        parser.error("--slow-step goes with --keep")
    if options.children and options.keep is not None:
        parser.error("--children does not go with --keep")
    return options


def seconds(text: str) -> float:
    """Return a time as somebody wrote it; the name of this is in argparse's refusal."""
    value = float(text.removesuffix("s"))
    if not 0 < value < float("inf"):
        raise ValueError(text)
    return value


def milliseconds(text: str) -> float:
    """As `seconds`, of a time in milliseconds."""
    return seconds(text.removesuffix("ms"))


def _say_cut(path: Path, why: str) -> None:
    if why != "the end":
        _print(f"{NAME}: {why}: the last seconds are in {path}")


def _print(said: str) -> None:
    mounted(".last_line").say(said)


def _source(script: str) -> bytes:
    """Return what is in a script; without one there is nothing to record."""
    try:
        with open_code(script) as file:
            return file.read()
    except OSError as error:
        sys.exit(f"{NAME}: can't open file {script!r}: {error.strerror}")


def _run_script(source: bytes, command: Sequence[str], hidden: Any) -> None:
    path = Path(command[0])
    main_module = ModuleType("__main__")
    main_module.__file__ = file_name = os.path.abspath(command[0])  # noqa: PTH100 - as Python does
    main_module.__loader__ = SourceFileLoader("__main__", file_name)
    main_module.__dict__.update(__builtins__=builtins)
    # each as long as Python itself puts it there
    if sys.version_info < (3, 15):
        main_module.__dict__["__cached__"] = None
    if sys.version_info < (3, 14):
        main_module.__annotations__ = {}
    sys.modules["__main__"] = main_module
    sys.argv = list(command)
    sys.path[0] = str(path.resolve().parent)
    with _without_frames_of_ours(hidden):
        exec(compile(source, file_name, "exec", dont_inherit=True), main_module.__dict__)  # noqa: S102


def _run_module(command: Sequence[str], hidden: Any) -> None:
    sys.modules["__main__"] = ModuleType("__main__")
    sys.argv = list(command)
    sys.path[0] = str(Path.cwd())
    with _without_frames_of_ours(hidden):
        # what `python -m` itself calls: it finds the module, and runs it as `__main__`
        runpy._run_module_as_main(command[0])  # type: ignore[attr-defined]  # noqa: SLF001


@contextlib.contextmanager
def _without_frames_of_ours(hidden: Any) -> Any:
    """Let the traceback with which the program ends be what it would be without this package."""
    try:
        yield
    except BaseException as error:
        raised: BaseException | None = error
        traceback, before = error.__traceback__, sys.excepthook
        while traceback is not None and traceback.tb_frame.f_code.co_filename in _OURS:
            traceback = traceback.tb_next

        def show(
            kind: type[BaseException], value: BaseException, shown: TracebackType | None
        ) -> None:
            nonlocal raised, traceback
            if value is raised:
                value.__traceback__ = traceback
                hidden.without_ours(value)
                shown = value.__traceback__
            # What is held longer would be freed when nothing of it can be logged any more.
            raised, traceback, sys.excepthook = None, None, before
            before(kind, value, shown)

        if not isinstance(error, SystemExit):
            sys.excepthook = show
        raise


_OURS = {__file__, contextlib.__file__, runpy.__file__, "<frozen runpy>"}

if __name__ == "__main__":
    main()
