"""What is there of a year: per table and field the firms with a figure, without one, and what waits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Field, implausible_median
from mujun.notebooks import InNotebooks
from mujun.numbers import parse_unit
from mujun.records.cells import years
from mujun.records.frame import values_of_years
from mujun.records.headers import factor_for
from mujun.steps import step
from mujun.store import Store
from mujun.store.series import edition_of, name_of
from mujun.workspace.county_file import CountyFile
from mujun.workspace.frames_at import frame_at
from mujun.workspace.tables_at import year_at

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
    "total_in_files": pl.Decimal(38, 6),
    "read_of_these": pl.Decimal(38, 6),
    "with_value_last": pl.Int64(),
    "total_last": pl.Decimal(38, 6),
    "unlikely_median": pl.Decimal(38, 6),
}
"""Columns of `Coverage.fields`."""

TOTALS: dict[str, pl.DataType] = {
    "table": pl.String(),
    "field": pl.String(),
    "label": pl.String(),
    "unit": pl.String(),
    "batch": pl.Int32(),
    "file": pl.String(),
    "sheet": pl.String(),
    "header": pl.String(),
    "own_total": pl.Decimal(38, 6),
    "read": pl.Decimal(38, 6),
}
"""Columns of `Coverage.totals`: a total that a file gives of a column, and the sum read of it, in the file's unit."""

KEPT_OUT: dict[str, pl.DataType] = {
    "table": pl.String(),
    "batch": pl.Int32(),
    "file": pl.String(),
    "rows": pl.Int64(),
}
"""Columns of `Coverage.kept_out`: rows that no later file and no correction has settled, by file."""

_PLACE = {"table": "table", "_batch": "of_batch", "_sheet": "sheet", "_row": "row"}
"""What says where a row kept out stands, and what that is called of one that is in now."""


@dataclass(frozen=True)
class Waiting(InNotebooks):
    """What waits for somebody, of a year.

    Attributes:
        year: which.
        kept_out: columns `KEPT_OUT`.
        contested: figures on which files differ, as `Store.contested` gives them.
        waiting: tables of files that wait for an answer, as `Store.waiting_tables` gives them.
    """

    year: int
    kept_out: pl.DataFrame = field(repr=False)
    contested: pl.DataFrame = field(repr=False)
    waiting: pl.DataFrame = field(repr=False)

    @property
    def waits(self) -> int:
        """How many rows, figures and tables wait for somebody."""
        return int(self.kept_out["rows"].sum()) + self.contested.height + self.waiting.height


@dataclass(frozen=True)
class Coverage(Waiting):
    """What is there of a year, and what waits.

    Attributes:
        batch: as of which batch.
        fields: columns `COVERAGE`, a row per table and field. `with_value` and `blank` are firms of the roll;
            `waiting_rows` rows kept out that say something of the field, `contested` figures on which files differ,
            `off_roll` firms with a figure that are not on the roll; `total` is that of the firms on the roll,
            `total_in_store` that of all rows. `unlikely_median` is the middle figure where it lies outside what figures
            in this unit have. `total_in_files` adds the totals that files themselves give, where they are columns of
            one unit for all rows, and `read_of_these` what was read of the same columns, both in the field's unit.
        totals: columns `TOTALS`, one row for each column of a file that has a total of its own.
    """

    batch: int
    fields: pl.DataFrame = field(repr=False)
    totals: pl.DataFrame = field(repr=False)

    @property
    def differing(self) -> pl.DataFrame:
        """The files' totals that are not what was read of their columns."""
        return self.totals.filter(pl.col("own_total") != pl.col("read"))

    def as_plain(self) -> dict[str, Any]:
        """The whole as plain values: decimals as exact text, missing as null."""
        tables = {"fields": self.fields, "kept_out": self.kept_out, "contested": self.contested,
                  "totals": self.totals, "waiting": self.waiting}  # fmt: skip
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


