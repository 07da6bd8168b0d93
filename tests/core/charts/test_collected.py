from core.charts.collected import Sheet, axis_key, axis_name


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
