"""The link to a page as it stands, to copy, and as a QR code for the hall."""

import segno
import streamlit as st

from core.text.language import _
from pages.components import language
from pages.components.link import Link

QR_PX = 360


def show(link: Link) -> None:
    """Show the link to a page with all of its settings in a dialog."""
    st.dialog(_("Link to this page"), width="medium")(_content)(link)


@language.kept
def _content(link: Link) -> None:
    runs = st.toggle(
        _("Measure at once"),
        key=f"{link.page} link runs",
        help=_("Whoever opens the link need not press Run."),
    )
    address = link.whole(str(st.context.url or ""), runs=runs)
    st.code(address, language=None, wrap_lines=True)
    code = qr_code(address)
    if code is None:
        st.info(_("The link is too long for a QR code."))
        return
    with st.container(width=QR_PX):
        st.image(
            code,
            width="stretch",
            caption=_("The same link for a phone's camera"),
            alt=_("QR code of the link"),
        )


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
