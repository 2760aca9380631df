"""The file's own totals held against what was read, column by column, and totals held against their parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import Field
from mujun.records.cells import quantities
from mujun.records.readings.rows import Rows
from mujun.records.readings.taking import Feed, Taken


@dataclass(frozen=True)
class Held:
    """A total of the file that is not what was read: its row, its column, both numbers in the file's unit."""

    row: int
    taken: Taken
    stated: Decimal
    read: Decimal


@dataclass(frozen=True)
class Parted:
    """Rows in which a figure is not the sum of its parts: the first, its two numbers, and how many there are."""

    row: int
    field: Field
    header: str
    stated: Decimal
    parts: Decimal
    count: int


def raw(texts: pl.Series) -> pl.Series | None:
    """A column's figures as they stand; `None` where one cannot be read as a plain number."""
    parsed = quantities(texts)
    return None if parsed.trouble.null_count() < len(texts) else parsed.values


def decimals(texts: pl.Series) -> int:
    """The most decimal places that a figure of a column is written with."""
    return int(str(texts.str.extract(r"\.([0-9]+)\s*$").str.len_chars().max() or 0))


def held_against(rows: Rows, feed: Feed) -> Iterator[Held]:
    """The totals of a table that are not what was read."""
    if rows.figures.is_empty():
        return
    for t in feed.taken:
        if t.field.kind != "quantity" or t.unit_column is not None:
            continue
        for c in t.columns:
            yield from _of_column(rows, t, c)


def own_total(rows: Rows, column: int) -> Decimal | None:
    """The file's own total of a column: of its last total row."""
    if rows.figures.is_empty():
        return None
    texts = raw(rows.figures[f"c{column}"])
    totals = None if texts is None else texts.drop_nulls()
    return None if totals is None or totals.is_empty() else Decimal(totals[-1])


def _of_column(rows: Rows, t: Taken, column: int) -> Iterator[Held]:
    texts = rows.body[f"c{column}"]
    values = raw(texts)
    totals = rows.figures.select("_i", "_row", text=pl.col(f"c{column}")).filter(pl.col("text").is_not_null())
    stated = raw(totals["text"])
    if values is None or stated is None or stated.is_empty():
        return
    figures = pl.DataFrame({"_i": rows.body["_i"], "v": values}).drop_nulls()
    every = _total(figures)
    borders = totals["_i"].to_list()
    # Sums of rounded figures differ from a rounded sum by about the root of their number.
    places = max(decimals(texts), 0)
    slack = Decimal(1).scaleb(-min(places, decimals(totals["text"]))) * (1 + int(figures.height**0.5) if places else 1)
    slack = slack if places or decimals(totals["text"]) else Decimal(0)
    for n, (at, number, total) in enumerate(zip(borders, totals["_row"].to_list(), stated.to_list(), strict=True)):
        if total is None:
            continue
        before = borders[n - 1] if n else -1
        after = borders[n + 1] if n + 1 < len(borders) else None
        since = _total(figures.filter(pl.col("_i").is_between(before, at)))
        until = _total(figures.filter((pl.col("_i") > at) & (pl.lit(True) if after is None else pl.col("_i") < after)))
        so_far = _total(figures.filter(pl.col("_i") < at))
        if any(abs(total - likely) <= slack for likely in (every, since, until, so_far)):
            continue
        last = n + 1 == len(borders)
        yield Held(number, t, Decimal(total), every if last else since)


def _total(figures: pl.DataFrame) -> Decimal:
    return Decimal(figures["v"].sum() or 0) if figures.height else Decimal(0)


def against_parts(rows: Rows, feed: Feed) -> Iterator[Parted]:
    """Figures that are not the sum of the parts beside them."""
    for t in feed.taken:
        if not t.parts:
            continue
        whole = _added(rows.body, t.columns)
        parts = _added(rows.body, t.parts)
        if whole is None or parts is None:
            continue
        places = max(decimals(rows.body[f"c{c}"]) for c in (*t.columns, *t.parts))
        slack = Decimal(1).scaleb(-places) * len(t.parts) / 2 if places else Decimal(0)
        both = pl.DataFrame({"row": rows.body["_row"], "w": whole, "p": parts}).drop_nulls()
        apart = both.filter((pl.col("w") - pl.col("p")).abs() > pl.lit(slack))
        if apart.height:
            row, stated, sums = apart.row(0)
            yield Parted(row, t.field, t.text, stated, sums, apart.height)


def _added(body: pl.DataFrame, columns: Sequence[int]) -> pl.Series | None:
    values = [raw(body[f"c{c}"]) for c in columns]
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return None
    frame = pl.DataFrame({f"v{i}": v for i, v in enumerate(known)})
    reported = pl.any_horizontal(pl.all().is_not_null())
    return frame.select(s=pl.when(reported).then(pl.sum_horizontal(pl.all())))["s"]
