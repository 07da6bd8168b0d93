"""The load benchmark with few sessions: all of them get their own answers."""

import pytest

from benchmarks import load

pytestmark = pytest.mark.real


def test_a_few_sessions_get_their_own_answers(capsys: pytest.CaptureFixture[str]) -> None:
    load.main(["--sessions", "2", "--seconds", "2", "--crowd", "5"])
    printed = capsys.readouterr().out
    assert "- wrong:" not in printed
    assert "5 sessions at once: " in printed
    assert "nan" not in printed
