"""The benchmark of large runs gives all its numbers; how large they are is not asserted."""

import pytest

from benchmarks.scale import PHASES, READINGS, Figures, Phase, measured, report

FEW = 20_000


@pytest.mark.real
def test_a_run_of_twenty_thousand_is_recorded_whole_drawn_saved_and_read_back() -> None:
    found = measured(FEW)
    assert found.complete
    assert found.spans >= 4 * FEW
    assert found.lines_left_out == found.results_left_out == 0
    assert found.same_read_back
    assert found.child_peak_bytes > found.child_before_bytes > 0
    assert found.figure_bytes < 1_000_000
    assert found.file_bytes > 5 * found.packed_bytes
    assert tuple(found.phases) == (*PHASES, *READINGS)
    assert all(phase.seconds > 0 and phase.peak_bytes > 0 for phase in found.phases.values())


def test_a_file_that_is_too_large_to_be_read_back_is_said_to_be() -> None:
    phase = Phase(seconds=1.5, peak_bytes=2_000_000)
    figures = Figures(
        jobs=1_000_000,
        complete=True,
        spans=6_000_000,
        wall_s=30.25,
        child_before_bytes=40_000_000,
        child_peak_bytes=3_040_000_000,
        lines_left_out=900_000,
        results_left_out=900_000,
        phases=dict.fromkeys(PHASES, phase),
        figure_bytes=219_000,
        file_bytes=1_140_000_000,
        packed_bytes=94_000_000,
        same_read_back=None,
    )
    lines = report([figures]).splitlines()
    assert "CPUs." in lines[0]
    assert lines[6] == (
        "Of 1,000,000, 900,000 printed lines and 900,000 results are left out, "
        "which the timeline says."
    )
    row, saved, read = ([cell.strip() for cell in lines[at].split("|")[1:-1]] for at in (4, -3, -1))
    assert row == [
        *("1,000,000", "yes", "6,000,000", "30.2", "3.04 GB", "3.00 kB"),
        *("219 kB", "1.14 GB", "94.0 MB", "too large"),
    ]
    assert saved == ["save compressed", "1.5 s, 2.00 MB"]
    assert read == ["read back compressed", "—"]
