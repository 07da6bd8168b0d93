"""Loopscope from a shell: `python -m core run`, `compare`, `record`, `show`, `export` ..."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import core
from core.errors import (
    BadFile,
    BadUsage,
    BadValue,
    LoopscopeError,
    PythonTooOld,
    TooLong,
    check_one_of,
    check_whole,
)
from core.exports import EXPORTS
from core.measuring.resources import occupy_standard_streams
from core.patterns import PATTERNS
from core.shell.parser import HelpText, OneLineParser
from core.shell.streams import (
    STDOUT,
    forget,
    print_text,
    refuse_unwritable,
    say,
    width,
    write_bytes,
    write_runs,
)
from core.spec.admission import check_limits, spec_within, specs_within
from core.spec.limits import LIMITS
from core.spec.run_spec import SETTINGS, RunSpec
from core.spec.settings import WHOLE_NUMBER
from core.text.language import _, lazy, speak
from core.text.legible import without_encoding

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["OneLineParser"]  # noqa: SLF001 - it has no public name

PROGRAM = "python -m core"
EXAMPLES = {
    "run": (
        "run gather --tasks 5 --sleep 0.2",
        "run run_in_executor --executor processes --workers 2",
        "run gather --json run.json.gz",
    ),
    "compare": ("compare sequential gather", "compare gather semaphore --tasks 100 --limit 20"),
    "show": ("show run.json.gz", "run gather --json - | python -m core show -"),
    "export": ("export run.json.gz --format csv -o jobs.csv",),
    "record": ("record script.py --fast", "record --out before.loopscope -m package.module"),
    "patterns": ("patterns", "patterns --json"),
}
"""Lines of each command's help; `tests/core/shell/test_shell.py` reads each as a shell would."""
RECORD, ATTACH = "record", "attach"
RECORDER = Path(core.__file__).parent / "recording"
NOT_OPTIONS = ("act", "patterns", "files", "version")
BAD_INPUT = 2
RUN_FAILED = 1
# What a shell reports of a process that a signal ended: 128 and its number, SIGINT or SIGPIPE.
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] in ([RECORD], [ATTACH]) and without_encoding(given) is None:
        return _record(*given)
    return _carry_out(given)


def _carry_out(given: Sequence[str]) -> int:
    occupy_standard_streams()
    speak(None)
    try:
        _act_on(given)
    except (BadFile, BadValue, BadUsage, PythonTooOld, TooLong) as error:
        return _refuse(str(error), BAD_INPUT)
    except LoopscopeError as error:
        return _refuse(str(error), RUN_FAILED)
    except KeyboardInterrupt:
        return _refuse(_("interrupted; the runs have been ended"), INTERRUPTED)
    except BrokenPipeError:
        forget(sys.stdout)
        return PIPE_CLOSED
    except OSError as error:
        forget(sys.stdout)
        return _refuse(str(error), RUN_FAILED)
    return 0


def _act_on(given: Sequence[str]) -> None:
    if lacking := without_encoding(given):
        text = _("argument {argument}: {encoding}, the encoding of this system, lacks it")
        raise BadUsage(text.format(argument=lacking, encoding=sys.getfilesystemencoding()))
    values = read(given)
    values.act(values)


def _record(*arguments: str) -> int:
    """Record a program in an interpreter of its own, in which there is nothing of this one.

    Where a process can become another one it does, so that signals, exit status and the terminal
    are the program's; elsewhere it waits for it.
    """
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001
    command = [sys.executable, *flags, str(RECORDER), *arguments]
    if sys.platform != "win32":
        os.execv(sys.executable, command)  # noqa: S606
    return subprocess.call(command)  # noqa: S603


