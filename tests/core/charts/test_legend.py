from core.charts.legend import (
    AROUND_PX,
    LINE_PX,
    height_px,
    legend_layout,
    more_room_px,
    place_above,
    spare_lines,
)


def test_a_short_legend_needs_no_more_room_and_a_long_one_does() -> None:
    assert more_room_px(["ideal"]) == 0
    assert more_room_px(["waiting for a connection"] * 6) > 0


def test_names_that_do_not_fit_beside_one_another_on_a_phone_take_more_lines() -> None:
    one, two = LINE_PX + AROUND_PX, 2 * LINE_PX + AROUND_PX
    assert [height_px(["ideal"] * count) for count in (0, 1, 3, 4)] == [0, one, one, two]


def test_of_the_lines_on_a_phone_those_that_a_laptop_does_not_need_are_spare() -> None:
    assert [spare_lines(["ideal"] * count) for count in (0, 3, 4, 9)] == [0, 0, 1, 1]


def test_the_legend_stands_above_the_chart_in_the_font_given() -> None:
    assert legend_layout({"size": 9})["font"] == {"size": 9}
    assert legend_layout({})["yref"] == "container"


def test_the_legend_ends_where_the_first_title_may_begin() -> None:
    place = place_above(top_px=50, height_px=400)
    assert (place["yanchor"], place["y"]) == ("bottom", 1 - 50 / 400)
