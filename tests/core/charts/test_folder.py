"""Every file of the charts has its test file."""

from pathlib import Path

import pytest

import core.charts

FILES = {path.stem for path in Path(core.charts.__file__).parent.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_has_a_test_file(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").is_file()
