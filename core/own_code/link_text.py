"""Code as a word of a link: compressed, and bounded in size before it is inflated and after.

What comes by a link is a text and nothing else: no part of this runs it.
"""

import base64
import binascii
import unicodedata
import zlib

from core.text.legible import CONTROLLING, HARMLESS

MOST_CHARACTERS = 50_000
"""Of the code: a thousand lines, far more than a lecture shows."""
MOST_LINK_CHARACTERS = 6_000
"""Of the word. A browser sends the whole link as the referrer of what it loads, and nginx takes
8 kB for a line of a request (`large_client_header_buffers`)."""
EFFORT = 9
_LAYOUT = frozenset("\n")


def link_word(code: str) -> str | None:
    """Return the word of a link that stands for some code; None if it would be too long."""
    if len(code) > MOST_CHARACTERS or not is_plain(code):
        return None
    packed = zlib.compress(code.encode(), EFFORT)
    word = base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    return word if len(word) <= MOST_LINK_CHARACTERS else None


def code_of(word: str) -> str:
    """Return the code that a word of a link stands for.

    Raises:
        ValueError: If it is no such word, stands for too much, or for a text in which letters are
            hidden or turned around: who presses Run must have seen what runs.
    """
    if len(word) > MOST_LINK_CHARACTERS or not word.isascii():
        raise ValueError(word[:MOST_LINK_CHARACTERS])
    padded = word + "=" * (-len(word) % 4)
    try:
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        inflating = zlib.decompressobj()
        content = inflating.decompress(packed, 4 * MOST_CHARACTERS + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(word) from error
    if not inflating.eof or inflating.unused_data:
        raise ValueError(word)
    code = content.decode()
    if len(code) > MOST_CHARACTERS or not is_plain(code):
        raise ValueError(word)
    return code


def is_plain(code: str) -> bool:
    """Return whether code has no letter that controls, hides or turns around other letters."""
    return not any(
        unicodedata.category(letter) in CONTROLLING for letter in set(code) - _LAYOUT - HARMLESS
    )
