"""What an author writes as he would in a notice and what is meant by it: quotes of Chinese text, numbers with units.

Only what can mean one thing is understood; everything else stays as it is and is refused with its reason.
"""

from __future__ import annotations

import re

from mujun.numbers import UnknownUnit, parse_unit

_PAIRS = {"“": "”", "‘": "’", "「": "」", "＂": "＂", "＇": "＇"}
_ORDINARY = re.compile(r"('[^']*'|\"[^\"]*\")")
_AROUND_TEXT = re.compile(
    r"(?<=[=<>(,])(\s*)(?:“([^“”'\"]*)”|‘([^‘’'\"]*)’|「([^「」'\"]*)」|＂([^＂'\"]*)＂|＇([^＇'\"]*)＇)"
)
_WITH_UNIT = re.compile(r"(?<![\w.'])(\d+(?:\.\d+)?)\s?([\u3400-\u9fff㎡][\u3400-\u9fff㎡/]*)(?!\w)")


def understood(text: str) -> str:
    """An expression as it is meant.

    >>> understood("“规模 = ‘规上’ and 用地面积 >= 20亩”")
    "规模 = '规上' and 用地面积 >= quantity(20, '亩')"
    """
    bare = text.strip()
    closing = _PAIRS.get(bare[:1])
    if closing is not None and len(bare) > 1 and bare.endswith(closing):
        inside = bare[1:-1]
        if bare[0] not in inside and closing not in inside:
            text = inside
    pieces = _ORDINARY.split(text)
    # What stands in ordinary quotes is every second piece, and stays as it is.
    return "".join(piece if at % 2 else _plain(piece) for at, piece in enumerate(pieces))


def _plain(piece: str) -> str:
    quoted = _AROUND_TEXT.sub(lambda m: f"{m[1]}'{next(g for g in m.groups()[1:] if g is not None)}'", piece)
    return "".join(
        part if at % 2 else _WITH_UNIT.sub(_quantity, part) for at, part in enumerate(_ORDINARY.split(quoted))
    )


def _quantity(match: re.Match[str]) -> str:
    try:
        parse_unit(match[2])
    except UnknownUnit:
        return match[0]
    return f"quantity({match[1]}, '{match[2]}')"