@dataclass(frozen=True)
class Given:
    """What somebody has at hand already, as of the same batch.

    Attributes:
        tables: what `year_at` gives.
        frame: the year's frame, by whatever rules.
        before: that of the year before, where there is one.
    """

    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    frame: pl.DataFrame = field(repr=False)
    before: pl.DataFrame | None = field(repr=False)


def coverage_of(
    county: CountyFile, year: int, *, as_of_batch: int | None = None, given: Given | None = None
) -> Coverage:
    """What is there of a year, against its roll and the year before.

    Args:
        county: the county.
        year: the data year.
        as_of_batch: as it was when this batch was the newest.
        given: what was read already; else it is read here.

    Raises:
        UsageError: there are no enterprises of that year, or no such batch.
    """
    step("step_coverage")
    with Store.open(county.path) as store:
        tables = year_at(store, year, as_of_batch) if given is None else given.tables
        files = _Files(store, as_of_batch)
        waits, places = _waiting(store, year, files)
        kept_out = {name: _rows_at(store, name, places) for name in COVERED if name in places["table"]}
        totals = _totals(store, year, files)
        batch = store.newest_batch() if as_of_batch is None else as_of_batch
    frame = frame_at(tables, year, None)[0] if given is None else given.frame
    before = None if given is None else given.before
    if before is None and (tables["enterprises"]["year"] == year - 1).any():
        # Of the year before nothing is asked but its own figures.
        before = values_of_years(tables, year - 1, [year - 1])[year - 1]
    rows = []
    for name in COVERED:
        for f in TABLES[name].fields:
            if _counts(name, f):
                rows.append(
                    _row(name, f, frame, before, tables[name], year, kept_out.get(name), waits.contested, totals)
                )
    fields = pl.DataFrame(rows, schema=COVERAGE, orient="row")
    return Coverage(year, waits.kept_out, waits.contested, waits.waiting, batch, fields, totals)


def waiting_of(county: CountyFile, year: int, *, as_of_batch: int | None = None) -> Waiting:
    """What of a coverage waits for somebody; no figure is read for it.

    Args:
        county: the county.
        year: the data year.
        as_of_batch: as it was when this batch was the newest.

    Raises:
        UsageError: there is no such batch.
    """
    with Store.open(county.path) as store:
        return _waiting(store, year, _Files(store, as_of_batch))[0]


def _waiting(store: Store, year: int, files: _Files) -> tuple[Waiting, pl.DataFrame]:
    """What waits, and the places of the rows kept out."""
    kept_out = _still_out(store, year, files)
    counted = kept_out.group_by("table", "_batch", "_file", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("rows")
    )
    contested = store.contested(year, as_of_batch=files.until)
    by_file = counted.rename({"_batch": "batch", "_file": "file"})
    return Waiting(year, by_file, contested, _waiting_tables(year, files)), kept_out


def _counts(table: str, f: Field) -> bool:
    if table == "enterprises":
        return f.name in OF_THE_ROLL
    return f.kind == "quantity"


def _row(
    table: str, f: Field, frame: pl.DataFrame, before: pl.DataFrame | None, rows: pl.DataFrame, year: int,
    kept_out: pl.DataFrame | None, contested: pl.DataFrame, totals: pl.DataFrame,
) -> tuple[object, ...]:  # fmt: skip
    column = _IN_FRAME.get(f.name, f.name)
    there = frame[column]
    figure = f.kind == "quantity"
    stated = rows.filter(pl.col("year") == year, pl.col(f.name).is_not_null())
    off = stated.filter(~pl.col("credit_code").is_in(frame["credit_code"].implode()))["credit_code"].n_unique()
    last = None if before is None else before[column]
    return (
        table, f.name, f.label, f.unit, f.owner, frame.height, there.count(), there.null_count(),
        0 if kept_out is None else _saying(kept_out, f.name),
        contested.filter(pl.col("table") == table, pl.col("field") == f.name).height,
        off,
        _total(there) if figure else None, _total(stated[f.name]) if figure else None,
        *_in_files(totals.filter(pl.col("table") == table, pl.col("field") == f.name), f),
        None if last is None else last.count(), _total(last) if figure and last is not None else None,
        implausible_median(f, there) if figure else None,
    )  # fmt: skip


