from dataclasses import replace

from core.analysis.unknown import left_out, unknown
from core.jobs import OwnProgram
from core.timeline.timeline import State
from tests.kit.handmade import timeline

RUN = timeline((0, State.WAITING, 0, 10), wall_ms=10)


def test_of_a_whole_run_nothing_is_said() -> None:
    assert left_out(RUN) == []


def test_each_kind_of_thing_that_was_left_out_is_counted() -> None:
    one_of_each = replace(RUN, dropped_events=1, dropped_lines=1, dropped_results=1)
    assert left_out(one_of_each) == [
        "1 event was left out",
        "1 printed line was left out",
        "the result of 1 job was left out",
    ]
    many = replace(RUN, dropped_events=3_000, dropped_lines=2, dropped_results=900_000)
    assert left_out(many) == [
        "3,000 events were left out",
        "2 printed lines were left out",
        "the results of 900,000 jobs were left out",
    ]


def test_of_a_program_that_was_recorded_whole_nothing_is_unknown() -> None:
    program = OwnProgram(command=("fetch.py",), loops=("asyncio",))
    assert unknown(RUN) == unknown(replace(RUN, program=program)) == []
    joined = replace(program, joined=True, unrecorded_loops=("uvloop",))
    of_loop, of_beginning = unknown(replace(RUN, program=joined))
    assert of_loop.startswith("Tasks of the event loop uvloop are not recorded")
    assert of_beginning.startswith("The recording began while an event loop ran")
