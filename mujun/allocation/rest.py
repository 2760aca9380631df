"""Days of a period without a bill, charged by the year's figure: `rest: year`.

Of the data year the figure is known, and so is what its bills carry: what is left of it belongs to its days without a
bill, each an equal part. For days of another year the data year's figure stands in, a 365th or 366th for each, as it
does where a firm has no bills at all.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from mujun.allocation.exactly import Numbers, as_list
from mujun.allocation.periods import Span
from mujun.allocation.usage import metered
from mujun.dataclass import dataclass


@dataclass(frozen=True)
class Rested:
    """Enterprises whose quantities are over the same denominators.

    Attributes:
        rows: which enterprises, by row number.
        spans: per span the numerators of their quantities, bills and rest together, and the denominator.
        covered: of how many days of the spans there is a bill.
        billed: what the bills of these days come to; numerators and denominator, as below.
        carried: what the bills of the data year carry of its figure.
        whole: whether every day has a bill.
    """

    rows: list[int]
    spans: list[tuple[Numbers, int]]
    covered: list[int]
    billed: tuple[Numbers, int]
    carried: tuple[Numbers, int]
    whole: bool


@dataclass(frozen=True)
class _Firm:
    row: int
    quantities: list[Fraction]
    covered: int
    billed: Fraction
    carried: Fraction
    open_days: int


def with_rest(
    records: pl.DataFrame, codes: pl.Series, yearly: tuple[Numbers, int], spans: Sequence[Span], year: int
) -> list[Rested]:
    """The quantities of enterprises with bills: billed days by the bills, the others by what is left of the year.

    Args:
        records: usage records of one utility.
        codes: the enterprises' credit codes; results name them by their row number here.
        yearly: their figures of the data year: numerators, missing ones null, and the denominator.
        spans: the days that are charged; they do not overlap.
        year: the data year.

    Returns:
        All enterprises that have a bill in the data year or in the spans, and a figure of the year. Bills that are
        more than the figure leave nothing for the other days.
    """
    whole = Span(date(year, 1, 1), date(year, 12, 31))
    in_year = _by_row(records, codes, whole)
    in_spans = [_by_row(records, codes, span) for span in spans]
    pieces = [[(p, _by_row(records, codes, p)) for p in _by_years(span)] for span in spans]
    figures, over = as_list(yearly[0]), yearly[1]
    firms: list[_Firm] = []
    for row in sorted({*in_year, *(row for known in in_spans for row in known)}):
        figure = figures[row]
        if figure is None:
            continue
        carried, days = in_year.get(row, _NOTHING)
        left, open_in_year = max(Fraction(figure, over) - carried, Fraction(0)), whole.days - days
        quantities: list[Fraction] = []
        for known, parts in zip(in_spans, pieces, strict=True):
            quantity = known.get(row, _NOTHING)[0]
            for part, covered in parts:
                unbilled = part.days - covered.get(row, _NOTHING)[1]
                if unbilled and part.first.year == year:
                    quantity += left * unbilled / open_in_year
                elif unbilled:
                    quantity += Fraction(figure, over) * unbilled / _days_of(part.first.year)
            quantities.append(quantity)
        of_bills = [known.get(row, _NOTHING) for known in in_spans]
        of_days, of_quantities = sum(d for _, d in of_bills), sum((q for q, _ in of_bills), Fraction(0))
        firms.append(_Firm(row, quantities, of_days, of_quantities, carried, open_in_year))
    return _together(firms, sum(s.days for s in spans))


_NOTHING = (Fraction(0), 0)


def _by_row(records: pl.DataFrame, codes: pl.Series, span: Span) -> dict[int, tuple[Fraction, int]]:
    """By enterprise what its bills of some days come to, and how many of the days have one."""
    meter = metered(records, codes, [span])
    ((numbers, over),) = meter.spans
    return {
        row: (Fraction(n or 0, over), covered)
        for row, n, covered in zip(meter.rows, as_list(numbers), meter.covered, strict=True)
    }


def _by_years(span: Span) -> list[Span]:
    years = range(span.first.year, span.last.year + 1)
    cut = (span.within(date(y, 1, 1), date(y, 12, 31)) for y in years)
    return [part for part in cut if part is not None]


def _days_of(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _together(firms: Sequence[_Firm], days: int) -> list[Rested]:
    """Firms whose rest is over as many days have small denominators in common."""
    groups: dict[tuple[bool, int], list[_Firm]] = {}
    for firm in firms:
        groups.setdefault((firm.covered >= days, firm.open_days), []).append(firm)
    return [
        Rested(
            [f.row for f in alike],
            [_over_one([f.quantities[s] for f in alike]) for s in range(len(alike[0].quantities))],
            [f.covered for f in alike],
            _over_one([f.billed for f in alike]),
            _over_one([f.carried for f in alike]),
            whole,
        )
        for (whole, _), alike in groups.items()
    ]


def _over_one(fractions: Sequence[Fraction]) -> tuple[Numbers, int]:
    common = math.lcm(*(f.denominator for f in fractions))
    return [f.numerator * (common // f.denominator) for f in fractions], common
