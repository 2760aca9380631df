"""Identity numbers of residents (GB 11643): told apart from credit codes, and never written out in full.

A number is a person's: it is masked when a file is read, before anything of the row is kept, said or stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import polars as pl

from mujun.personal import PROVINCE, RESIDENT

_SHAPE = f"^{RESIDENT}$"
_MASKED = r"^[0-9]{4}\*{10}[0-9]{3}[0-9X]$"
_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
_CHECKS = "10X98765432"


def may_be_resident(texts: pl.Series) -> pl.Series:
    """Whether a text is worth looking at: 18 characters with what may be a day of birth in them."""
    return texts.str.contains(_SHAPE).fill_null(False)


def looks_resident(codes: pl.Expr) -> pl.Expr:
    """Whether a text has the form of a resident's number: a province, a division, a day of birth, four more."""
    return _of_shaped(codes, lambda text: _born(text) is not None)


def is_resident(codes: pl.Expr) -> pl.Expr:
    """Whether a text can only be a resident's number.

    Its own check character is right, or its places 3 and 4 are no province, with which the division of a credit code
    begins. One number in 31 passes the check of a credit code as well.
    """
    return _of_shaped(codes, _only_resident)


def is_masked(codes: pl.Expr) -> pl.Expr:
    """Whether a text is a resident's number as `mujun.personal.masked_number` leaves it."""
    return codes.str.contains(_MASKED).fill_null(False)


def _of_shaped(codes: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    def tested(texts: pl.Series) -> pl.Series:
        # Hardly any text has the form: the few are looked at one by one.
        shaped = texts.str.contains(_SHAPE).fill_null(False)
        hits = {text: test(text) for text in texts.filter(shaped).unique().to_list()}
        return texts.is_in([text for text, is_one in hits.items() if is_one]).fill_null(False)

    return codes.map_batches(tested, return_dtype=pl.Boolean)


def _only_resident(text: str) -> bool:
    if _born(text) is None:
        return False
    total = sum(int(c) * w for c, w in zip(text[:17], _WEIGHTS, strict=True))
    return text[17] == _CHECKS[total % 11] or re.match(PROVINCE, text[2:4]) is None


def _born(text: str) -> date | None:
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None
