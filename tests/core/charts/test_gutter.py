from core.charts.gutter import LEAST_PX, width_px


def test_without_names_there_is_the_least_room() -> None:
    assert width_px([], 13) == LEAST_PX
    assert (
        width_px([{"ticktext": ["hidden"], "showticklabels": False}, {"title": {}}], 13) == LEAST_PX
    )


def test_the_widest_axis_decides() -> None:
    short, long = {"ticktext": ["1", "100"]}, {"ticktext": ["event loop"]}
    assert width_px([short, long], 13) == width_px([long], 13) > width_px([short], 13)


def test_a_title_needs_a_line_more() -> None:
    names = {"ticktext": ["100"]}
    assert width_px([names | {"title": {"text": "jobs"}}], 13) > width_px([names], 13) + 13


def test_korean_letters_are_wider_and_larger_letters_too() -> None:
    assert width_px([{"ticktext": ["\uc774\ubca4\ud2b8"]}], 13) > width_px(
        [{"ticktext": ["abc"]}], 13
    )
    assert width_px([{"ticktext": ["abc"]}], 26) > width_px([{"ticktext": ["abc"]}], 13)
