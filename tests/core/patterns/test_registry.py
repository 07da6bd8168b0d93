"""Every pattern's file is registered under its name and has a test file."""

import inspect
from pathlib import Path

import pytest

import core.patterns
from core.jobs import JobKind
from core.pattern import AtOnce, Pattern
from core.patterns import PATTERNS

FOLDER = Path(core.patterns.__file__).parent
FILES = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
TESTS = Path(__file__).parent
MOST_COLUMNS = 52


def test_every_file_is_registered_and_everything_registered_has_its_file() -> None:
    assert set(PATTERNS) == FILES


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_pattern_has_a_test_file(name: str) -> None:
    assert (TESTS / f"test_{name}.py").is_file()


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=list(PATTERNS))
class TestEveryPattern:
    def test_its_function_is_named_after_its_file(self, pattern: Pattern) -> None:
        assert inspect.getsourcefile(pattern.function) == str(FOLDER / f"{pattern.name}.py")

    def test_it_asks_for_a_job_a_count_and_what_else_a_run_may_give(self, pattern: Pattern) -> None:
        asked = tuple(inspect.signature(pattern.function).parameters)
        assert asked == ("job", "count", *pattern.extras)
        assert set(pattern.extras) <= {"executor", "blocking_job", "limit", "rate", "timeout_s"}

    def test_the_source_that_is_shown_is_the_function_that_runs(self, pattern: Pattern) -> None:
        head = "async def" if pattern.is_coroutine else "def"
        assert pattern.source.startswith(f"{head} {pattern.name}(")
        assert pattern.source in Path(inspect.getfile(pattern.function)).read_text(encoding="utf-8")

    def test_its_source_fits_beside_its_lesson(self, pattern: Pattern) -> None:
        assert max(map(len, pattern.source.splitlines())) <= MOST_COLUMNS

    def test_only_a_pattern_with_a_loop_hands_jobs_to_an_executor(self, pattern: Pattern) -> None:
        hands_over = pattern.at_once is AtOnce.WORKERS
        assert hands_over or not pattern.takes_executor
        assert pattern.uses_loop or not hands_over

    def test_only_a_function_outside_of_a_loop_makes_one(self, pattern: Pattern) -> None:
        assert not (pattern.is_coroutine and pattern.makes_loop)

    def test_what_it_takes_is_what_it_is_limited_by(self, pattern: Pattern) -> None:
        assert pattern.takes_limit or pattern.at_once is not AtOnce.LIMIT
        assert not pattern.takes_limit or pattern.at_once in {AtOnce.LIMIT, AtOnce.SCHEDULED}
        assert (pattern.schedule is not None) == (pattern.at_once is AtOnce.SCHEDULED)
        assert pattern.arranges is JobKind.COROUTINE or not pattern.takes_both_kinds
