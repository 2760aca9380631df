"""Dates moved by years, months and days, and the time between two dates."""

from __future__ import annotations

import re

import polars as pl

_STEP = re.compile(r"\s*(\d+)\s*([a-z年月日天个]*)\s*", re.IGNORECASE)
_UNITS = {
    "y": ("year", "years", "年"),
    "mo": ("month", "months", "mon", "mons", "月", "个月"),
    "d": ("day", "days", "日", "天"),
}
_DIGITS = {"y": 3, "mo": 4, "d": 6}
"""Digits an interval may have: a thousand years either way still are dates."""


def interval_steps(amount: str, unit: str) -> str | None:
    """`'2 years'` or `'2' year` as Polars writes it, `2y`; `None` where it is no interval of years, months or days."""
    match = _STEP.fullmatch(amount)
    if match is None:
        return None
    word = (match.group(2) or unit).lower()
    for short, words in _UNITS.items():
        if word in words and len(match.group(1)) <= _DIGITS[short]:
            return f"{int(match.group(1))}{short}"
    return None


def shifted(when: pl.Expr, steps: str, forward: bool) -> pl.Expr:
    """A date moved; where the month is too short, its last day."""
    return when.dt.offset_by(steps if forward else f"-{steps}")


def days(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Days from `first` to `second`."""
    return (second - first).dt.total_days()
