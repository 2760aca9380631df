"""Rows that were kept out, read again: with a code that somebody vouched for, by the checks that every file gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from mujun.fields import TABLES
from mujun.records.checks import checked
from mujun.records.finding import Finding
from mujun.records.headers import Header
from mujun.records.loaded import LoadedTable
from mujun.records.readings.taking import plain_feed
from mujun.records.roll import NO_ROLL, vouched_for
from mujun.records.sheets import Sheet
from mujun.records.typed import Part, joined, part_of, records_below


def reread(
    name: str, kept_out: pl.DataFrame, columns: Iterable[str], file: str, *, repair: bool = False
) -> tuple[list[LoadedTable], list[Finding]]:
    """Read rows of the quarantine as if they were a file's.

    Args:
        name: the table.
        kept_out: rows as `LoadedTable.quarantine` has them, with the credit codes that they are to have.
        columns: the fields that their file carried; empty for all.
        file: the file's name.
        repair: whether documented repairs of credit codes are applied.

    Returns:
        As `checked` does: rows that are in now, rows that something else still keeps out, and findings, each at the
        sheet and row at which the row was first.
    """
    table = TABLES[name]
    wanted = set(columns) or set(table.by_name)
    fields = [f for f in table.fields if f.name in wanted or f.name in table.key]
    parts: list[Part] = []
    for mine in kept_out.partition_by("_sheet", maintain_order=True):
        texts = {f"c{i}": [f.label, *mine[f.name].to_list()] for i, f in enumerate(fields)}
        township = len(fields)
        texts[f"c{township}"] = ["", *mine["_township"].to_list()]
        cells = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String()))
        sheet = Sheet(mine["_sheet"][0], cells, pl.Series("row", [0, *mine["_row"].to_list()], dtype=pl.Int64))
        feed = plain_feed(table, [Header(i, f.label, f) for i, f in enumerate(fields)], township)
        rows = records_below(sheet, 1, feed)
        part = part_of(rows, feed, year=None, scale=None, repair=repair, sheet_name=sheet.name)
        # What the file carried is known: a column that only these rows leave blank was sent all the same.
        names = " ".join(f.name for f in fields)
        parts.append(replace(part, columns=pl.Series("columns", [names] * part.typed.height, dtype=pl.String)))
    # Whoever chose the codes answers for them.
    vouched = (
        vouched_for(kept_out["credit_code"].drop_nulls().to_list()) if "credit_code" in kept_out.columns else NO_ROLL
    )
    return checked(joined(parts), file, vouched) if parts else ([], [])
