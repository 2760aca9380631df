"""From when until when: periods, the pieces that rates cut them into, and the parts of years they are."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction

from mujun.dataclass import dataclass
from mujun.rules.model.allocation import Period

_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Span:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def years(self) -> Fraction:
        """How many years it is, each day a 365th or 366th of its own calendar year.

        >>> Span(date(2024, 1, 1), date(2024, 12, 31)).years
        Fraction(1, 1)
        >>> Span(date(2022, 12, 1), date(2023, 6, 30)).years
        Fraction(212, 365)
        """
        return sum((Fraction(days, length) for days, length in self.days_by_year), Fraction(0))

    @property
    def days_by_year(self) -> list[tuple[int, int]]:
        """Of each calendar year that it touches: how many of its days, and how many the year has.

        >>> Span(date(2023, 12, 1), date(2024, 1, 31)).days_by_year
        [(31, 365), (31, 366)]
        """
        days = []
        for year in range(self.first.year, self.last.year + 1):
            first, last = max(self.first, date(year, 1, 1)), min(self.last, date(year, 12, 31))
            days.append(((last - first).days + 1, 366 if calendar.isleap(year) else 365))
        return days

    def within(self, first: date | None, last: date | None) -> Span | None:
        """The days that also lie between two others; an end that is missing does not limit."""
        begins = max(self.first, first) if first is not None else self.first
        ends = min(self.last, last) if last is not None else self.last
        return Span(begins, ends) if begins <= ends else None


def span_of(period: Period, data_year: int | None) -> Span | None:
    """The days of a period; `None` where it has none (or needs a data year that is not known).

    Without dates it is a whole year: the data year, or the nth after it. With a year and dates it is the days of that
    year between the dates.
    """
    if period.year is None and period.from_ is not None and period.until is not None:
        return Span(period.from_, period.until)
    if data_year is None:
        return None
    year = data_year + (period.year or 0)
    return Span(date(year, 1, 1), date(year, 12, 31)).within(period.from_, period.until)


def pieces(span: Span, limits: Sequence[tuple[date | None, date | None]]) -> list[tuple[Span, tuple[int, ...]]]:
    """A span cut where a row of rates begins or ends, each piece with the rows in force, in their order."""
    starts = {span.first}
    for first, last in limits:
        starts |= {first} if first is not None else set()
        starts |= {last + _DAY} if last is not None else set()
    inside = sorted(s for s in starts if span.first <= s <= span.last)
    ends = [s - _DAY for s in inside[1:]] + [span.last]
    spans: list[tuple[Span, tuple[int, ...]]] = []
    for first, last in zip(inside, ends, strict=True):
        rows = tuple(
            i
            for i, (begins, until) in enumerate(limits)
            if (begins is None or begins <= first) and (until is None or until >= last)
        )
        spans.append((Span(first, last), rows))
    return spans


def runs(cut: Iterable[tuple[Span, int]]) -> list[tuple[Span, int]]:
    """Pieces in a row with the same number joined; pieces numbered below zero are left out."""
    spans: list[tuple[Span, int]] = []
    for span, number in cut:
        if spans and spans[-1][1] == number and spans[-1][0].last + _DAY == span.first:
            spans[-1] = (Span(spans[-1][0].first, span.last), number)
        else:
            spans.append((span, number))
    return [(s, n) for s, n in spans if n >= 0]
