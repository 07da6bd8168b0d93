""

import contextlib
import gzip
import json
import os
import platform
import re
import signal
import struct
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from core import processes, runfile
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.shell import EXAMPLES, RECORD, main, read
from core.spec.run_spec import RunSpec
from core.text.language import speak
from core.text.legible import display_width
from tests.kit.needs import need_packages, needs_sigint, posix_only
from tests.kit.sleeping import run_sleeping
from tests.kit.task_tree import program
from tests.kit.watching import assert_group_is_gone

ROOT = Path(__file__).resolve().parents[3]
NAMES = ", ".join(PATTERNS)
in_shell = posix_only("a shell that closes standard streams")
OPTIONS = (
    "--tasks, --sleep, --workload, --executor, --workers, --spread, "
    "--limit, --timeout, --failing, --failing-after, --connections, --failure-rate, --rate, --json"
)
HELP = "`python -m core --help` says what is allowed"

REFUSED = {
    "": f"the following arguments are required: COMMAND; {HELP}",
    "run": f"the following arguments are required: PATTERN; {HELP}",
    "compare": f"the following arguments are required: PATTERN; {HELP}",
    "run nope": f"pattern is 'nope'; it must be one of {NAMES}",
    "compare gather nope": f"pattern is 'nope'; it must be one of {NAMES}",
    "run gather --tasks x": "tasks is 'x'; it must be a whole number",
    "run gather --tasks 1e9": "tasks is '1e9'; it must be a whole number",
    "run gather --tasks -1e5": "tasks is '-1e5'; it must be a whole number",
    "run gather --tasks 2.5": "tasks is '2.5'; it must be a whole number",
    "run gather --tasks=": "tasks is ''; it must be a whole number",
    "run gather --tasks 0": "tasks is 0; it must be at least 1",
    "run gather --tasks 100001": "tasks is 100001; it must be at most 100,000, so that the machine",
    "run threads --tasks 10001": "tasks is 10001; it must be at most 10,000, because each job gets",
    "run gather --sleep inf": "sleep is inf; it must be at most 60 seconds, because no run may",
    "run gather --tasks -3": "tasks is -3; it must be at least 1",
    "run gather --tasks": f"argument --tasks: expected one argument; {HELP}",
    "run gather --sleep": f"argument --sleep: expected one argument; {HELP}",
    "run gather --sleep x": "sleep is 'x'; it must be a number of seconds",
    "run gather --sleep nan": "sleep is nan; it must be a number of seconds",
    "run gather --sleep -0.5": "sleep is -0.5; it must be at least 0 seconds",
    "run gather --sleep -inf": "sleep is -inf; it must be at least 0 seconds",
    "run gather --workload nope": "workload is 'nope'; it must be one of ",
    "run gather --executor nope": "executor is 'nope'; it must be one of ",
    "run gather --executor threads": "executor is 'threads'; gather hands nothing to an executor",
    "run run_in_executor --executor threads --workers 0": "workers is 0; it must be at least 1",
    "run run_in_executor --executor threads --workers x": "workers is 'x'; it must be a whole",
    "compare gather --executor nope": "executor is 'nope'; it must be one of ",
    "compare gather --workers 0": "workers is 0; it must be at least 1",
    "run gather --spread nope": "spread is 'nope'; it must be one of equal, falling",
    "run gather --limit 3": "limit is 3; gather has no limit on concurrent jobs; leave",
    "run semaphore --limit 0": "limit is 0; it must be at least 1",
    "run semaphore --limit x": "limit is 'x'; it must be a whole number",
    "run gather --timeout 1": "timeout is 1.0; gather never gives up, so leave it out",
    "run timeout --timeout -1": "timeout is -1.0; it must be at least 0 seconds",
    "run timeout --timeout x": "timeout is 'x'; it must be a number of seconds",
    "run gather --failing 6": "failing is 6; it must be at most 5, because there are no more tasks",
    "run gather --failing x": "failing is 'x'; it must be a whole number",
    "run gather --failing-after 1": "failing-after is 1.0; no job is to fail, so leave it out",
    "run gather --failing 1 --failing-after -inf": "failing-after is -inf; it must be at least 0",
    "compare gather --limit 0": "limit is 0; it must be at least 1",
    "compare gather --timeout nan": "timeout is nan; it must be a number of seconds",
    "run gather --bogus 3": f"option is '--bogus'; it must be one of {OPTIONS}",
    "run gather --task 3": f"option is '--task'; it must be one of {OPTIONS}",
    "patterns --tasks 3": "option is '--tasks'; it must be one of --json",
    "run gather sequential": "argument is 'sequential'; it is one too many; run takes one",
    "run gather --json /nowhere/at/all": "json is '/nowhere/at/all'; it must be - or a file",
    "run gather --json /": "json is '/'; it must be - or a file",
    "run sequential --tasks 1000 --sleep 1": "sequential would take 1,000.0 s at best; the limit",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_cannot_be_run_is_refused_in_one_line(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"loopscope: {REFUSED[line]}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("line", ["run task_group", "compare gather task_group"])
def test_a_pattern_of_a_newer_python_is_refused_in_one_line_that_names_the_version(
    line: str, too_new: Pattern, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    here = platform.python_version()
    assert capsys.readouterr() == (
        "",
        f"loopscope: {too_new.name} needs Python 99.1 or newer; this is Python {here}\n",
    )


@pytest.mark.parametrize("value", ["ga\nther", "a\r\x1b[31mb", "\udcff", "x" * 100_000])
def test_a_strange_value_still_makes_one_short_line(
    value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["run", value], ["run", "gather", f"--{value}"], ["run", "gather", value]):
        assert main(arguments) == 2
        err = capsys.readouterr().err
        assert err.endswith("\n")
        assert err[:-1].isprintable()
        assert len(err) < 200 + len(NAMES)


def test_a_comparison_of_too_many_runs_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *["gather"] * 33]) == 2
    assert capsys.readouterr().err == (
        "loopscope: runs is 33; it must be at most 32, because each run has a process of its own\n"
    )


def test_a_refusal_does_not_wait_for_numpy() -> None:
    code = (
        "import sys; from core.__main__ import main; "
        "print(main(['run', 'gather', '--tasks', '0']), 'numpy' in sys.modules)"
    )
    assert _python("-c", code).stdout == "2 False\n"


@pytest.mark.parametrize("line", ["run nope", "run gather --tasks 0", "", "--bogus"])
def test_a_refusal_is_status_2_and_one_line_from_a_shell(line: str) -> None:
    ended = _python("-m", "core", *line.split())
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("loopscope: ")
    assert ended.stderr.count("\n") == 1


def test_every_pattern_is_listed_with_what_it_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["patterns"]) == 0
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split() == ["pattern", "kind", "of", "job", "in", "flight", "what", "it", "does"]
    assert [row.split()[0] for row in rows] == list(PATTERNS)
    for row, pattern in zip(rows, PATTERNS.values(), strict=True):
        needed = f" Needs Python {pattern.needs_python} or newer." if pattern.least_python else ""
        assert row.endswith(pattern.summary + needed)
        assert pattern.summary.endswith(".")


