import os
import subprocess
import sys

from pages.components.server_status import descendants


def test_children_and_their_children_are_counted() -> None:
    before = descendants(os.getpid())
    inner = "import sys; print(flush=True); sys.stdin.read()"
    outer = (
        "import subprocess, sys; "
        f"subprocess.run([sys.executable, '-c', {inner!r}], stdin=sys.stdin)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert descendants(os.getpid()) == before + 2
        process.communicate()
