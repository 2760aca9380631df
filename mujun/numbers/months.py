"""Months between days: of dates one by one, and of columns of dates."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import polars as pl


def months_later(day: date, months: int) -> date:
    """The day some months later; the last of the month where it has no such day.

    >>> months_later(date(2022, 8, 31), 6)
    datetime.date(2023, 2, 28)
    """
    year, month = divmod(_months(day) + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_left(day: date, until: date) -> int:
    """The calendar months until a day that are not over: the month of `day` counts unless this is its last day.

    >>> months_left(date(2023, 9, 30), date(2023, 12, 31)), months_left(date(2023, 10, 1), date(2023, 12, 31))
    (3, 3)
    >>> months_left(date(2024, 1, 1), date(2023, 12, 31))
    0
    """
    return _months(until) - _months(day + timedelta(days=1)) + 1 if day < until else 0


def full_months(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Full months from `first` to `second`."""
    apart = _months_of(second) - _months_of(first)
    unfinished = second.dt.day() < first.dt.day()
    return apart - (unfinished & (second >= first)).cast(pl.Int64)


def full_years(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Full years from `first` to `second`."""
    return full_months(first, second).floordiv(12)


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _months_of(when: pl.Expr) -> pl.Expr:
    return when.dt.year().cast(pl.Int64) * 12 + when.dt.month().cast(pl.Int64)
