from core.exports import EXPORTS
from pages.components import downloads
from tests.kit.handmade import timeline
from tests.kit.large import large_run


def test_every_format_has_a_label() -> None:
    assert downloads.labels().keys() == EXPORTS.keys()


def test_of_a_large_run_the_compressed_file_comes_first() -> None:
    small = [export.name for export in downloads.in_order([timeline(wall_ms=1)])]
    large = [export.name for export in downloads.in_order([large_run(2_000), large_run(4_000)])]
    assert (small[0], large[0]) == ("json", "json.gz")
    assert sorted(small) == sorted(large) == sorted(EXPORTS)
