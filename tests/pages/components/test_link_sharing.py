"""How others open a link: an address that reaches this machine, and a code that cameras read."""

import re

import pytest

from pages.components.link_sharing import in_network, qr_code


@pytest.mark.parametrize(
    ("address", "listens", "ip", "found"),
    [
        ("https://example.org/app?a=1", None, None, ("https://example.org/app?a=1", True)),
        ("http://localhost:8501/x?a=1", None, "10.0.0.7", ("http://10.0.0.7:8501/x?a=1", True)),
        ("http://127.0.0.1/", "0.0.0.0", "fd00::7", ("http://[fd00::7]/", True)),  # noqa: S104
        ("http://localhost:8501/", "127.0.0.1", "10.0.0.7", ("http://localhost:8501/", False)),
        ("http://localhost:8501/", None, None, ("http://localhost:8501/", False)),
    ],
)
def test_a_page_opened_as_localhost_gives_the_address_by_which_phones_reach_it(
    address: str, listens: str | None, ip: str | None, found: tuple[str, bool]
) -> None:
    assert in_network(address, server_address=listens, own_ip=lambda: ip) == found


def test_a_qr_code_is_dark_on_light_with_a_quiet_zone() -> None:
    picture = qr_code("https://example.org/?tasks=5")
    assert picture is not None
    assert re.findall(r'(?:fill|stroke)="(#\w+)"', picture) == ["#fff", "#000"]
    assert f'viewBox="0 0 {29 + 2 * 4} {29 + 2 * 4}"' in picture


def test_different_links_have_different_codes() -> None:
    assert qr_code("https://example.org/?tasks=5") != qr_code("https://example.org/?tasks=6")


def test_a_text_of_too_many_bytes_has_no_qr_code() -> None:
    assert qr_code("x" * 2_000) is not None
    assert qr_code("x" * 2_400) is None
