"""The settings: all environment variables of ours, looked at as a process of ours begins.

The package imports this module first, so a setting that is wrong ends a shell, a server, a
measuring child or a script with one line on standard error and status 2. Otherwise a server would
answer that it is healthy while each of its pages failed.
"""

import math
import os
import sys
import threading
from collections.abc import Mapping
from contextvars import copy_context
from typing import NoReturn
from urllib.parse import urlsplit

from core.errors import BadValue, check_one_of
from core.text.language import _, lazy, speak
from core.text.legible import legible

OURS = "LOOPSCOPE_"
POSTGRES = "LOOPSCOPE_POSTGRES_DSN"
DASK = "LOOPSCOPE_DASK_SCHEDULER"
LOG = "LOOPSCOPE_LOG"
STATUS = "LOOPSCOPE_STATUS"
OWN_CODE = "LOOPSCOPE_OWN_CODE"
SLOW_STEP = "LOOPSCOPE_SLOW_STEP_MS"
"""Read by the recorder, which knows nothing of this package."""
POSTGRES_SCHEMES = ("postgresql://", "postgres://")
SWITCH_VALUES = ("", "0", "1")
WRONG = 2
"""The exit status of a process that was started with a setting that is wrong."""


def check(environment: Mapping[str, str]) -> None:
    """Look at all of our variables; nothing is asked whether it can be reached.

    Raises:
        BadValue: For the first that is wrong, or that there is not; never with a secret in it.
    """
    from core.spec.limits import PREFIX, PROFILE, SERVERS, limits_from  # noqa: PLC0415 - it reads some

    limits_from(environment)
    known = (PROFILE, SERVERS, POSTGRES, DASK, LOG, STATUS, OWN_CODE, SLOW_STEP)
    for name in sorted(environment):
        if name.startswith(OURS) and not name.startswith(PREFIX) and name not in known:
            check_one_of(lazy("setting"), name, known)
    for name in (LOG, STATUS, OWN_CODE):
        if environment.get(name, "") not in SWITCH_VALUES:
            raise BadValue(name, environment[name], lazy("it must be 1 or 0"))
    _check_slow_step(environment.get(SLOW_STEP))
    _check_postgres(environment.get(POSTGRES))
    _check_dask(environment.get(DASK))


def _check_slow_step(text: str | None) -> None:
    if text is None:
        return
    try:
        is_right = 0 < float(text) < math.inf
    except ValueError:
        is_right = False
    if not is_right:
        raise BadValue(SLOW_STEP, text, lazy("it must be a number of milliseconds above 0"))


def _check_postgres(dsn: str | None) -> None:
    if dsn and not dsn.startswith(POSTGRES_SCHEMES):
        allowed = lazy("it must begin with {scheme}", scheme=POSTGRES_SCHEMES[0])
        raise BadValue(POSTGRES, MASK, allowed)


def _check_dask(address: str | None) -> None:
    if not address:
        return
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        is_whole = bool(parts.hostname and parts.port)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise BadValue(DASK, address, lazy("it must be an address such as tcp://10.0.0.5:8786"))


MASK = "***"
"""What stands for a secret in a line that people read."""


def profile() -> str:
    """Return the name of the profile that is in force."""
    from core.spec.limits import LAPTOP_NAME, PROFILE  # noqa: PLC0415 - as in `check`

    return os.environ.get(PROFILE) or LAPTOP_NAME


def secrets_unreadable() -> str:
    """Return what is wrong where a file of secrets is there and cannot be read."""
    return _("the file of secrets cannot be read as TOML; correct it, or take it away")


def end_if_wrong() -> None:
    """End this process if a setting is wrong; `core.spec.limits` finds some as it is imported."""
    sentence = copy_context().run(_refusal)
    if sentence is not None:
        end(sentence)


def _refusal() -> str | None:
    """Return what is wrong, in the language of the shell, or None."""
    speak(None)
    try:
        check(os.environ)
    except BadValue as error:
        return str(error)
    return None


def end(sentence: str) -> NoReturn:
    """Say in one line why this process cannot start, and end it, from whatever thread."""
    if sys.stderr is not None:
        print("loopscope:", legible(sentence), file=sys.stderr, flush=True)  # noqa: T201 - nobody else is there yet
    if threading.current_thread() is not threading.main_thread():
        os._exit(WRONG)  # in a thread SystemExit would end no more than that thread
    sys.exit(WRONG)


end_if_wrong()
