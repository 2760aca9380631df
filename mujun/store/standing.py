"""What stands, from rows as they were put in: the rule of the views in `layout`, for whole tables in Polars.

DuckDB takes longer to plan the views, which take the newest of each field, than to read the rows of a county.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import Table
from mujun.store.connecting import frame_of
from mujun.store.layout import NEVER, ORIGIN

_UTC = pl.Datetime("us", "UTC")

ORIGIN_TYPES: dict[str, pl.DataType] = {
    "_batch": pl.Int32(), "_file": pl.String(), "_sheet": pl.String(), "_row": pl.Int64(), "_loaded_at": _UTC,
}  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """What the rows of all tables are read with: their batches, and what their forms carry.

    Attributes:
        batches: `_batch, _file, _loaded_at, _reason, _document`.
        meetings: `_form, _columns, _way, _series`, of all forms.
        forms: by table and number of a form that may stand, the fields it carries.
        whole: the numbers of the forms whose blanks count.
        added: the tables in which a file was ever added to what stood.
    """

    batches: pl.DataFrame
    meetings: pl.DataFrame
    forms: Mapping[str, Mapping[int, frozenset[str]]]
    whole: frozenset[int]
    added: frozenset[str]


def sources_of(connection: duckdb.DuckDBPyConnection) -> Sources:
    """The batches and forms of a store."""
    files = "SELECT number AS _batch, file AS _file, loaded_at AS _loaded_at, reason AS _reason, "
    batches = frame_of(connection.sql(f"{files}document AS _document FROM batch"))
    asked = 'SELECT number AS _form, "table" AS _table, columns AS _columns, m.way AS _way, m.series AS _series '
    meetings = frame_of(connection.sql(f"{asked}FROM form LEFT JOIN meeting m ON m.form = number"))
    forms: dict[str, dict[int, frozenset[str]]] = {}
    whole, added = set(), set()
    for number, table, columns, stated, _ in meetings.iter_rows():
        way = stated or "whole"
        if way not in NEVER:
            forms.setdefault(table, {})[number] = frozenset(columns)
        if way == "whole":
            whole.add(number)
        if way == "add":
            added.add(table)
    return Sources(batches, meetings.drop("_table"), forms, frozenset(whole), frozenset(added))


def row_order(table: Table) -> list[str]:
    """The columns by which rows are read in order."""
    return [*table.key, "_batch", "_sheet", "_row"]


def standing_of(rows: pl.DataFrame, table: Table, sources: Sources) -> pl.DataFrame | None:
    """The rows of a table that stand, of a table to which nothing was ever added.

    Args:
        rows: all rows of the keys that are asked for, with some of the table's fields, and with places in the order of
            `row_order` or without.
        table: the table.
        sources: the batches and forms of the store.

    Returns:
        A row per key, each field from the newest form that says anything of it; of a table where a key has many, all
        rows where no key has those of two batches, and else nothing: which of them stand DuckDB has to say.
    """
    forms = list(sources.forms.get(table.name, ()))
    may_stand = rows if not rows.height or forms_of(rows) <= set(forms) else rows.filter(pl.col("_form").is_in(forms))
    return _of_one_batch(may_stand, table) if table.many else _newest_of_fields(may_stand, table, sources)


def forms_of(rows: pl.DataFrame) -> set[int | None]:
    """The forms that rows were put in by."""
    return set(rows["_form"].unique().to_list())


def _once(rows: pl.DataFrame, table: Table, part: str) -> bool:
    """Whether each key has rows of one part only, seen at a glance: each year has, in a table of years."""
    parts = rows.select(*(("year",) if "year" in table.key else ()), part).unique()
    return parts.height == (parts["year"].n_unique() if "year" in table.key else 1)


def _of_one_batch(rows: pl.DataFrame, table: Table) -> pl.DataFrame | None:
    """All rows, where no key (whose rows of a batch stand together) has rows of two batches; else nothing."""
    if _once(rows, table, "_batch"):
        return rows
    batches = rows.select(*table.key, "_batch").unique()
    return None if batches.select(table.key).is_duplicated().any() else rows


FEW = 10_000
"""Up to so many rows are gone through in one go, however many of them stand for nothing."""


def _newest_of_fields(rows: pl.DataFrame, table: Table, sources: Sources) -> pl.DataFrame:
    """A row per key, each field from the newest form that says anything of it, where nothing was added."""
    forms = sources.forms.get(table.name, {})
    others = [f for f in table.by_name if f not in table.key and f in rows.columns]
    lacking = {f: [number for number, carried in forms.items() if f not in carried] for f in others}
    carries = {f: ~pl.col("_form").is_in(numbers) if numbers else pl.lit(value=True) for f, numbers in lacking.items()}
    blank = [pl.when(carries[f]).then(pl.col(f)).alias(f) for f, numbers in lacking.items() if numbers]
    # In one form a key stands once.
    if not (once_each := _once(rows, table, "_form")):
        rows = _without_superseded(rows, table, sources, others)
        once_each = _once(rows, table, "_form")
    if once_each or not (several := rows.select(table.key).is_duplicated()).any():
        return rows.with_columns(blank) if blank else rows
    once = rows.filter(~several).with_columns(blank)
    counts = pl.col("_form").is_in(list(sources.whole))
    newest_of = [pl.col(f).filter(carries[f] & (counts | pl.col(f).is_not_null())).last() for f in others]
    places = [c for c in ("_sheet", "_row") if c in rows.columns]
    together = (
        rows.filter(several)
        .sort("_form")
        .group_by(table.key, maintain_order=True)
        .agg(*newest_of, pl.col("_batch").max(), pl.col(*places, "_form").last())
    )
    stand = pl.concat([once, together.select(once.columns)])
    return stand.sort(row_order(table), nulls_last=True) if places else stand


def _without_superseded(rows: pl.DataFrame, table: Table, sources: Sources, fields: Collection[str]) -> pl.DataFrame:
    """The rows without those that stand for nothing: after them a form said everything of the key as a whole."""
    if rows.height < FEW:
        return rows
    forms = sources.forms.get(table.name, {})
    said = {f for f in fields if any(f in carried for carried in forms.values())}
    all_of_it = [n for n, carried in forms.items() if n in sources.whole and carried.issuperset(said)]
    left = rows.select(*table.key, "_form").with_row_index("_line")
    present = forms_of(rows)
    for newest in sorted((n for n in all_of_it if n in present), reverse=True):
        there = left.filter(pl.col("_form") == newest).select(table.key)
        older = left.filter(pl.col("_form") < newest)
        if "year" in table.key:
            older = older.filter(pl.col("year").is_in(there["year"].unique().implode()))
        if older.height and there.height:
            gone = older.join(there, on=table.key, how="semi", nulls_equal=True)["_line"]
            left = left.filter(~pl.col("_line").is_in(gone.implode()))
    return rows if left.height == rows.height else rows[left["_line"]]


def typed(rows: pl.DataFrame, table: Table, sources: Sources | None = None) -> pl.DataFrame:
    """Rows as they are handed out: the table's fields, `ORIGIN`, and what follows.

    Args:
        rows: with the table's fields and their places.
        table: the table.
        sources: the batches, where the rows do not have `_file` and `_loaded_at` yet.
    """
    if sources is not None:
        batches = sources.batches.select("_batch", "_file", "_loaded_at")
        rows = rows.drop("_form").join(batches, on="_batch", how="left", maintain_order="left")
    later = [c for c in rows.columns if c not in table.schema and c not in ORIGIN]
    return rows.select(
        *(pl.col(name).cast(dtype) for name, dtype in table.schema.items()),
        pl.col("_batch").cast(pl.Int32),
        "_file",
        "_sheet",
        "_row",
        pl.col("_loaded_at").dt.replace_time_zone("UTC").cast(_UTC),
        *later,
    )
