"""docs/hosting.md names every setting that the code reads, with the values that it has."""

import re
import shutil
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from core.spec.limits import HOSTED, LAPTOP, PREFIX, Limits

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")


def read_by_the_code() -> set[str]:
    """Return the variables of our own that stand in the sources, but for single limits."""
    sources = [ROOT / "app.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    found: set[str] = set()
    for path in sources:
        found.update(re.findall(r"LOOPSCOPE_[A-Z_]+", path.read_text(encoding="utf-8")))
    return {name for name in found if not name.startswith(PREFIX)}


@pytest.mark.parametrize("name", sorted(read_by_the_code()))
def test_a_variable_that_the_code_reads_is_in_the_table(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_the_table_names_no_variable_that_nobody_reads() -> None:
    named = set(re.findall(r"^\| `(LOOPSCOPE_[A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert named == read_by_the_code()


@pytest.mark.parametrize("name", [each.name for each in fields(Limits)])
def test_a_limit_is_in_the_table_with_both_values(name: str) -> None:
    laptop, hosted = (getattr(limits, name) for limits in (LAPTOP, HOSTED))
    row = re.search(rf"^\| `{name.upper()}` \| (\S+) \| (\S+) \|", PAGE, re.MULTILINE)
    assert row is not None
    assert row.groups() == (_shown(laptop), _shown(hosted))


def test_what_anybody_may_send_is_what_may_be_opened() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["maxUploadSize"] == LAPTOP.upload_mb
    container = (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert f"--server.maxUploadSize={HOSTED.upload_mb}" in container


def _shown(value: float | None) -> str:
    return "open" if value is None else f"{value:,}"


def test_the_unit_for_systemd_has_no_word_that_systemd_does_not_know(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    unit = ROOT / "docs" / "hosting" / "loopscope@.service"
    text = unit.read_text(encoding="utf-8")
    there = {"/opt/loopscope/.venv/bin/streamlit": "/bin/true", "/opt/loopscope": str(tmp_path)}
    for named, existing in there.items():
        text = text.replace(named, existing)
    (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "loopscope@8501.service")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
