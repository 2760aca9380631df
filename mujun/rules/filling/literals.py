"""The numbers and days written within an expression, and the expression with one of them changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from mujun.dataclass import dataclass

_WRITTEN = re.compile(
    r"interval\s+'(?P<time>\d+)\s+\w+'|date\s+'(?P<day>\d{4}-\d\d-\d\d)'"
    r"|'[^']*'|\"[^\"]*\"|(?<![\w.])(?!(?<=,)\s*0\))(?!(?<=, )0\))(?P<number>\d+(?:\.\d+)?)(?![\w.])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Literal:
    """A number or a day, and where it stands in the text."""

    value: Decimal | date
    start: int
    end: int


def literals_in(text: str) -> tuple[Literal, ...]:
    """The numbers, times and days of an expression in the order in which they are written.

    Texts are passed over, and the 0 that stands in for what is missing.

    >>> [str(one.value) for one in literals_in("land_mu >= 3 and industry in ('44') and a > date '2021-01-01'")]
    ['3', '2021-01-01']
    """
    literals = []
    for match in _WRITTEN.finditer(text):
        group = match.lastgroup
        if group is not None:
            written = match[group]
            value = date.fromisoformat(written) if group == "day" and _is_day(written) else None
            if value is not None or group != "day":
                literals.append(Literal(value or Decimal(written), match.start(group), match.end(group)))
    return tuple(literals)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def with_literals(text: str, changed: Mapping[int, str]) -> str:
    """The expression with some of its literals, by their place in order, written anew."""
    for nth in sorted(changed, reverse=True):
        literal = literals_in(text)[nth]
        text = text[: literal.start] + changed[nth] + text[literal.end :]
    return text
