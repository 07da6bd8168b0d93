import base64
import json

import numpy as np
import pytest
from plotly.io import to_json

from core.charts import chart
from core.charts.collected import Sheet, axis_key, axis_name
from core.charts.panel import Panel
from core.spec.run_spec import RunSpec


def test_settings_that_parts_share_are_parted_in_the_figure() -> None:
    font = {"size": 10}
    sheet = Sheet(layout={"xaxis": {"tickfont": font}, "yaxis": {"tickfont": font}})
    figure = sheet.figure()
    figure.layout.xaxis.tickfont.size = 20
    assert figure.layout.yaxis.tickfont.size == font["size"] == 10


def test_axes_are_numbered_from_the_second_on() -> None:
    names = [axis_name("y", number) for number in (1, 2)]
    assert names == ["y", "y2"]
    assert [axis_key(name) for name in names] == ["yaxis", "yaxis2"]


def test_a_page_gets_the_data_of_the_figure_without_a_template() -> None:
    spec = RunSpec(pattern="gather", tasks=3, sleep_s=0.1)
    parts = chart.draw([Panel(spec=spec, title="to come")])
    shown, whole = json.loads(to_json(parts.plain_figure())), json.loads(to_json(parts.figure()))
    del whole["layout"]["template"]
    assert shown["layout"] == whole["layout"]
    (bars,), (same,) = shown["data"], parts.figure().data
    assert bars["name"] == same.name
    assert [bars[each] for each in "xy"] == [same.x.tolist(), same.y.tolist()]


@pytest.mark.parametrize("kind", ["int64", "float64", "uint8", "float32", "int32"])
@pytest.mark.parametrize("shape", [(100,), (10, 20), (5, 6, 7)])
def test_long_columns_are_sent_as_typed_arrays_of_the_same_numbers(
    kind: str, shape: tuple[int, ...]
) -> None:
    numbers = np.arange(np.prod(shape)).reshape(shape).astype(kind) % 250
    (sent,) = json.loads(to_json(Sheet(traces=[{"z": numbers}]).plain_figure()))["data"]
    typed = sent["z"]
    read = np.frombuffer(base64.b64decode(typed["bdata"]), dtype=typed["dtype"])
    assert (read.reshape(shape) == numbers).all()
    assert typed.get("shape") == (None if len(shape) == 1 else ", ".join(map(str, shape)))


def test_short_columns_and_texts_are_sent_as_lists() -> None:
    columns = {"x": np.array([1, 2]), "text": np.array(["a"] * 100, dtype=object)}
    (sent,) = json.loads(to_json(Sheet(traces=[columns]).plain_figure()))["data"]
    assert sent == {"x": [1, 2], "text": ["a"] * 100}
