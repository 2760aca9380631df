"""Why an expression is refused: what stops one, and what is told of a sign typed in Chinese."""

from __future__ import annotations

import re

from mujun.messages import MessageKey

_HALF_WIDTH = {
    "≥": ">=", "≤": "<=", "≠": "<>", "＞": ">", "＜": "<", "＝": "=", "＋": "+", "－": "-", "×": "*", "÷": "/",
    "＊": "*", "／": "/", "（": "(", "）": ")", "，": ",", "‘": "'", "’": "'", "“": "'", "”": "'", "＇": "'",
}  # fmt: skip
_FULL_WIDTH = re.compile("[" + "".join(_HALF_WIDTH) + "]")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class Refusal(Exception):
    """Stops one expression; carries what the user is told."""

    def __init__(self, code: MessageKey, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code)


def full_width(text: str) -> Refusal | None:
    """What is told of a sign typed in Chinese outside quotes; labels may well have such brackets."""
    match = _FULL_WIDTH.search(QUOTED.sub("", text))
    return Refusal("expression_full_width", found=match[0], wanted=_HALF_WIDTH[match[0]]) if match else None
