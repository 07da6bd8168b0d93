"""One entry makes a setting: the table is given one more, and everything that reads it has it.

Its widget and its link are tested where pages are, in `tests/pages/components/test_controls.py`.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.errors import BadValue
from core.runfile.reader import load
from core.runfile.writer import dump
from core.shell import main
from core.spec.admission import check_limits, spec_within, specs_within
from core.spec.limits import LIMITS
from core.spec.run_spec import SETTINGS, RunSpec
from core.spec.settings import (
    MILLISECONDS,
    PERCENT,
    SECONDS,
    WHOLE_NUMBER,
    one_of,
)
from core.timeline.timeline import State
from tests.kit.handmade import spec_of, timeline
from tests.kit.pause import PAUSE


@pytest.fixture(autouse=True)
def one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS, "pause_s", PAUSE)


def test_a_run_has_it_checked_and_filled_in() -> None:
    assert RunSpec(pattern="gather").as_dict()["pause_s"] == 0.0
    spec = RunSpec(pattern="gather", pause_s=1)  # type: ignore[call-arg]
    assert spec.pause_s == 1.0  # type: ignore[attr-defined]
    with pytest.raises(BadValue, match=r"^pause is -1; it must be at least 0 seconds$"):
        replace(spec, pause_s=-1)  # type: ignore[call-arg]


def test_a_server_bounds_it_at_its_doors() -> None:
    spec = RunSpec(pattern="gather", pause_s=61)  # type: ignore[call-arg]
    refusal = r"^pause is 61\.0; it must be at most 60 seconds, because no run may take longer$"
    with pytest.raises(BadValue, match=refusal):
        check_limits(spec, LIMITS)
    with pytest.raises(BadValue, match=refusal):
        spec_within(LIMITS, "gather", {"pause_s": 61.0})
    with pytest.raises(BadValue, match=refusal):
        specs_within(LIMITS, ["gather", "threads"], {"pause_s": 61.0})


def test_the_command_line_has_it_in_its_help_and_refuses_a_bad_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    assert "--pause SECONDS" in capsys.readouterr().out
    assert main(["run", "gather", "--pause", "-inf"]) == 2
    assert capsys.readouterr().err == ("loopscope: pause is -inf; it must be at least 0 seconds\n")


def test_a_run_file_has_it_in_its_spec_and_reads_it_back() -> None:
    spec = RunSpec(pattern="gather", pause_s=0.5)  # type: ignore[call-arg]
    written = dump([timeline((0, State.RUNNING, 0, 5), wall_ms=5, spec=spec)])
    assert json.loads(written)["spec"]["pause_s"] == 0.5
    assert load(written)[0].spec == spec
    del SETTINGS["pause_s"]
    assert "pause_s" not in spec_of(load(written)[0]).as_dict()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (WHOLE_NUMBER, "3", 3),
        (WHOLE_NUMBER, "3.5", "3.5"),
        (SECONDS, "3.5", 3.5),
        (SECONDS, "x", "x"),
        (one_of(["a"]), "b", "b"),
    ],
)
def test_what_a_command_line_says_is_read_and_left_to_be_judged(
    kind: Any, text: str, value: object
) -> None:
    assert kind.read(text) == value


def test_a_position_is_written_in_the_url_and_for_people() -> None:
    assert (MILLISECONDS.word(20), MILLISECONDS.shown(20)) == ("20ms", "20.0 ms")
    assert (PERCENT.word(25), PERCENT.shown(25), PERCENT.value(25)) == ("25", "25%", 0.25)


def test_every_option_and_every_place_in_the_url_is_there_once() -> None:
    options = [entry.option for entry in SETTINGS.values()]
    in_url = [entry.in_url for entry in SETTINGS.values()]
    assert len(set(options)) == len(options)
    assert len(set(in_url)) == len(in_url)
