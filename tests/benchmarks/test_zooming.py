"""The benchmark of zooming gives a row for each size; its figures are not judged."""

from benchmarks.zooming import Look, tables


def test_the_table_has_a_row_for_each_size() -> None:
    looks = [
        Look(spans=spans, slider_ms=1_234.4, zoom_ms=56.7, out_ms=8.0)
        for spans in (1_000, 1_000_000)
    ]
    assert tables(looks).splitlines()[2:] == [
        "| spans     | slider to painted, ms | box zoom, ms | zoom out, ms |",
        "| --------- | --------------------: | -----------: | -----------: |",
        "| 1,000     |                 1,234 |           57 |            8 |",
        "| 1,000,000 |                 1,234 |           57 |            8 |",
    ]
