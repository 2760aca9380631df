"""Corrected findings go back to the batch they came from: they complete it, and wipe out nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from mujun.fields import TABLES
from mujun.records import FileRecords, Finding, LoadedTable
from mujun.records.sent_back import Origin
from mujun.store import Store

_AT = ["_sheet", "_row"]


def as_completing(store: Store, records: FileRecords) -> FileRecords:
    """The records of a findings workbook with each row as one of the batch that it was kept out of.

    Args:
        store: the store that the files are in.
        records: what reading the workbook gave.

    Returns:
        The rows at the places they have in their files. A row that is in already is left out; a changed one that was
        never kept out is a finding, for it would count beside what stands. Rows of a file that was never loaded stay
        as they are, and so does every file that is no findings workbook.
    """
    origins = records.sent_back.origins
    if not origins:
        return records
    tables: list[LoadedTable] = []
    findings = list(records.findings)
    forms = store.forms()
    for part in records.tables:
        places = pl.DataFrame(
            [(*at, *origins[at]) for at in part.rows.select(_AT).iter_rows() if at in origins],
            schema={"_sheet": pl.String, "_row": pl.Int64, "_of_file": pl.String, "_of_sheet": pl.String,
                    "_of_row": pl.Int64}, orient="row",
        )  # fmt: skip
        rows = part.rows.join(places, on=_AT, how="left", nulls_equal=True, maintain_order="left")
        kept_out = _newest(store.quarantine(part.table))
        part = replace(part, quarantine=_not_waiting_there(part.quarantine, kept_out, origins))
        known = rows.join(
            kept_out, on=["_of_file", "_of_sheet", "_of_row"], how="left", nulls_equal=True, maintain_order="left"
        )
        strange = known.filter(pl.col("_form").is_null())
        done = store.completions().filter(pl.col("table") == part.table)
        done_rows, left = _parted(known.filter(pl.col("_form").is_not_null()), done)
        findings += _changed(store, part.table, done_rows, records.file)
        rest, of_store = _of_store(store, part.table, strange)
        findings += _changed(store, part.table, of_store, records.file)
        tables.append(replace(part, rows=rest.select(part.rows.columns)))
        for of_form in left.partition_by("_form", maintain_order=True):
            form = int(of_form["_form"][0])
            back = of_form.with_columns(pl.col("_of_sheet").alias("_sheet"), pl.col("_of_row").alias("_row"))
            columns = tuple(n for n in TABLES[part.table].by_name if n in {*part.columns, *forms.get(form, ())})
            nothing = part.quarantine.clear()
            tables.append(LoadedTable(part.table, back.select(part.rows.columns), nothing, columns, of_form=form))
    return replace(records, tables=tuple(tables), findings=tuple(findings))


def _not_waiting_there(
    rows: pl.DataFrame, kept_out: pl.DataFrame, origins: Mapping[tuple[str | None, int], Origin]
) -> pl.DataFrame:
    """The rows of the workbook that are kept out, without those that wait under their own file already."""
    waiting = set(kept_out.select("_of_file", "_of_sheet", "_of_row").iter_rows())
    stay = [origins.get(at) not in waiting for at in rows.select(_AT).iter_rows()]
    return rows.filter(pl.Series(stay, dtype=pl.Boolean))


def _newest(kept_out: pl.DataFrame) -> pl.DataFrame:
    """By file, sheet and row the form under which the newest batch of that file kept a row out."""
    at = [pl.col("_file").alias("_of_file"), pl.col("_sheet").alias("_of_sheet"), pl.col("_row").alias("_of_row")]
    rows = kept_out.sort("_batch").select(*at, "_form", pl.col("_batch").alias("_of_batch"))
    return rows.unique(["_of_file", "_of_sheet", "_of_row"], keep="last", maintain_order=True)


def _parted(known: pl.DataFrame, done: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that an earlier workbook completed already, and the others."""
    if done.is_empty():
        return known.clear(), known
    on = ["_of_batch", "_of_sheet", "_of_row"]
    keys = done.select(
        pl.col("of_batch").alias("_of_batch"), pl.col("sheet").alias("_of_sheet"), pl.col("row").alias("_of_row")
    ).unique()
    return (
        known.join(keys, on=on, how="semi", nulls_equal=True, maintain_order="left"),
        known.join(keys, on=on, how="anti", nulls_equal=True, maintain_order="left"),
    )


def _of_store(store: Store, table: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of no file that was loaded, and rows that are in already: the grey ones of a workbook."""
    on = ["_of_file", "_of_sheet", "_of_row"]
    codes = rows["credit_code"].drop_nulls().to_list() if "credit_code" in rows.columns else []
    spoken = store.spoken_of(table, codes) if codes else None
    if spoken is None or spoken.is_empty():
        return rows, rows.clear()
    spoken = spoken.select(pl.col(f"_{c}").alias(f"_of_{c}") for c in ("file", "sheet", "row")).unique()
    return (
        rows.join(spoken, on=on, how="anti", nulls_equal=True, maintain_order="left"),
        rows.join(spoken, on=on, how="semi", nulls_equal=True, maintain_order="left"),
    )


def _changed(store: Store, table: str, rows: pl.DataFrame, file: str) -> Iterator[Finding]:
    """Rows that are in already and say something else now."""
    if rows.is_empty():
        return
    t = TABLES[table]
    now = store.table(table)
    fields = [f for f in t.by_name if f != "name"]
    figures = [pl.col(f).cast(pl.String).fill_null("") for f in fields]
    stated = set(now.select(pl.concat_str(figures, separator="\x1f")).to_series().to_list())
    for row, words in zip(
        rows.iter_rows(named=True), rows.select(pl.concat_str(figures, separator="\x1f")).to_series(), strict=True
    ):
        if words not in stated:
            yield Finding(
                "in_already", "error", table, file=file, sheet=row["_sheet"], row=row["_row"], year=row.get("year"),
                credit_code=row.get("credit_code"), name=row.get("name"), owner=t.owner,
                values={"file": row["_of_file"], "first": row["_of_row"]},
            )  # fmt: skip
