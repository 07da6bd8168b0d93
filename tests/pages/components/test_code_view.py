import pytest
from streamlit.testing.v1 import AppTest

from core.patterns import PATTERNS
from core.spec.run_spec import RunSpec
from pages.components.code_view import source
from tests.kit.screen import SCRIPT_LIMIT_S


def spec(pattern: str, workload: str | None = None) -> RunSpec:
    return RunSpec(pattern=pattern, tasks=1, sleep_s=0, workload=workload)


def folded(*specs: RunSpec) -> AppTest:
    def page(specs: "list[RunSpec]") -> None:
        from pages.components import code_view

        code_view.show_folded(specs)

    at = AppTest.from_function(page, default_timeout=SCRIPT_LIMIT_S, args=(list(specs),))
    at.session_state["code"] = True
    at.run()
    assert [error.value for error in at.exception] == []
    return at


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_code_of_a_pattern_is_shown_as_it_runs(pattern: str) -> None:
    assert source(spec(pattern)) == PATTERNS[pattern].source


def test_the_code_of_an_unusual_job_stands_above_its_pattern() -> None:
    job, pattern = source(spec("timeout", "stubborn")).split("\n\n\n")
    assert job.startswith("async def stubborn(")
    assert pattern == PATTERNS["timeout"].source


def test_each_run_has_a_tab_which_names_its_job_if_that_is_unusual() -> None:
    at = folded(spec("gather"), spec("timeout", "cleanup"))
    assert [tab.label for tab in at.tabs] == ["gather", "timeout · cleanup"]
    assert ["async def cleanup(" in code.value for code in at.code] == [False, True]


def test_without_runs_there_is_nothing_to_unfold() -> None:
    assert len(folded().expander) == 0
