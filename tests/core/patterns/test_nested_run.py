"""asyncio.run in a running loop: Python refuses, and no job is ever made."""

from tests.kit.quiet import quiet
from tests.kit.sleeping import error_of, run_sleeping
from tests.kit.virtual import whole_ms


def test_python_refuses_to_run_a_loop_inside_of_a_loop() -> None:
    with quiet() as said:
        ran = run_sleeping("nested_run", 3, jobs=0)
        ran.recorder.stop()
    assert error_of(ran) == "RuntimeError: asyncio.run() cannot be called from a running event loop"
    assert whole_ms(ran.timeline) == 0
    assert said == ["RuntimeWarning: coroutine 'nested_run.<locals>.main' was never awaited"]
