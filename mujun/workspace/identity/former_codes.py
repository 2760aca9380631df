"""Where figures stand that were reported under a code the firm no longer has, or by a firm it took over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from mujun import messages
from mujun.records.succeeding import ADDED_UP
from mujun.records.succession import Heir, succession_at
from mujun.store import Store


def heirs_at(store: Store, year: int, *, as_of_batch: int | None = None) -> Mapping[str, Heir]:
    """By old code, whose its records are at the end of a year."""
    return succession_at(store.table("aliases", as_of_batch=as_of_batch), year).heirs


def with_former(codes: Iterable[str], heirs: Mapping[str, Heir]) -> list[str]:
    """The codes, and after them the old ones whose records are theirs."""
    wanted = list(codes)
    return [*wanted, *sorted(old for old, heir in heirs.items() if heir.code in set(wanted))]


def under_standing_codes(table: str, rows: pl.DataFrame, heirs: Mapping[str, Heir]) -> pl.DataFrame:
    """Origins (`Store.origins`) of a year by the codes that stand: those that make up the frame's figures.

    Args:
        table: the table.
        rows: of one year, asked for with `with_former`.
        heirs: from `heirs_at`.

    Returns:
        The rows; `record` of one under an old code says so. As `with_successors` has it: quantities of both codes, once
        where they are the same figures; of land and of what has one value, the old code's only where the new has none.
    """
    is_old = pl.col("whose").is_in(list(heirs))
    old = rows.filter(is_old, pl.col("batch").is_not_null())
    if old.is_empty():
        return rows.filter(~is_old)
    standing = rows.filter(~is_old)
    known = standing.filter(pl.col("batch").is_not_null())
    has = {
        "row": set(known["whose"].to_list()),
        "record": set(known.select("whose", "record").iter_rows()),
        "value": set(known.select("whose", "field", "value").iter_rows()),
    }
    kept = [
        {**row, "whose": heir.code, "record": _said(row["record"], row["whose"])}
        for row in old.iter_rows(named=True)
        if _counts(table, row, heir := heirs[row["whose"]], has)
    ]
    return pl.concat([standing, pl.DataFrame(kept, schema=rows.schema, orient="row")])


def _counts(table: str, row: Mapping[str, object], heir: Heir, has: Mapping[str, set[object]]) -> bool:
    """Whether a figure under an old code is part of the successor's, given what stands under the new code."""
    merged = heir.merged_on is not None
    if table in ADDED_UP:
        return merged or (heir.code, row["field"], row["value"]) not in has["value"]
    if table == "land":
        return merged or heir.code not in has["row"]
    return not merged and (heir.code, row["record"]) not in has["record"]


def _said(record: object, old: object) -> str:
    note = messages.text("identity_under_old_code", code=old)
    return note if record is None else f"{record} {note}"
