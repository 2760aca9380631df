"""How names and codes are written in the records: every writing that differs from the plain form of its text.

Records keep names as offices write them; whoever looks for the rows that name a firm compares plain forms. The table
`writing` knows all other writings of a plain form, so that DuckDB can look for the rows by what stands in them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

import duckdb
import polars as pl

from mujun.fields import TABLES, Table
from mujun.records.identity import normal_code, normal_name
from mujun.store.connecting import frame_of
from mujun.store.layout import quoted, texts
from mujun.store.transactions import insert

Kind = Literal["name", "code"]

WRITTEN: Mapping[str, tuple[Kind, ...]] = {"name": ("name",), "counterparty": ("name", "code"), "parcel": ("code",)}
"""The fields whose writings are put down, and as what their texts are compared."""

_PLAIN: Mapping[Kind, str] = {"name": r"^[\x{4E00}-\x{9FA5}A-Z0-9]*$", "code": r"^[A-Z0-9]*$"}
_SHORTENED = "有限责任公司"
"""What a plain name has a shorter word for, though each of its characters is a plain one."""

_SCHEMA = {"kind": pl.String, "written": pl.String, "plain": pl.String}


def plain_forms(texts_given: pl.Series, kind: Kind) -> pl.Series:
    """Texts as they are compared."""
    text = pl.col("t")
    made = normal_name(text) if kind == "name" else normal_code(text)
    return texts_given.to_frame("t").select(made)["t"]


def written(connection: duckdb.DuckDBPyConnection, kind: Kind, plain: Collection[str]) -> list[str]:
    """Every text that is in the records, or may be, and has one of these plain forms."""
    if not plain:
        return []
    others = connection.execute(
        f"SELECT written FROM writing WHERE kind = '{kind}' AND plain IN ({texts(plain)})"  # noqa: S608 (escaped)
    ).fetchall()
    return sorted({*plain, *(w for (w,) in others)})


def put_down(connection: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> None:
    """Put down what writings rows bring that were not known, within the transaction that is open."""
    for field, kinds in _fields_of(table):
        if field in rows.columns:
            given = rows[field].drop_nulls()
            for kind in kinds:
                _add(connection, _differing(given, kind))


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Put down the writings of all records that are in the store and not known yet."""
    for table in TABLES.values():
        for field, kinds in _fields_of(table):
            f = quoted(field)
            asked = f"SELECT DISTINCT {f} AS t FROM records.{quoted(table.name)} WHERE {f} IS NOT NULL"  # noqa: S608
            given = frame_of(connection.sql(asked))["t"]
            for kind in kinds:
                _add(connection, _differing(given, kind))


def _fields_of(table: Table) -> Iterator[tuple[str, tuple[Kind, ...]]]:
    yield from ((field, kinds) for field, kinds in WRITTEN.items() if field in table.by_name)


def _differing(given: pl.Series, kind: Kind) -> pl.DataFrame:
    """The texts that are not their own plain form."""
    # Most texts need no closer look, which takes ten times as long.
    doubtful = ~given.str.contains(_PLAIN[kind])
    if kind == "name":
        doubtful = doubtful | given.str.contains(_SHORTENED, literal=True)
    some = given.filter(doubtful).unique()
    made = pl.DataFrame({"written": some, "plain": plain_forms(some, kind)}, schema_overrides=_SCHEMA)
    return made.filter(pl.col("written") != pl.col("plain")).select(pl.lit(kind).alias("kind"), "written", "plain")


def _add(connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    known = frame_of(connection.sql("SELECT kind, written FROM writing"))
    insert(connection, "writing", rows.join(known, on=["kind", "written"], how="anti", maintain_order="left"))