def _saying(kept_out: pl.DataFrame, name: str) -> int:
    return kept_out.filter(pl.col(name).fill_null("").str.strip_chars() != "").height


def _total(values: pl.Series) -> Decimal | None:
    """The exact sum; missing where nothing was said."""
    return Decimal(str(values.cast(pl.Decimal(38, 6)).sum())) if values.count() else None


def _in_files(totals: pl.DataFrame, f: Field) -> tuple[Decimal | None, Decimal | None]:
    """The totals of a field that files give, and what was read of the same columns, in the field's unit."""
    stated = read = Decimal(0)
    counted = False
    for row in totals.iter_rows(named=True):
        factor = factor_for(f, parse_unit(row["unit"]))
        if factor is not None:
            counted = True
            stated += row["own_total"] * factor.numerator / factor.denominator
            read += row["read"] * factor.numerator / factor.denominator
    return (stated, read) if counted else (None, None)


def _totals(store: Store, year: int, files: _Files) -> pl.DataFrame:
    """The totals that files give of their columns, without those of files that came again in a newer version."""
    read = files.columns_read.filter(pl.col("own_total").is_not_null(), pl.col("read").is_not_null())
    read = read.filter(pl.col("year").is_null() | (pl.col("year") == year))
    if files.until is not None:
        read = read.filter(pl.col("batch") <= files.until)
    for name in read["table"].unique().to_list():
        read = read.filter((pl.col("table") != name) | ~pl.col("batch").is_in(files.outdone(name)))
    names = files.batches.select(pl.col("number").alias("batch"), "file")
    known = read.join(names, on="batch", how="left", maintain_order="left")
    labels = {(t.name, f.name): f.label for t in TABLES.values() for f in t.fields}
    named = [labels.get(k, k[1]) for k in known.select("table", "field").iter_rows()]
    return known.with_columns(pl.Series("label", named, dtype=pl.String)).select(
        pl.col(c).cast(t) for c, t in TOTALS.items()
    )


def _waiting_tables(year: int, files: _Files) -> pl.DataFrame:
    """Tables that wait for an answer, without those of files that came again in a newer version."""
    waiting = files.waiting
    if files.until is not None:
        waiting = waiting.filter(pl.col("batch") <= files.until)
    waiting = waiting.filter(pl.col("year").is_null() | (pl.col("year") == year))
    gone = {name: files.outdone(name) for name in waiting["table"].unique().to_list()}
    stays = [batch not in gone[name] for batch, name in waiting.select("batch", "table").iter_rows()]
    return waiting.filter(pl.Series(stays, dtype=pl.Boolean))


def _still_out(store: Store, year: int, files: _Files) -> pl.DataFrame:
    """Places of the rows kept out that no correction, decision or newer version of their file has settled.

    Returns:
        Columns as `Store.places_kept_out` has them, of all tables.
    """
    rows = store.places_kept_out()
    of_year = years(rows["year"]).values
    rows = rows.filter(of_year.is_null() | (of_year == year))
    if files.until is not None:
        rows = rows.filter(pl.col("_batch") <= files.until)
    names = rows["table"].unique(maintain_order=True).to_list()
    outdone = [(name, batch) for name in names for batch in files.outdone(name)]
    gone = pl.LazyFrame(outdone, schema={"table": pl.String, "_batch": pl.Int32}, orient="row")
    left = rows.lazy().join(files.settled, on=list(_PLACE), how="anti", nulls_equal=True, maintain_order="left")
    rows = left.join(gone, on=["table", "_batch"], how="anti", maintain_order="left").collect(engine="in-memory")
    oldest = dict(rows.group_by("table").agg(pl.col("_batch").min()).iter_rows())
    # Mostly no newer file could say more of these firms, and reading a table takes longest of all this.
    asked = [n for n, batch in oldest.items() if max(files.of_table(n)["number"].to_list(), default=0) > batch]
    if not asked:
        return rows
    now = store.reader(
        as_of_batch=files.until,
        fields=dict.fromkeys(asked, ("credit_code", "name", "_batch")),
        # What next year's file says of a firm does not settle what this year's left open.
        years={name: [year] for name in asked if TABLES[name].yearly},
    )
    parts = rows.partition_by("table", maintain_order=True, as_dict=True)
    return pl.concat(_not_said_since(part, now(name)) if name in asked else part for (name,), part in parts.items())


