"""Figures of which nothing says the unit, and that do not look like the usual ones: whoever knows it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import polars as pl

from mujun.fields import Field, Table, median_of
from mujun.numbers import parse_unit
from mujun.records.headers import factor_for
from mujun.records.readings.questions import Asking, Choice
from mujun.records.readings.taking import Feed, Taken
from mujun.records.typed import Part

MedianOf = Callable[[str, str, int], Decimal | None]
"""The median of a table's field in a year, as it is on record."""


def no_medians(table: str, field: str, year: int) -> Decimal | None:
    """Nothing is on record."""
    return None


_UNITS: dict[str, tuple[str, ...]] = {
    "money": ("元", "千元", "万元", "百万元", "亿元"),
    "area": ("㎡", "亩", "公顷"),
    "power": ("千瓦时", "万千瓦时"),
    "volume": ("立方米", "万立方米"),
    "mass": ("千克", "吨", "万吨"),
    "energy": ("千克标煤", "吨标煤", "万吨标煤"),
    "energy_calorific": ("千克标煤", "吨标煤", "万吨标煤"),
    "heat": ("吉焦", "万吉焦"),
}
"""Units that offices write figures of a kind in: the choices where none is said."""


def plausible(feed: Feed, part: Part, last: MedianOf, asking: Asking) -> Feed:
    """The feed with the unit that somebody named, where none is said and the figures do not look like the usual.

    Args:
        feed: which columns feed which fields.
        part: its rows, read with the dictionary's units.
        last: of a table and a field, the median of a year's figures, where it is known.
        asking: takes the questions.
    """
    taken = []
    for t in feed.taken:
        if t.field.kind == "quantity" and t.unit_from == "dictionary" and t.field.unit:
            taken.append(_unit_of(t, feed, part, last, asking))
        else:
            taken.append(t)
    return feed if all(a is b for a, b in zip(taken, feed.taken, strict=True)) else replace(feed, taken=tuple(taken))


def _unit_of(t: Taken, feed: Feed, part: Part, last_of: MedianOf, asking: Asking) -> Taken:
    f = t.field
    if any(q.code == "unit_differs" and q.answer is None and q.values.get("label") == f.label for q in asking.asked):
        return t  # which unit it is has been asked already
    if len(f.measured_in.dimensions) != 1 or f.measured_in.dimensions[0][0] not in _UNITS:
        return t
    median = median_of(_per_firm(feed, part, f))
    last = _last_year(feed.table, f, part, last_of) if median is not None else None
    if median is None or _usual_median(f, median, last):
        return t
    choices: list[Choice] = []
    fitting: list[str] = []
    for text in _UNITS[f.measured_in.dimensions[0][0]]:
        factor = factor_for(f, parse_unit(text))
        if factor is not None:
            likely = Decimal((median * factor.numerator) / factor.denominator)
            choices.append(Choice(text, "unit_means", {"unit": text, "median": _short(likely), "own": f.unit}))
            fitting += [text] if _usual_median(f, likely, last) else []
    answer = asking.ask(
        "unit_unsaid", f.name, choices, fitting, header=t.text, label=f.label, median=_short(median), unit=f.unit,
        usual=_usual(f, last),
    )  # fmt: skip
    if answer is None:
        return t
    return replace(t, unit=parse_unit(answer), unit_text=answer, unit_from="answer")


_SEVERAL = 3
"""Of fewer firms a median says nothing against a unit that is written."""


def unlikely_unit(feed: Feed, part: Part) -> list[tuple[Taken, Decimal, str]]:
    """Figures whose unit is said and that lie a hundred times from the usual, while another unit would fit.

    Returns:
        The columns, the median in the dictionary's unit, and the unit in which it would be a usual one.
    """
    unlikely = []
    for t in feed.taken:
        f = t.field
        band = f.plausible
        if f.kind != "quantity" or band is None or t.unit_from in ("dictionary", "answer") or t.unit is None:
            continue
        values = _per_firm(feed, part, f)
        median = median_of(values) if values.count() >= _SEVERAL else None
        factor_read, kinds = t.factor, f.measured_in.dimensions
        if median is None or not factor_read or (band.low / 100 < median < band.high * 100):
            continue
        for text in _UNITS.get(kinds[0][0], ()) if len(kinds) == 1 else ():
            factor = factor_for(f, parse_unit(text))
            if (
                factor is not None
                and median
                * Decimal(factor.numerator * factor_read.denominator)
                / Decimal(factor.denominator * factor_read.numerator)
                in band
            ):
                unlikely.append((t, _short(median), text))
                break
    return unlikely


def _last_year(table: Table, f: Field, part: Part, last_of: MedianOf) -> Decimal | None:
    """The median of the year before, where all rows are of one year."""
    years = part.typed["year"].drop_nulls().unique().to_list() if table.yearly else []
    return last_of(table.name, f.name, int(years[0]) - 1) if len(years) == 1 else None


def _usual_median(f: Field, median: Decimal, last: Decimal | None) -> bool:
    """Whether a median is what such figures have, and near last year's where that is known."""
    within = f.plausible is None or median in f.plausible
    return within and (last is None or last / 10 < median < last * 10)


def _per_firm(feed: Feed, part: Part, f: Field) -> pl.Series:
    """A figure's values, one for each firm where rows of a firm add up."""
    if not feed.apart or "credit_code" not in part.typed.columns:
        return part.typed[f.name]
    sums = part.typed.select("credit_code", f.name).drop_nulls().group_by("credit_code").agg(pl.col(f.name).sum())
    return sums[f.name]


def _short(value: Decimal) -> Decimal:
    """Four significant digits: a median is told, not computed with."""
    return Decimal(f"{value:.4g}") if value else Decimal(0)


def _usual(f: Field, last: Decimal | None) -> str:
    if last is not None:
        return f"≈{_short(last).normalize():f}"
    return "" if f.plausible is None else f"{f.plausible.low}–{f.plausible.high}"
