import re

from pages.components.share import qr_code
from tests.pages.screen import blank, opened


def test_the_link_names_all_settings_and_stands_beside_its_qr_code() -> None:
    screen = opened("gather", by_itself=False).slide(tasks=20).press("link")
    (address,) = [code.value for code in screen.at.code if "tasks=" in code.value]
    assert (
        "tasks=20&sleep=200ms&spread=equal&automatic=off&guess=off&slow=off&lanes=jobs" in address
    )
    assert "run=1" not in address
    assert len(screen.at.get("image")) == 1


def test_the_link_can_ask_to_measure_at_once() -> None:
    screen = opened("gather", by_itself=False).press("link")
    screen.at.toggle(key="gather link runs").set_value(True)
    screen.press("link")
    assert [code.value for code in screen.at.code if code.value.endswith("&run=1")]


def test_a_qr_code_is_dark_on_light_with_a_quiet_zone() -> None:
    picture = qr_code("https://example.org/?tasks=5")
    assert picture is not None
    assert re.findall(r'(?:fill|stroke)="(#\w+)"', picture) == ["#fff", "#000"]
    assert f'viewBox="0 0 {29 + 2 * 4} {29 + 2 * 4}"' in picture


def test_different_links_have_different_codes() -> None:
    assert qr_code("https://example.org/?tasks=5") != qr_code("https://example.org/?tasks=6")


def test_a_link_that_no_qr_code_can_hold_stands_there_without_one() -> None:
    screen = blank("gather", by_itself=False)
    screen.at.query_params["utm"] = "x" * 5_000
    screen.run().press("link")
    assert [code for code in screen.at.code if "utm=xxx" in code.value]
    assert len(screen.at.get("image")) == 0
    assert "The link is too long for a QR code." in screen.texts("info")


def test_a_text_of_too_many_bytes_has_no_qr_code() -> None:
    assert qr_code("x" * 2_000) is not None
    assert qr_code("x" * 2_400) is None
