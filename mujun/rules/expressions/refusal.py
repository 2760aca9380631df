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


_OF_KINDS = frozenset(
    f"expression_{what}"
    for what in (
        "compares_null", "compares_list", "kinds_differ", "units_unlike", "units_differ", "energy_bases", "orders_text",
        "wants_number", "wants_text", "wants_list", "wants_date", "wants_condition", "unknown_choice",
    )
)  # fmt: skip


class Refusal(Exception):
    """Stops one expression; carries what the user is told."""

    def __init__(self, code: MessageKey, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code)

    @property
    def of_kinds(self) -> bool:
        """Whether it is for the kind or unit of a value."""
        return self.code in _OF_KINDS


def full_width(text: str) -> Refusal | None:
    """What is told of a sign typed in Chinese outside quotes; labels may well have such brackets."""
    match = _FULL_WIDTH.search(QUOTED.sub("", text))
    return Refusal("expression_full_width", found=match[0], wanted=_HALF_WIDTH[match[0]]) if match else None
