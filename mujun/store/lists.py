"""Rectification lists as issued, and their amendments: numbered, frozen, never changed afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Literal

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.store.blobs import as_blob, table_of_list
from mujun.store.connecting import first_row, frame_of, now

ListKind = Literal["list", "amendment"]


@dataclass(frozen=True)
class ListDocument(InNotebooks):
    """One list or amendment, with everything that it says.

    Attributes:
        year: the data year.
        kind: a list, or an amendment to one.
        title: what the office calls it.
        document: its document number.
        issued_on: the day it was issued.
        run: the rating it rests on.
        rules: the address of the rule set.
        rule_files: the rule files as they were, text by name.
        mujun_version: the version that made it.
        digest: SHA-256 of its tables.
        tables: its tables by name; each is kept as Parquet, with exact types.
        amends: the number of the list that an amendment is to.
        reason: why it was amended.
        who: who recorded it.
        recorded_at: when it was recorded, in UTC; filled in when it is saved.
        number: its number; filled in when it is saved.
    """

    year: int
    kind: ListKind
    title: str
    document: str
    issued_on: date
    run: int
    rules: str
    rule_files: Mapping[str, str] = field(repr=False)
    mujun_version: str
    digest: str
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    amends: int | None = None
    reason: str = ""
    who: str = ""
    recorded_at: datetime | None = None
    number: int | None = None
    list_name: str = ""
    """Which of several lists of the rules it is."""


_NAMES = (
    "number", "year", "kind", "amends", "title", "document", "reason", "issued_on", "run", "rules", "mujun_version",
    "digest", "recorded_at", "who",
)  # fmt: skip
_HEAD = f"{', '.join(_NAMES)}, coalesce(list_name, '') AS list_name"


def append(connection: duckdb.DuckDBPyConnection, listed: ListDocument) -> int:
    """Write a list within the transaction that is open.

    Returns:
        Its number, one more than the last.
    """
    row = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM list_document")
    number = int(row[0]) if row else 1
    connection.execute(
        "INSERT INTO list_document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number, listed.year, listed.kind, listed.amends, listed.title, listed.document, listed.reason,
            listed.issued_on, listed.run, listed.rules, json.dumps(dict(listed.rule_files), ensure_ascii=False),
            listed.mujun_version, listed.digest, listed.recorded_at or now(), listed.who, listed.list_name,
        ],
    )  # fmt: skip
    for name, table in listed.tables.items():
        connection.execute("INSERT INTO list_table VALUES (?, ?, ?, ?)", [number, name, table.height, as_blob(table)])
    return number


def document_list(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """All lists and amendments, oldest first, without their tables and rule files; `recorded_at` in UTC."""
    listed: pl.DataFrame = frame_of(connection.sql(f"SELECT {_HEAD} FROM list_document ORDER BY number"))  # noqa: S608
    return listed.with_columns(pl.col("recorded_at").dt.replace_time_zone("UTC"))


def document_of(connection: duckdb.DuckDBPyConnection, number: int) -> ListDocument:
    """One list or amendment with its tables.

    Raises:
        UsageError: there is no such document.
    """
    row = first_row(connection, f"SELECT {_HEAD}, rule_files FROM list_document WHERE number = ?", [number])  # noqa: S608
    if row is None:
        known = connection.execute("SELECT number FROM list_document ORDER BY number").fetchall()
        raise UsageError(problem("list_unknown", number=number, known=[n for (n,) in known] or "—"))
    tables = connection.execute(
        "SELECT name, parquet FROM list_table WHERE document = ? ORDER BY name", [number]
    ).fetchall()
    return ListDocument(
        **dict(zip((*_NAMES, "list_name"), row, strict=False)),
        rule_files=json.loads(row[-1]),
        tables={name: table_of_list(parquet, number, name) for name, parquet in tables},
    )
