"""Amounts of rules that rate nobody themselves, kept with what they rest on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.store.blobs import as_blob, table_of_run
from mujun.store.connecting import first_row, frame_of, now
from mujun.store.transactions import transaction


@dataclass(frozen=True)
class KeptAmounts(InNotebooks):
    """The amounts of a year by rules that stand alone, as they were kept.

    Attributes:
        year, rules, rule_files, batch, mujun_version, label, who: as of a run.
        tiers: where the tiers are from: `run`, `finals`, `ratings` or `nowhere`.
        runs: the runs they are from.
        counted: among whom statistics were computed, in words, and how many they are.
        digest: SHA-256 of the table of amounts.
        rows: the table of amounts.
        created_at: when, in UTC; filled in when it is saved.
        number: its number; filled in when it is saved.
    """

    year: int
    rules: str
    rule_files: Mapping[str, str] = field(repr=False)
    batch: int
    mujun_version: str
    tiers: str
    runs: Sequence[int]
    tiered: int
    counted: Sequence[str]
    digest: str
    rows: pl.DataFrame = field(repr=False)
    label: str = ""
    who: str = ""
    created_at: datetime | None = None
    number: int | None = None


_HEAD = "number, year, rules, batch, mujun_version, tiers, runs, tiered, counted, digest, label, who, created_at"


def save(connection: duckdb.DuckDBPyConnection, kept: KeptAmounts) -> int:
    """Store amounts in one transaction; gives their number, one more than the last."""
    with transaction(connection):
        row = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM amounts")
        number = int(row[0]) if row else 1
        connection.execute(
            "INSERT INTO amounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                number, kept.year, kept.rules, json.dumps(dict(kept.rule_files), ensure_ascii=False), kept.batch,
                kept.mujun_version, kept.tiers, list(kept.runs), kept.tiered, list(kept.counted), kept.digest,
                kept.label, kept.who, kept.created_at or now(), kept.rows.height, as_blob(kept.rows),
            ],
        )  # fmt: skip
    return number


def amounts_list(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """All amounts that were kept, oldest first, without rule files and tables; `created_at` in UTC."""
    listed: pl.DataFrame = frame_of(connection.sql(f"SELECT {_HEAD}, rows FROM amounts ORDER BY number"))  # noqa: S608
    return listed.with_columns(pl.col("created_at").dt.replace_time_zone("UTC"))


def amounts_of(connection: duckdb.DuckDBPyConnection, number: int) -> KeptAmounts:
    """One table of amounts with everything it rests on.

    Raises:
        UsageError: there is none of that number.
    """
    asked = f"SELECT {_HEAD}, rule_files, parquet FROM amounts WHERE number = ?"  # noqa: S608
    row = first_row(connection, asked, [number])
    if row is None:
        known = amounts_list(connection)["number"].to_list()
        raise UsageError(problem("amounts_unknown", number=number, known=known or "—"))
    values = dict(zip(_HEAD.split(", "), row, strict=False))
    files, blob = row[-2], row[-1]
    return KeptAmounts(**values, rule_files=json.loads(files), rows=table_of_run(blob, number, "allocation"))
