"""Saved runs from a shell."""

from pathlib import Path

import pytest

from core import runfile
from core.exports import EXPORTS
from core.shell import main
from tests.kit.sleeping import run_sleeping


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Return the paths of two run files, of 2 and of 3 jobs."""
    paths = [tmp_path / f"{count}.json" for count in (2, 3)]
    for path, count in zip(paths, (2, 3), strict=True):
        path.write_bytes(runfile.dump([run_sleeping("gather", count).timeline]))
    return [str(path) for path in paths]


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_show_prints_the_table_and_the_chart(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", files[0]]) == 0
    printed = capsys.readouterr().out
    assert "wall time" in printed
    assert "gather printed:" in printed


def test_show_says_what_does_not_compare(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", *files]) == 0
    assert capsys.readouterr().out.startswith("The runs did not do the same work, so their times")


@pytest.mark.parametrize("name", EXPORTS)
def test_export_writes_every_format(name: str, files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["export", files[0], "--format", name, "-o", str(out)]) == 0
    assert out.read_bytes() == EXPORTS[name].make(runfile.load(Path(files[0]).read_bytes())) or (
        name == "html" and out.stat().st_size > 10**6
    )


def test_export_takes_one_of_several_runs(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out.py"
    arguments = ["export", *files, "--format", "script", "--run", "2", "-o", str(out)]
    assert main(arguments) == 0
    assert "gather(sleep, 3)" in out.read_text(encoding="utf-8")


def test_bad_values_are_refused_in_one_line(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(capsys, "export", files[0], "--format", "pdf").startswith(
        "loopscope: format is 'pdf'; it must be one of json, json.gz, csv, parquet, chrome, "
    )
    assert refusal(capsys, "export", *files, "--format", "script") == (
        "loopscope: format is 'script'; it takes one run, and there are 2: choose one with --run\n"
    )
    assert refusal(capsys, "export", *files, "--format", "csv", "--run", "3") == (
        "loopscope: run is 3; it must be from 1 to 2\n"
    )
    nowhere = str(tmp_path / "nowhere" / "x")
    assert "out is" in refusal(capsys, "export", files[0], "--format", "csv", "-o", nowhere)


def test_a_file_that_cannot_be_read_is_named(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(files[1]).write_text('{"schema": "loopscope/run@1",\n', encoding="utf-8")
    assert refusal(capsys, "show", *files) == (
        f"loopscope: {files[1]}: line 2, column 1: the file ends here, and should go on\n"
    )
    assert refusal(capsys, "show", "nothing.json") == (
        "loopscope: nothing.json: No such file or directory\n"
    )
