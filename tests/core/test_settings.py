"""The settings: what is wrong is refused in one line, and ends any process of ours."""

import os
import subprocess
import sys

import pytest

from core import settings
from core.errors import BadValue
from core.processes import ROOT

GOOD = [
    {},
    {"PATH": "/bin", "LOOPSCOPE": "not ours"},
    {"LOOPSCOPE_PROFILE": "hosted", "LOOPSCOPE_LIMIT_TASKS": "5"},
    {"LOOPSCOPE_PROFILE": "", "LOOPSCOPE_LOG": "", "LOOPSCOPE_STATUS": "0"},
    {"LOOPSCOPE_LOG": "1", "LOOPSCOPE_STATUS": "1"},
    {"LOOPSCOPE_OWN_CODE": "1"},
    {"LOOPSCOPE_SLOW_STEP_MS": "0.5"},
    {"LOOPSCOPE_SERVERS": "2"},
    {"LOOPSCOPE_SERVERS": ""},
    {"LOOPSCOPE_SERVERS": "64"},
    {"LOOPSCOPE_POSTGRES_DSN": "postgres://nobody.is.there:1/"},
    {"LOOPSCOPE_DASK_SCHEDULER": "nobody.is.there:8786"},
    {"LOOPSCOPE_DASK_SCHEDULER": "tls://[::1]:8786"},
]
NAMES = (
    "LOOPSCOPE_PROFILE, LOOPSCOPE_SERVERS, LOOPSCOPE_POSTGRES_DSN, LOOPSCOPE_DASK_SCHEDULER, "
    "LOOPSCOPE_LOG, LOOPSCOPE_STATUS, LOOPSCOPE_OWN_CODE, LOOPSCOPE_SLOW_STEP_MS"
)
SCHEDULER = "it must be an address such as tcp://10.0.0.5:8786"
SERVERS = "it must be a whole number from 1 to 64"
WRONG = {
    "LOOPSCOPE_PROFILE=huge": "LOOPSCOPE_PROFILE is 'huge'; it must be one of laptop, hosted",
    "LOOPSCOPE_LIMIT_TASKS=0": "LOOPSCOPE_LIMIT_TASKS is '0'; it must be a whole number above 0",
    "LOOPSCOPE_LIMIT_TASKS=": "LOOPSCOPE_LIMIT_TASKS is ''; it must be a whole number above 0",
    "LOOPSCOPE_PROFIL=hosted": f"setting is 'LOOPSCOPE_PROFIL'; it must be one of {NAMES}",
    **{
        f"LOOPSCOPE_SERVERS={text}": f"LOOPSCOPE_SERVERS is '{text}'; {SERVERS}"
        for text in ("0", "-2", "65", "two", "1.5", " 2", "٢", "9" * 50)
    },
    **{
        f"LOOPSCOPE_SLOW_STEP_MS={text}": (
            f"LOOPSCOPE_SLOW_STEP_MS is '{text}'; it must be a number of milliseconds above 0"
        )
        for text in ("", "0", "-1", "slow", "inf", "nan")
    },
    "LOOPSCOPE_STATUS=yes": "LOOPSCOPE_STATUS is 'yes'; it must be 1 or 0",
    "LOOPSCOPE_OWN_CODE=yes": "LOOPSCOPE_OWN_CODE is 'yes'; it must be 1 or 0",
    "LOOPSCOPE_LOG=true": "LOOPSCOPE_LOG is 'true'; it must be 1 or 0",
    "LOOPSCOPE_POSTGRES_DSN=host=db password=geheim": (
        "LOOPSCOPE_POSTGRES_DSN is '***'; it must begin with postgresql://"
    ),
    "LOOPSCOPE_DASK_SCHEDULER=tcp://db": f"LOOPSCOPE_DASK_SCHEDULER is 'tcp://db'; {SCHEDULER}",
    "LOOPSCOPE_DASK_SCHEDULER=db:many": f"LOOPSCOPE_DASK_SCHEDULER is 'db:many'; {SCHEDULER}",
    "LOOPSCOPE_DASK_SCHEDULER=tcp://[": f"LOOPSCOPE_DASK_SCHEDULER is 'tcp://['; {SCHEDULER}",
}
COMMANDS = (
    ("-m", "core", "patterns"),
    ("-m", "core", "run", "gather"),
    ("-m", "core", "--help"),
    ("-m", "core.measuring.child", "0", "1"),
    ("-c", "import core"),
)


@pytest.mark.parametrize("environment", GOOD)
def test_what_makes_sense_is_let_through_and_nobody_is_asked(environment: dict[str, str]) -> None:
    settings.check(environment)


@pytest.mark.parametrize("setting", WRONG)
def test_what_makes_no_sense_is_refused_without_a_secret(setting: str) -> None:
    name, _, value = setting.partition("=")
    with pytest.raises(BadValue) as refusal:
        settings.check({name: value})
    assert str(refusal.value) == WRONG[setting]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "setting", ["LOOPSCOPE_LIMIT_TASKS=0", "LOOPSCOPE_PROFIL=hosted", "LOOPSCOPE_SERVERS=0"]
)
def test_a_wrong_setting_ends_a_process_with_one_line_and_status_2(
    command: tuple[str, ...], setting: str
) -> None:
    name, _, value = setting.partition("=")
    ended = _started(command, {name: value})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"loopscope: {WRONG[setting]}\n"


def test_the_line_is_in_the_language_of_the_shell() -> None:
    ended = _started(("-m", "core"), {"LOOPSCOPE_LOG": "yes", "LANGUAGE": "ko"})
    assert ended.returncode == 2
    assert ended.stderr.startswith("loopscope: LOOPSCOPE_LOG")
    assert "it must be" not in ended.stderr


def test_a_thread_that_finds_it_ends_the_whole_process() -> None:
    code = (
        "import threading, os\n"
        "def late():\n"
        "    os.environ['LOOPSCOPE_LOG'] = 'yes'\n"
        "    import core\n"
        "thread = threading.Thread(target=late)\n"
        "thread.start(); thread.join(); print('went on')\n"
    )
    ended = _started(("-c", code), {})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"loopscope: {WRONG['LOOPSCOPE_LOG=true'].replace('true', 'yes')}\n"


def _started(
    command: tuple[str, ...], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
