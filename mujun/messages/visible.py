"""Characters that a terminal obeys or that hide what is there, written so that they are seen.

Data come from many hands. An escape sequence in a firm's name would colour, move or hide what stands on the screen;
a right-to-left mark would turn a sentence round.
"""

from __future__ import annotations

import re

UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
"""Controls but for tab and line end, marks of direction, unseen spaces, the separators of lines and paragraphs."""

_UNSEEN = re.compile(UNSEEN)


def visible(text: str) -> str:
    r"""A text with such characters as `\u001b`, which JSON reads back as what it was.

    >>> visible("红\x1b[31m色"), visible("甲\n乙\t丙")
    ('红\\u001b[31m色', '甲\n乙\t丙')
    """
    # Nothing of all that counts as printable; most texts are, and Python knows it sooner.
    return text if str.isprintable(text) else _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
