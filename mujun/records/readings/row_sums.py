"""Several rows of one firm with a column that tells them apart (户号, 月份, 税种): their figures are added up.

A sum with a part that cannot be read would be a wrong figure, so then all rows of the firm wait. Rows that nothing
tells apart are for the check of duplicates: the same twice counts once, different ones all wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import Field
from mujun.numbers import QUANTITY
from mujun.records.cell_troubles import TOTAL_BLANK
from mujun.records.readings.tables_fed import FIGURES
from mujun.records.typed import TROUBLE, Part

WAITS = "sum_waits"
"""The trouble of a row that is in order itself, while another row of its firm is not."""

STOCKS = ("employees",)
"""Figures of a moment: over months they do not add up."""

_HARMLESS = ("code_repaired", "several_holders", "code_as_number", TOTAL_BLANK)


@dataclass(frozen=True)
class Added:
    """How many rows of how many firms were added up, by which columns; and figures that do not add up over time."""

    by: tuple[str, ...]
    rows: int
    firms: int
    not_added: tuple[Field, ...] = ()


def added_up(part: Part, apart: pl.DataFrame, by: Sequence[str], *, over_time: bool) -> tuple[Part, Added | None]:
    """One row for each firm that has several.

    Args:
        part: typed rows of a table.
        apart: the columns that tell rows apart, as text, row by row.
        by: their headers.
        over_time: whether one of them is a time.

    Returns:
        The rows, the first of each firm with the sum; and how many were added, if any were.
    """
    table = part.table
    if table.name not in (*FIGURES, "usage"):
        return part, None
    key = list(table.key)
    figures = [f for f in table.fields if f.kind == "quantity"]
    rows = part.typed.with_row_index("_at").with_columns(pl.col("_at").cast(pl.Int64))
    told = pl.concat_str([pl.col(c).fill_null("") for c in apart.columns], separator="\x1f")
    rows = rows.with_columns(apart.select(_apart=told)["_apart"], part.beside_text.alias("_beside"))
    rows = rows.filter(~pl.any_horizontal(pl.col(list(table.firm_key)).is_null()))
    several = rows.filter(pl.struct(key).is_duplicated())
    if several.is_empty():
        return part, None
    # The same row twice counts once, unless a column that is not read tells the two apart.
    same = [*key, "_apart", "_beside", *(f.name for f in figures)]
    again = several.filter(~pl.struct(same).is_first_distinct())
    left = several.filter(~pl.col("_at").is_in(again["_at"].implode()))
    clash = left.filter(pl.struct([*key, "_apart"]).is_duplicated()).select(key).unique()
    again = again.join(clash, on=key, how="anti", nulls_equal=True, maintain_order="left")
    wrong = part.troubles.filter(~pl.col("code").is_in(_HARMLESS))
    bad = (
        left.join(wrong.select("_at").unique(), on="_at", how="semi")
        .group_by(key)
        .agg(pl.col("_row").first().alias("_bad"))
    )
    waiting = left.join(bad, on=key, how="inner", nulls_equal=True, maintain_order="left").join(
        clash, on=key, how="anti", nulls_equal=True, maintain_order="left"
    )
    good = left.join(bad, on=key, how="anti", nulls_equal=True, maintain_order="left").join(
        clash, on=key, how="anti", nulls_equal=True, maintain_order="left"
    )
    stocks = tuple(f for f in figures if over_time and f.name in STOCKS and good[f.name].null_count() < good.height)
    troubles = [part.troubles, _waiting(waiting, wrong, key[-1]), _again(again, several, same, key[-1])]
    if good.height:
        part = part.with_units()
        sums = [_sum(f.name) if f not in stocks else _same(f.name) for f in figures]
        per_firm = good.group_by(key, maintain_order=True).agg(pl.col("_at").first().alias("_first"), *sums)
        typed, kept = _with_sums(part.typed, part.kept, per_firm, [f.name for f in figures])
        part = replace(part, typed=typed, kept=kept)
        gone = good.filter(~pl.col("_at").is_in(per_firm["_first"].implode()))["_at"]
    else:
        gone = pl.Series("_at", [], dtype=pl.Int64)
    whole = replace(part, troubles=pl.concat(troubles))
    unequal = tuple(f for f in stocks if _varies(good, key, f.name))
    firms = good.select(key).unique().height
    left_over = _without(whole, gone)
    if not firms:
        return left_over, None
    return left_over, Added(tuple(by), good.height, firms, unequal)


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).cast(QUANTITY).alias(name)


def _same(name: str) -> pl.Expr:
    """The figure where all rows that have one have the same."""
    only = pl.col(name).drop_nulls().n_unique() == 1
    return pl.when(only).then(pl.col(name).drop_nulls().first()).alias(name)


def _varies(rows: pl.DataFrame, key: list[str], name: str) -> bool:
    kinds = rows.group_by(key).agg(pl.col(name).drop_nulls().n_unique().alias("n"))
    return bool((kinds["n"] > 1).any())


def _with_sums(
    typed: pl.DataFrame, kept: pl.DataFrame, sums: pl.DataFrame, names: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    at = sums["_first"].to_list()
    for name in names:
        typed = typed.with_columns(typed[name].scatter(at, sums[name]))
        kept = kept.with_columns(kept[name].scatter(at, sums[name].cast(pl.String)))
    return typed, kept


def _waiting(rows: pl.DataFrame, wrong: pl.DataFrame, field: str) -> pl.DataFrame:
    """The rows that are in order and wait for another of their firm."""
    sound = rows.join(wrong.select("_at").unique(), on="_at", how="anti", maintain_order="left")
    waiting = sound.with_columns(field=pl.lit(field), code=pl.lit(WAITS), detail=pl.col("_bad").cast(pl.String))
    return waiting.select(pl.col(n).cast(t) for n, t in TROUBLE.items())


def _again(again: pl.DataFrame, several: pl.DataFrame, same: list[str], field: str) -> pl.DataFrame:
    """The rows that stand there a second time, with the first."""
    first = several.filter(pl.struct(same).is_first_distinct()).select(*same, pl.col("_row").alias("_first"))
    joined = again.join(first, on=same, how="left", nulls_equal=True, maintain_order="left")
    troubles = joined.with_columns(
        field=pl.lit(field), code=pl.lit("duplicate_row"), detail=pl.col("_first").cast(pl.String)
    )
    return troubles.select(pl.col(n).cast(t) for n, t in TROUBLE.items())


def _without(part: Part, gone: pl.Series) -> Part:
    if gone.is_empty():
        return part
    at = pl.DataFrame({"_at": pl.int_range(part.typed.height, dtype=pl.Int64, eager=True)})
    return without(part, at.filter(~pl.col("_at").is_in(gone.implode()))["_at"])


def without(part: Part, stay: pl.Series) -> Part:
    """The rows at some positions, with their troubles."""
    renumbered = pl.DataFrame({"_at": stay}).with_row_index("_new").with_columns(pl.col("_new").cast(pl.Int64))
    troubles = part.troubles.join(renumbered, on="_at", how="inner", maintain_order="left")
    return replace(
        part,
        typed=part.typed[stay],
        shown=part.shown[stay],
        kept=part.kept[stay],
        troubles=troubles.select(pl.col("_new").alias("_at"), "field", "code", "detail"),
        columns=part.columns.gather(stay),
        beside=None if part.beside is None else part.beside[stay],
    )
