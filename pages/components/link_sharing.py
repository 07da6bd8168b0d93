"""How others open a link: its address in the network, and its QR code."""

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import segno

from pages.components.server_start import LOOPBACK


def in_network(
    address: str, *, server_address: str | None, own_ip: Callable[[], str | None]
) -> tuple[str, bool]:
    """Return an address as others in the network can open it, and whether they can.

    Args:
        address: Where the page was opened, perhaps as `localhost`.
        server_address: Where the server listens; None for everywhere.
        own_ip: Returns this machine's address in its network, if it is in one.
    """
    parts = urlsplit(address)
    if parts.hostname not in LOOPBACK:
        return address, True
    ip = None if server_address in LOOPBACK else own_ip()
    if not ip:
        return address, False
    host = f"[{ip}]" if ":" in ip else ip
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit(parts._replace(netloc=netloc)), True


def qr_code(text: str) -> str | None:
    """Return the QR code of a text as SVG, dark on light in every theme, as cameras want it.

    It is None for a text that no QR code can hold: of bytes some 2,300.
    Source: ISO/IEC 18004, with a quiet zone of four modules.
    """
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        return None
    return code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff")