def test_a_pattern_that_not_every_python_has_is_listed_with_the_first_that_has_it(
    too_new: Pattern, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["patterns"]) == 0
    (line,) = [row for row in capsys.readouterr().out.splitlines() if "99.1" in row]
    assert line.startswith(f"{too_new.name} ")
    assert line.endswith(f"{too_new.summary} Needs Python 99.1 or newer.")
    assert main(["patterns", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["patterns"]
    least = {each["name"]: each["least_python"] for each in listed}
    assert (least[too_new.name], least["gather"]) == ("99.1", None)


OF_OURS = [each for each in EXAMPLES if each != RECORD]
"""The commands of this process: `record` becomes another one, which would end the tests."""


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("line", ["patterns", "--help", *(f"{each} --help" for each in OF_OURS)])
def test_what_is_printed_fits_80_columns_where_nothing_else_is_known(
    line: str,
    language: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("LANGUAGE", language)
    _ended(line.split())
    lines = capsys.readouterr().out.splitlines()
    speak("en")
    assert len(lines) > 10
    assert max(map(display_width, lines)) <= 80


def test_a_terminal_is_used_as_wide_as_it_is() -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no terminals that a test can open")
    import fcntl
    import pty
    import termios

    main_, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 132, 0, 0))
    environment = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "core", "patterns"]
    with subprocess.Popen(command, cwd=ROOT, stdout=side, env=environment) as process:
        os.close(side)
        shown = b""
        with contextlib.suppress(OSError):  # Linux's answer once nobody has the other side open
            while piece := os.read(main_, 65_536):
                shown += piece
        os.close(main_)
        assert process.wait(30) == 0
    widths = [len(line) for line in shown.decode().splitlines()]
    assert 80 < max(widths) <= 132