def _refuse(message: str, status: int) -> int:
    """Say in one line on standard error what is wrong, and return the exit status."""
    say(message)
    return status


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the values of a command line; `act` among them is the command to call."""
    # `parse_args` would say which options are unknown, but not which there are.
    values, rest = _parser().parse_known_args(_joined(arguments))
    unknown = [each for each in rest if each.startswith("-")]
    if unknown:
        given = unknown[0].partition("=")[0]
        options = [
            f"--{name.replace('_', '-')}" for name in vars(values) if name not in NOT_OPTIONS
        ]
        raise BadValue("option", given, lazy("it must be one of {names}", names=", ".join(options)))
    if rest and values.act is not _compare:
        raise BadValue(
            "argument",
            rest[0],
            lazy("it is one too many; run takes one pattern, compare takes one or more"),
        )
    if rest:  # argparse leaves over what stands behind an option
        values.patterns += rest
    return values


def _joined(arguments: Sequence[str]) -> list[str]:
    """Join options with their values, or `--sleep -inf` would be taken for two options."""
    with_values = [f"--{entry.option}" for entry in SETTINGS.values()]
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in with_values and not argument.startswith("--"):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog=PROGRAM,
        description=_("Run concurrency patterns for real and show what every job did, and when."),
        epilog=_examples("compare sequential gather", "run --help"),
        formatter_class=HelpText,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help=_("show the versions and exit"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_runs(commands)
    _add_files(commands)
    # Named here for the help alone: what stands behind it is the program's, and is read over there.
    commands.add_parser(
        RECORD, help=_("record a program of your own: record SCRIPT [ARGUMENT ...]")
    )
    commands.add_parser(ATTACH, help=_("record a program that runs already: attach PID"))
    patterns = _add_command(commands, "patterns", _patterns, _("list the patterns"))
    to_json = _("write JSON to a file, or to standard output without one (default: a table)")
    patterns.add_argument("--json", nargs="?", const=STDOUT, metavar="PATH", help=to_json)
    return parser


def _add_runs(commands: "Commands") -> None:
    run = _add_command(commands, "run", _run, _("measure one pattern"))
    run.add_argument("patterns", nargs=1, metavar="PATTERN", help=", ".join(PATTERNS))
    compare = _add_command(commands, "compare", _compare, _("measure one or more patterns"))
    compare.add_argument("patterns", nargs="+", metavar="PATTERN", help=", ".join(PATTERNS))
    for command in (run, compare):
        _add_settings(command)
        command.add_argument(
            "--json",
            metavar="PATH",
            help=_(
                "write JSON to a file (compressed if it ends in .gz), or to standard output for - "
                "(default: a report as text)"
            ),
        )


def _add_files(commands: "Commands") -> None:
    show = _add_command(commands, "show", _show, _("show runs that were saved"))
    export = _add_command(commands, "export", _export, _("write saved runs in another format"))
    show.add_argument("--all", action="store_true", help=_("show tasks of libraries, too"))
    for command in (show, export):
        command.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help=_("run files (JSON, also .gz); - for standard input"),
        )
    export.add_argument("--format", required=True, metavar="F", help=", ".join(EXPORTS))
    which = _("which of the runs, from 1 (default: all)")
    export.add_argument("--run", type=WHOLE_NUMBER.read, metavar="N", help=which)
    where = _("where to write it (default: standard output)")
    export.add_argument("-o", "--out", default=STDOUT, metavar="PATH", help=where)


def _add_command(
    commands: "Commands", name: str, act: Callable[[argparse.Namespace], None], text: str
) -> OneLineParser:
    command = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=_examples(*EXAMPLES[name]),
        formatter_class=HelpText,
        allow_abbrev=False,
    )
    command.set_defaults(act=act)
    return command


def _examples(*lines: str) -> str:
    return "\n".join([_("Examples:"), *(f"  {PROGRAM} {line}" for line in lines)])


class _Version(argparse.Action):
    """Prints what runs, where argparse's own would pass over a standard output that is closed."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> None:
        print_text(f"Loopscope {core.__version__}, Python {platform.python_version()}")
        parser.exit()


def _add_settings(command: OneLineParser) -> None:
    """Add the options of a run. They are read here and judged by `RunSpec`."""
    for entry in SETTINGS.values():
        command.add_argument(
            f"--{entry.option}",
            type=entry.kind.read,
            default=entry.default,
            metavar=entry.metavar,
            help=str(entry.help),
        )


def _run(values: argparse.Namespace) -> None:
    spec = spec_within(LIMITS, values.patterns[0], _settings(values))
    _measure([spec], values.json, several=False)


def _compare(values: argparse.Namespace) -> None:
    specs = specs_within(LIMITS, values.patterns, _settings(values))
    _measure(specs, values.json, several=True)


def _settings(values: argparse.Namespace) -> dict[str, object]:
    return {
        name: getattr(values, entry.option.replace("-", "_")) for name, entry in SETTINGS.items()
    }


def _measure(specs: list[RunSpec], json_path: str | None, *, several: bool) -> None:
    """Measure and show. What imports numpy comes after all that can be refused without it."""
    for spec in specs:
        check_limits(spec, LIMITS)
    refuse_unwritable(json_path)
    timelines = core.compare(specs, on_wait=say)
    if json_path is None:
        from core.shell.report import report

        return print_text(report(timelines, width=width()))
    return write_runs(timelines, json_path, several=several)


def _show(values: argparse.Namespace) -> None:
    from core.shell.report import shown

    refuse_unwritable(None)
    print_text(shown(values.files, width=width(), folds=not values.all))


def _export(values: argparse.Namespace) -> None:
    name = check_one_of("format", values.format, tuple(EXPORTS))
    if values.run is not None:
        why = lazy("because no file has more runs")
        check_whole("run", values.run, most=LIMITS.runs * len(values.files), why=why)
    refuse_unwritable(values.out, option="out")
    from core.shell.report import exported

    data = exported(values.files, name, values.run)
    write_bytes(data, values.out)


def _patterns(values: argparse.Namespace) -> None:
    from core.shell.report import pattern_table, patterns_object

    refuse_unwritable(values.json)
    if values.json is None:
        return print_text(pattern_table(width=width()))
    text = json.dumps(patterns_object(), ensure_ascii=False)
    return write_bytes(f"{text}\n".encode(errors="backslashreplace"), values.json)