def _rows_at(store: Store, table: str, places: pl.DataFrame) -> pl.DataFrame:
    """The rows of one table, as the text the file had, at places kept out of it."""
    rows = store.quarantine(table)
    # By year and firm too: one row of a file may speak of several.
    by = [c for c in places.columns if c in rows.columns]
    return rows.join(places.filter(pl.col("table") == table), on=by, how="semi", nulls_equal=True)


class _Files:
    """The files of a store up to a batch, and which of them a later one outdoes; what is known of them is read once.

    Attributes:
        settled: places of rows kept out that are in now, or settled.
    """

    def __init__(self, store: Store, until: int | None) -> None:
        self.until = until
        self.waiting, self.columns_read, self.batches = store.waiting_tables(), store.columns_read(), store.batches()
        self.completions = store.completions()
        settled = self.completions if until is None else self.completions.filter(pl.col("batch") <= until)
        self.settled = settled.lazy().select(pl.col(c).alias(n) for n, c in _PLACE.items())
        self._outdone: dict[str, list[int]] = {}
        self._years: dict[int, set[int]] = {}
        of_years = self.columns_read.filter(pl.col("year").is_not_null())
        for batch, year in of_years.select("batch", "year").iter_rows():
            self._years.setdefault(batch, set()).add(year)

    def outdone(self, table: str) -> list[int]:
        """Batches of which a later one is the same file in a newer version: as good as all of it, not a few rows.

        Next year's file is no newer version of this year's, and neither are the tables of a file that waited for
        answers.
        """
        if table not in self._outdone:
            self._outdone[table] = self._outdone_of(table)
        return self._outdone[table]

    def of_table(self, table: str) -> pl.DataFrame:
        """The batches that hold rows of a table, or may yet."""
        asked = self.waiting["batch"].to_list()
        batches = self.batches.filter(pl.col("tables").list.contains(table) | pl.col("number").is_in(asked))
        return batches if self.until is None else batches.filter(pl.col("number") <= self.until)

    def _outdone_of(self, table: str) -> list[int]:
        completing = set(self.completions.filter(pl.col("table") == table)["batch"].to_list())
        files = self.of_table(table).select("number", "file", "sha256", "rows_read").rows()
        return [
            number
            for number, file, sha256, rows in files
            if any(
                later > number and name_of(other) == name_of(file) and sha != sha256 and count * 2 >= rows
                and later not in completing and not _of_other_years(number, file, later, other, self._years)
                for later, other, sha, count in files
            )
        ]  # fmt: skip


def _of_other_years(number: int, file: str, later: int, other: str, of_batch: Mapping[int, set[int]]) -> bool:
    """Whether two files of one sender are about different years, as their figures or else their names say."""
    if number in of_batch and later in of_batch:
        return of_batch[number].isdisjoint(of_batch[later])
    one, two = edition_of(file), edition_of(other)
    return one is not None and two is not None and one != two


def _not_said_since(kept_out: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The rows of whose firm, by code or name, no newer batch speaks."""
    rows = kept_out.lazy()
    for by in ("credit_code", "name"):
        if by in now.columns:
            newest = now.lazy().drop_nulls(by).group_by(by).agg(pl.col("_batch").max().alias("_since"))
            rows = rows.join(newest, on=by, how="left", maintain_order="left")
            rows = rows.filter((pl.col("_since") > pl.col("_batch")).fill_null(value=False).not_()).drop("_since")
    return rows.collect(engine="in-memory")