@pytest.mark.parametrize("command", OF_OURS)
def test_help_has_examples_that_can_be_read_and_the_defaults(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _ended([command, "--help"])
    out = capsys.readouterr().out
    for example in EXAMPLES[command]:
        assert f"  python -m core {example}\n" in f"{out}\n"
        for line in example.split(" | python -m core "):
            assert callable(read(line.split()).act)
    if command in ("run", "compare"):
        help_text = " ".join(out.split())
        given = read([command, "gather"])
        assert f"number of jobs (default: {given.tasks})" in help_text
        assert f"how long each job sleeps (default: {given.sleep})" in help_text
        filled = RunSpec(pattern="semaphore", workload="http")
        assert f"semaphore and queue admit (default: {filled.limit})" in help_text
        assert f"connections jobs share (default: {filled.connections})" in help_text
        assert f"from 0 to 1 (default: {filled.failure_rate:g})" in help_text


def test_the_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    _ended(["--version"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = f"Loopscope {project['version']}, Python {platform.python_version()}\n"
    assert capsys.readouterr().out == said


def _ended(arguments: list[str]) -> None:
    """Carry out a command line; argparse ends the process after help and versions."""
    status = 1
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code  # type: ignore[assignment]
    assert status == 0


def test_tasks_of_libraries_are_shown_when_all_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(runfile.dump([program()]))
    texts = []
    for more in ([], ["--all"]):
        assert main(["show", str(path), *more]) == 0
        texts.append(capsys.readouterr().out)
    folded, every = texts
    assert "main +1" in folded
    assert "2 tasks of libraries are folded away." in folded
    assert "    helper" not in folded
    assert "    helper" in every
    assert "folded away" not in every


@pytest.mark.parametrize("pack", [False, True])
def test_standard_input_is_shown_and_exported(*, pack: bool) -> None:
    data = runfile.dump([run_sleeping("gather", 2).timeline])
    for line in ("show -", "export - --format json"):
        ended = subprocess.run(
            [sys.executable, "-m", "core", *line.split()],
            cwd=ROOT,
            input=gzip.compress(data) if pack else data,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert b"gather" in ended.stdout


@in_shell
@pytest.mark.parametrize(
    ("closed", "why"),
    [("<&-", "it is closed"), ("</dev/null", "line 1, column 1: the file ends here, and should")],
)
def test_standard_input_without_a_run_is_refused_in_one_line(closed: str, why: str) -> None:
    ended = _in_shell(f"show - {closed}")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"loopscope: standard input: {why}")
    assert ended.stderr.count("\n") == 1


def test_patterns_are_listed_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patterns", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["schema"] == "loopscope/patterns@1"
    assert [each["name"] for each in listed["patterns"]] == list(PATTERNS)
    assert {each["takes_executor"] for each in listed["patterns"]} == {True, False}


@pytest.mark.real
def test_a_run_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "gather", "--tasks", "3", "--sleep", "0.02", "--json", "-"]) == 0
    run = json.loads(capsys.readouterr().out)
    assert run["schema"] == "loopscope/run@1"
    assert run["spec"]["pattern"] == "gather"
    assert run["spec"]["executor"] is None
    assert run["ideal_ns"] == 20_000_000 < run["wall_ns"]
    assert [job["name"] for job in run["jobs"]] == ["job 1", "job 2", "job 3"]
    assert run["results"] == ["job 1", "job 2", "job 3"]
    assert len(run["log"]) == 3


@pytest.mark.real
def test_every_setting_is_in_the_spec_that_was_run(capsys: pytest.CaptureFixture[str]) -> None:
    line = "compare semaphore timeout --tasks 3 --sleep 0.02 --limit 2 --timeout 5 --failing 3"
    assert main([*line.split(), "--failing-after", "0.01", "--json", "-"]) == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [run["spec"]["limit"] for run in runs] == [2, None]
    assert [run["spec"]["timeout_s"] for run in runs] == [None, 5.0]
    for run in runs:
        assert (run["spec"]["failing"], run["spec"]["failing_after_s"]) == (3, 0.01)
        assert run["error"] == {"type": "RuntimeError", "message": "job 3 went wrong"}


@pytest.mark.real
def test_a_comparison_is_written_to_a_file_in_the_order_given(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    line = "compare run_in_executor gather --sleep 0.01 --tasks 2 --executor threads --workers 2"
    assert main([*line.split(), "sequential", "--json", str(path)]) == 0
    comparison = json.loads(path.read_text(encoding="utf-8"))
    assert comparison["schema"] == "loopscope/comparison@1"
    specs = [run["spec"] for run in comparison["runs"]]
    assert [spec["pattern"] for spec in specs] == ["run_in_executor", "gather", "sequential"]
    assert [spec["executor"] for spec in specs] == ["threads", None, None]
    assert [spec["workers"] for spec in specs] == [2, None, None]


@pytest.mark.real
def test_a_run_is_compressed_where_its_file_ends_in_gz_and_can_be_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.json.gz"
    line = "run gather --tasks 3 --sleep 0.01 --json"
    assert main([*line.split(), str(path)]) == 0
    assert json.loads(gzip.decompress(path.read_bytes()))["spec"]["tasks"] == 3
    assert main(["show", str(path)]) == 0
    assert "gather" in capsys.readouterr().out


def test_without_json_there_are_a_table_a_chart_and_a_transcript(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["compare", "sequential", "gather", "--tasks", "2", "--sleep", "0.02"]) == 0
    out = capsys.readouterr().out
    heading, *rows = out.splitlines()[:3]
    names = re.split("  +", heading)
    known = ["pattern", "wall time", "ideal", "overhead", "worst lateness", "recording cost"]
    # a machine that disturbs both runs leaves no speed-up to print
    assert names == [name for name in [*known, "speed-up"] if name in names]
    assert {"pattern", "wall time", "ideal", "overhead", "recording cost"} <= {*names}
    assert [row.split()[0] for row in rows] == ["sequential", "gather"]
    assert out.count("\njob 1 ") == 2
    assert "holds the event loop" in out
    assert "gather printed:" in out


CLOSED = {"<&-": "", ">&-": "out", "2>&-": "", "<&- >&-": "out", "<&- 2>&-": ""}
"""What a shell closes, and whether that leaves nowhere to write to."""
NOWHERE = "loopscope: standard output is closed; write to a file, or open it\n"


@pytest.fixture
def run_file(tmp_path: Path) -> str:
    path = tmp_path / "run.json"
    path.write_bytes(runfile.dump([run_sleeping("gather", 2).timeline]))
    return str(path)


@in_shell
@pytest.mark.real
@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("command", ["run", "compare", "show", "export", "patterns", "--help"])
def test_a_command_works_whatever_standard_stream_is_closed(
    command: str, closed: str, run_file: str
) -> None:
    ended = _in_shell(f"{_line(command, run_file)} {closed}")
    if CLOSED[closed]:
        assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", NOWHERE)
    else:
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "gather" in ended.stdout or "COMMAND" in ended.stdout


@in_shell
@pytest.mark.real
@pytest.mark.parametrize("closed", [*CLOSED, ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_file_is_written_whatever_standard_stream_is_closed(closed: str, tmp_path: Path) -> None:
    path, table = tmp_path / "run.json", tmp_path / "run.csv"
    line = (
        f"run run_in_executor --executor processes --tasks 2 --workers 1 --sleep 0.01 --json {path}"
    )
    assert _in_shell(f"{line} {closed}").returncode == 0
    assert _in_shell(f"export {path} --format csv -o {table} {closed}").returncode == 0
    assert len(runfile.load(path.read_bytes())[0].jobs) == 2
    assert "process-1" in table.read_text(encoding="utf-8")


@in_shell
@pytest.mark.parametrize("command", ["show", "export", "patterns", "--help"])
def test_a_full_disk_is_told_in_one_line(command: str, run_file: str) -> None:
    ended = _in_shell(f"{_line(command, run_file)} >/dev/full")
    assert ended.returncode == 1
    assert ended.stderr == "loopscope: [Errno 28] No space left on device\n"


@in_shell
@pytest.mark.parametrize("full", ["2>&-", "2>/dev/full", "2>&1 >&-"])
def test_a_refusal_that_cannot_be_said_is_told_by_its_status(full: str) -> None:
    ended = _in_shell(f"run nope {full}")
    assert ended.returncode == 2
    assert ended.stdout == "" or ended.stdout.startswith("loopscope: pattern is 'nope'")


def _line(command: str, run_file: str) -> str:
    return {
        "run": "run gather --tasks 2 --sleep 0.01",
        "compare": "compare gather sequential --tasks 2 --sleep 0.01",
        "show": f"show {run_file}",
        "export": f"export {run_file} --format json",
    }.get(command, command)


def _in_shell(line: str) -> subprocess.CompletedProcess[str]:
    if line.startswith("export "):
        need_packages("plotly")
    return subprocess.run(
        ["bash", "-c", f"{sys.executable} -m core {line}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.real
def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    arguments = "run gather --tasks 2000 --sleep 0.01 --json -"
    command = [sys.executable, "-m", "core", *arguments.split()]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


@needs_sigint
@pytest.mark.real
def test_an_interrupt_is_status_130_and_leaves_no_process() -> None:
    arguments = "compare run_in_executor sequential --sleep 10 --tasks 2 --executor processes"
    command = [sys.executable, "-m", "core", *arguments.split()]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        sessions = _children_once_there(process.pid, 2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "loopscope: interrupted; the runs have been ended\n"
    for session in sessions:
        assert_group_is_gone(session)


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def _children_once_there(pid: int, count: int) -> list[int]:
    """Return a process's children once there are so many; each leads a session of its own."""
    give_up_s = time.monotonic() + 30
    while time.monotonic() < give_up_s:
        children = processes.children_of(pid)
        if len(children) >= count:
            return children
        time.sleep(0.01)
    pytest.fail(f"process {pid} never had {count} children")
