"""Programs that are not ours, one file each in `programs`, run as they do without the recorder.

Each is run three times: bare, recorded, and counted (`counting.py`, which knows nothing of the
recorder). What it prints, its errors and its exit status must be the same bare and recorded, but
for the recorder's own last line; and each task and each call that was counted is a job.

What is expected of a program stands below its docstring, a line each:

- `# jobs:` how many tasks and calls it makes, or `some` where that is a library's affair;
  `# before 3.12:` how many on older Pythons, if that is another number
- `# eager:` how many tasks may end in `asyncio.Task(..., eager_start=True)`, which libraries call
  on Python 3.12 and 3.13: such a task is no job (see docs/recording.md)
- `# status:` how it ends, if not with 0; a negative number is a signal
- `# needs:` packages; `# python:` the least version; `# posix:` what of POSIX it is about
- `# arguments:`, `# options:` of the interpreter, `# runs:` what runs in its place, say `-m pytest`
- `# loops:` which kinds of loops run, if not asyncio's
- `# ends: at once` where nobody has a last word, `# says: nothing` where nobody can hear it
"""

import re
import shlex
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.jobs import OwnProgram
from tests.core.recording import counting
from tests.core.recording.own_programs import RECORDER, recorded, run_python, with_package_core
from tests.kit.needs import need_packages

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
CHANGES = re.compile(r"0x[0-9a-f]+|(?<=in )[0-9.]+s\b|'Thread-[0-9]+'|\bpid=[0-9]+")
"""What is another one each time: addresses, and how long something took."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a program's file says of it."""

    said: dict[str, str]

    @classmethod
    def of(cls, path: Path) -> "Expected":
        """Read the lines of a file that begin with `#`, up to its first import."""
        head = path.read_text(encoding="utf-8").partition("\nimport ")[0]
        return cls(dict(re.findall(r"^# ([a-z0-9 .]+): (.+)$", head, re.MULTILINE)))

    def words(self, name: str) -> list[str]:
        """Return what is said of something, word by word; nothing if nothing is."""
        return shlex.split(self.said.get(name, ""))

    def need(self) -> None:
        """Skip the test where the program cannot run."""
        if sys.platform == "win32" and "posix" in self.said:
            pytest.skip(f"not on Windows: {self.said['posix']}")
        least = self.said.get("python", "3.11")
        if sys.version_info < tuple(map(int, least.split("."))):
            pytest.skip(f"Python {least} and newer")
        need_packages(*self.words("needs"))


def test_there_are_programs_of_more_than_twenty_kinds() -> None:
    assert len(PROGRAMS) > 20
    assert all("jobs" in Expected.of(path).said for path in PROGRAMS)


def said_in(text: str) -> list[str]:
    return CHANGES.sub("...", text).splitlines()


@pytest.mark.real
@pytest.mark.parametrize("path", PROGRAMS, ids=[path.stem for path in PROGRAMS])
def test_a_program_behaves_as_without_the_recorder(path: Path, tmp_path: Path) -> None:
    expected = Expected.of(path)
    expected.need()
    shutil.copyfile(path, tmp_path / "program.py")
    with_package_core(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [*(expected.words("runs") or ["program.py"]), *expected.words("arguments")]
    options = expected.words("options")

    bare = run_python(tmp_path, *options, *command)
    told = run_python(tmp_path, *options, RECORDER, "record", "--out", "it.loopscope", *command)
    own = [line for line in told.stderr.splitlines() if line.startswith("loopscope:")]
    others = [line for line in told.stderr.splitlines() if not line.startswith("loopscope:")]
    assert (told.returncode, said_in(told.stdout)) == (bare.returncode, said_in(bare.stdout))
    assert said_in("\n".join(others)) == said_in(bare.stderr)
    assert bare.returncode == int(expected.said.get("status", 0))
    is_heard = not {"ends", "says"} & expected.said.keys()
    assert len(own) == is_heard, own

    timeline = recorded(tmp_path / "it.loopscope")
    assert timeline.finished == ("ends" not in expected.said)
    assert isinstance(timeline.program, OwnProgram)
    loops = expected.words("loops") or ["asyncio"]
    jobs = expected.said["jobs"]
    if sys.version_info < (3, 12):
        jobs = expected.said.get("before 3.12", jobs)
    assert timeline.program.loops == (() if jobs == "0" else tuple(loops))
    counts = (counting.__file__, "counted", *command)
    if jobs == "some":
        # a library may need another number of tasks each time, so both count the same run
        run_python(tmp_path, *options, RECORDER, "record", "--out", "counted.loopscope", *counts)
        timeline = recorded(tmp_path / "counted.loopscope")
    else:
        run_python(tmp_path, *options, *counts)
    counted = (tmp_path / "counted").read_text(encoding="utf-8").splitlines()
    unseen = int(expected.said.get("eager", 0)) if (3, 12) <= sys.version_info < (3, 14) else 0
    assert 0 <= len(counted) - len(timeline.jobs) <= unseen, Counter(counted)
    if jobs == "some":
        assert counted
    else:
        assert len(counted) == int(jobs), Counter(counted)
