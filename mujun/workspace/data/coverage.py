"""What is there of a year: per table and field the firms with a figure, without one, and what waits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from mujun.fields import TABLES, Field, implausible_median
from mujun.notebooks import InNotebooks
from mujun.records.cells import years
from mujun.store import Store
from mujun.store.series import name_of
from mujun.workspace.computing import frame_at, inputs_at
from mujun.workspace.county_file import CountyFile

COVERED = ("enterprises", "land", "tax", "energy", "output", "emissions", "water")
"""Tables with figures of every firm and year, in the order in which they are shown."""

OF_THE_ROLL = ("township", "industry", "scale", "started_on")
"""Of the roll itself, what rules ask for; the rest of it is not counted."""

_IN_FRAME = {"area_mu": "land_mu"}
"""Where the frame calls by another name what a table's field comes to."""

COVERAGE: dict[str, pl.DataType] = {
    "table": pl.String(),
    "field": pl.String(),
    "label": pl.String(),
    "unit": pl.String(),
    "owner": pl.String(),
    "on_roll": pl.Int64(),
    "with_value": pl.Int64(),
    "blank": pl.Int64(),
    "waiting_rows": pl.Int64(),
    "contested": pl.Int64(),
    "off_roll": pl.Int64(),
    "total": pl.Decimal(38, 6),
    "total_in_store": pl.Decimal(38, 6),
    "with_value_last": pl.Int64(),
    "total_last": pl.Decimal(38, 6),
    "unlikely_median": pl.Decimal(38, 6),
}
"""Columns of `Coverage.fields`."""

KEPT_OUT: dict[str, pl.DataType] = {
    "table": pl.String(),
    "batch": pl.Int32(),
    "file": pl.String(),
    "rows": pl.Int64(),
}
"""Columns of `Coverage.kept_out`: rows that no later file and no correction has settled, by file."""


@dataclass(frozen=True)
class Coverage(InNotebooks):
    """What is there of a year.

    Attributes:
        year, batch: of what, and as of which batch.
        fields: columns `COVERAGE`, a row per table and field. `with_value` and `blank` are firms of the roll;
            `waiting_rows` rows kept out that say something of the field, `contested` figures on which files differ,
            `off_roll` firms with a figure that are not on the roll; `total` is that of the firms on the roll,
            `total_in_store` that of all rows. `unlikely_median` is the middle figure where it lies outside what figures
            in this unit have.
        kept_out: columns `KEPT_OUT`.
        contested: figures on which files differ, as `Store.contested` gives them.
    """

    year: int
    batch: int
    fields: pl.DataFrame = field(repr=False)
    kept_out: pl.DataFrame = field(repr=False)
    contested: pl.DataFrame = field(repr=False)

    @property
    def waits(self) -> int:
        """How many rows and figures wait for somebody."""
        return int(self.kept_out["rows"].sum()) + self.contested.height

    def as_plain(self) -> dict[str, Any]:
        """The whole as plain values: decimals as exact text, missing as null."""
        tables = {"fields": self.fields, "kept_out": self.kept_out, "contested": self.contested}
        return {
            "format": "mujun-coverage",
            "format_version": 1,
            "year": self.year,
            "batch": self.batch,
            **{name: [_plain(row) for row in rows.iter_rows(named=True)] for name, rows in tables.items()},
        }


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {n: format(v, "f") if isinstance(v, Decimal) else v for n, v in row.items()}


def coverage_json(coverage: Coverage) -> str:
    """What `--json` prints."""
    return json.dumps(coverage.as_plain(), ensure_ascii=False, indent=1) + "\n"


def coverage_of(county: CountyFile, year: int, *, as_of_batch: int | None = None) -> Coverage:
    """What is there of a year, against its roll and the year before.

    Args:
        county: the county.
        year: the data year.
        as_of_batch: as it was when this batch was the newest.

    Raises:
        UsageError: there are no enterprises of that year, or no such batch.
    """
    with Store.open(county.path) as store:
        tables = inputs_at(store, as_of_batch)
        contested = store.contested(year, as_of_batch=as_of_batch)
        kept_out = {name: _still_out(store, name, year, as_of_batch) for name in TABLES}
        batch = store.newest_batch() if as_of_batch is None else as_of_batch
    frame, _ = frame_at(tables, year, None)
    before = None
    if (tables["enterprises"]["year"] == year - 1).any():
        before = frame_at(tables, year - 1, None)[0]
    rows = []
    for name in COVERED:
        for f in TABLES[name].fields:
            if _counts(name, f):
                rows.append(_row(name, f, frame, before, tables[name], year, kept_out[name], contested))
    waiting = [
        (name, *counted) for name, left in kept_out.items()
        for counted in left.group_by("_batch", "_file").len().sort("_batch").iter_rows()
    ]  # fmt: skip
    return Coverage(
        year, batch, pl.DataFrame(rows, schema=COVERAGE, orient="row"),
        pl.DataFrame(waiting, schema=KEPT_OUT, orient="row"), contested,
    )  # fmt: skip


