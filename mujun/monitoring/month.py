"""A calendar month: what offices report by, and what a plan is looked at by."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple


class Month(NamedTuple):
    """A month of a year; months are ordered, and differ by whole months.

    >>> Month(2022, 11).later(3), Month(2023, 2) - Month(2022, 11)
    (Month(year=2023, month=2), 3)
    """

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    def __sub__(self, other: Month) -> int:
        return 12 * (self.year - other.year) + self.month - other.month

    @property
    def last_day(self) -> date:
        """The day with which it ends."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def later(self, months: int) -> Month:
        """The month some months later, or earlier where the number is negative."""
        year, month = divmod(12 * self.year + self.month - 1 + months, 12)
        return Month(year, month + 1)


def year_end(year: int) -> Month:
    """December of a year, whose end is the year's end."""
    return Month(year, 12)


def month_over(day: date) -> Month:
    """The last month that is over at the end of a day.

    >>> month_over(date(2022, 10, 31)), month_over(date(2022, 10, 30))
    (Month(year=2022, month=10), Month(year=2022, month=9))
    """
    first = day + timedelta(days=1)
    return Month(first.year, first.month).later(-1)


def month_of(text: str) -> Month | None:
    """The month that a text names, `2022-10` or `2022年10月`; nothing where it names none.

    >>> month_of("2022-10"), month_of("2022年3月"), month_of("2022-13")
    (Month(year=2022, month=10), Month(year=2022, month=3), None)
    """
    match = re.fullmatch(r"((?:19|20|21)\d\d)(?:-|年)(\d{1,2})月?", text.strip())
    return Month(int(match[1]), int(match[2])) if match and 1 <= int(match[2]) <= 12 else None