def _counts(table: str, f: Field) -> bool:
    if table == "enterprises":
        return f.name in OF_THE_ROLL
    return f.kind == "quantity"


def _row(
    table: str, f: Field, frame: pl.DataFrame, before: pl.DataFrame | None, rows: pl.DataFrame, year: int,
    kept_out: pl.DataFrame, contested: pl.DataFrame,
) -> tuple[object, ...]:  # fmt: skip
    column = _IN_FRAME.get(f.name, f.name)
    there = frame[column]
    figure = f.kind == "quantity"
    said = rows.filter(pl.col("year") == year, pl.col(f.name).is_not_null())
    off = said.filter(~pl.col("credit_code").is_in(frame["credit_code"].implode()))["credit_code"].n_unique()
    last = None if before is None else before[column]
    return (
        table, f.name, f.label, f.unit, f.owner, frame.height, there.count(), there.null_count(),
        _saying(kept_out, f.name),
        contested.filter(pl.col("table") == table, pl.col("field") == f.name).height,
        off,
        _total(there) if figure else None, _total(said[f.name]) if figure else None,
        None if last is None else last.count(), _total(last) if figure and last is not None else None,
        implausible_median(f, there) if figure else None,
    )  # fmt: skip


def _saying(kept_out: pl.DataFrame, name: str) -> int:
    return kept_out.filter(pl.col(name).fill_null("").str.strip_chars() != "").height


def _total(values: pl.Series) -> Decimal | None:
    """The exact sum; missing where nothing was said."""
    return Decimal(str(values.cast(pl.Decimal(38, 6)).sum())) if values.count() else None


def _still_out(store: Store, table: str, year: int, until: int | None) -> pl.DataFrame:
    """Rows kept out of a table that no correction, decision or newer version of their file has settled."""
    rows = store.quarantine(table)
    if until is not None:
        rows = rows.filter(pl.col("_batch") <= until)
    if rows.is_empty():
        return rows
    if "year" in TABLES[table].by_name:
        said = years(rows["year"]).values
        rows = rows.filter(said.is_null() | (said == year))
    rows = rows.filter(~pl.col("_batch").is_in(_outdone(store, table, until)))
    done = store.completions(table)
    if until is not None:
        done = done.filter(pl.col("batch") <= until)
    done = done.select(pl.col("of_batch").alias("_batch"), pl.col("sheet").alias("_sheet"), pl.col("row").alias("_row"))
    rows = rows.join(done, on=["_batch", "_sheet", "_row"], how="anti", nulls_equal=True, maintain_order="left")
    return _not_said_since(rows, store.table(table, as_of_batch=until))


def _outdone(store: Store, table: str, until: int | None) -> list[int]:
    """Batches of which a later one is the same file in a newer version: as good as all of it, not a few rows."""
    batches = store.batches().filter(pl.col("tables").list.contains(table))
    if until is not None:
        batches = batches.filter(pl.col("number") <= until)
    files = batches.select("number", "file", "sha256", "rows_read").rows()
    return [
        number
        for number, file, sha256, read in files
        if any(
            later > number and name_of(other) == name_of(file) and sha != sha256 and count * 2 >= read
            for later, other, sha, count in files
        )
    ]


def _not_said_since(rows: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The rows of whose firm, by code or name, no newer batch speaks."""
    for by in ("credit_code", "name"):
        if by in now.columns:
            newest = now.drop_nulls(by).group_by(by).agg(pl.col("_batch").max().alias("_since"))
            rows = rows.join(newest, on=by, how="left", maintain_order="left")
            rows = rows.filter((pl.col("_since") > pl.col("_batch")).fill_null(value=False).not_()).drop("_since")
    return rows
