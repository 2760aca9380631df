"""Past ratings: what each was computed from, what came out, and the digest that proves it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import datetime
from zipfile import BadZipFile

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.store.blobs import UNREADABLE, PackedTable, packed_table, table_of_run
from mujun.store.connecting import first_row, frame_of, now, version
from mujun.store.layout import signature
from mujun.store.packed import PackedFrame, kept_as_written, packed
from mujun.store.run_bytes import RunBytes, run_bytes
from mujun.store.transactions import transaction


@dataclass(frozen=True)
class RunRecord:
    """One rating, with everything needed to compute it again.

    Attributes:
        year: the data year rated.
        rules: the rule set's address, such as `zhejiang/huangyan-2022`.
        rule_files: the rule files as they were resolved, text by name; kept whole, so that a rule set that changes
            later changes no past rating.
        batch: the newest batch when the inputs were read.
        mujun_version: the version that computed it.
        digest: SHA-256 of the sorted result.
        results: the result's tables by name, `ratings` among them. Their columns follow from the rule set, hence
            each is kept as Parquet, with exact types.
        label: what the bureau calls this run.
        final: whether it is the year's result rather than a draft.
        binding: false in a trial year.
        who: who rated.
        created_at: when, in UTC; filled in when it is saved.
        number: its number; filled in when it is saved.
        digests: SHA-256 of each of the results' tables as it came out, which shows whether one was altered since.
        packed: the results as they are kept, given where they were packed before a run is saved.
        frames: what was rated, by name (`FRAME`, `PREVIOUS`): given when a run is saved, read by `frames_of`.
    """

    year: int
    rules: str
    rule_files: Mapping[str, str]
    batch: int
    mujun_version: str
    digest: str
    results: Mapping[str, pl.DataFrame] = field(repr=False)
    label: str = ""
    final: bool = False
    binding: bool = True
    who: str = ""
    created_at: datetime | None = None
    number: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    packed: Mapping[str, PackedTable] = field(default_factory=dict, repr=False, compare=False)
    frames: Mapping[str, PackedFrame | pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)


FRAME, PREVIOUS = "frame", "previous"
"""The names of kept frames: that of the year, and that of the year before where the rules look back at it."""


@dataclass(frozen=True)
class KeptFrame:
    """A frame as it was rated.

    Attributes:
        packed: its bytes; `None` where they are no longer those that were written.
        digest: SHA-256 of its rows, written down when it was rated, by versions that did so; since then the SHA-256 of
            their bytes says whether they are what was written.
        engine: what made it: see `engine`.
    """

    packed: PackedFrame | None = field(repr=False)
    digest: str | None
    engine: str

    @property
    def frame(self) -> pl.DataFrame | None:
        """All of it; `None` where it is not whole."""
        return self.read()

    def read(self, columns: Collection[str] | None = None) -> pl.DataFrame | None:
        """Some of its columns, as far as it has them, or all; `None` where they are not whole."""
        try:
            return None if self.packed is None else self.packed.read(columns)
        except (*UNREADABLE, BadZipFile, KeyError, ValueError):
            return None


def engine() -> str:
    """What makes frames here: this version of mujun with its dictionary. Another one may make other columns."""
    return f"{version()} {signature()}"


_SEALED = "run_table t LEFT JOIN run_seal s ON s.run = t.run AND s.name = t.name"
"""The tables of runs, each with the SHA-256 of its bytes where they were written down."""

_HEAD = "number, year, rules, batch, mujun_version, label, final, binding, digest, created_at, who"


def save(connection: duckdb.DuckDBPyConnection, run: RunRecord) -> int:
    """Store a run with its results in one transaction.

    Returns:
        Its number, one more than the last.
    """
    with transaction(connection, large=True):
        row = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM run")
        number = int(row[0]) if row else 1
        connection.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                number, run.year, run.rules, json.dumps(dict(run.rule_files), ensure_ascii=False), run.batch,
                run.mujun_version, run.label, run.final, run.binding, run.digest, run.created_at or now(), run.who,
            ],
        )  # fmt: skip
        kept = RunBytes(connection, number)
        for name, table in (run.packed or {n: packed_table(t) for n, t in run.results.items()}).items():
            connection.execute(
                "INSERT INTO run_table VALUES (?, ?, ?, ?, NULL)", [number, name, table.height, run.digests.get(name)]
            )
            connection.execute("INSERT INTO run_seal VALUES (?, ?, ?)", [number, name, kept.put(table.blob)])
        for name, frame in run.frames.items():
            given = packed(frame) if isinstance(frame, pl.DataFrame) else frame
            connection.execute(
                "INSERT INTO run_frame VALUES (?, ?, ?, ?, ?, ?, NULL)",
                [number, name, given.height, run.digests.get(name), engine(), kept.put(given.blob)],
            )
    return number


def run_list(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """All runs, oldest first, without their rule files and results; `created_at` in UTC."""
    listed: pl.DataFrame = frame_of(connection.sql(f"SELECT {_HEAD} FROM run ORDER BY number"))  # noqa: S608
    return listed.with_columns(pl.col("created_at").dt.replace_time_zone("UTC"))


def area_runs(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The numbers of runs that keep no table of enterprises' ratings."""
    asked = "SELECT number FROM run WHERE number NOT IN (SELECT run FROM run_table WHERE name = 'ratings')"
    return [number for (number,) in connection.execute(asked).fetchall()]


def newest_run(connection: duckdb.DuckDBPyConnection, year: int | None = None) -> int | None:
    """The newest run that keeps a table of enterprises' ratings, of a data year if one is given."""
    asked = "SELECT max(number) FROM run WHERE number IN (SELECT run FROM run_table WHERE name = 'ratings')"
    of_year = "" if year is None else f" AND year = {year:d}"
    row = first_row(connection, asked + of_year)
    return None if row is None else row[0]


def loaded_since(connection: duckdb.DuckDBPyConnection, number: int) -> int:
    """How many batches are newer than those that a run took its records from."""
    row = first_row(
        connection, "SELECT count(*) FROM batch WHERE number > (SELECT batch FROM run WHERE number = ?)", [number]
    )
    return int(row[0]) if row is not None else 0


def tables_of(connection: duckdb.DuckDBPyConnection, number: int) -> list[str]:
    """The names of the tables that a run keeps."""
    asked = "SELECT name FROM run_table WHERE run = ? ORDER BY name"
    return [name for (name,) in connection.execute(asked, [number]).fetchall()]


def run_of(connection: duckdb.DuckDBPyConnection, number: int, *, results: bool = True) -> RunRecord:
    """One run with its rule files and, unless told otherwise, its results.

    Raises:
        UsageError: there is no such run.
    """
    row = first_row(connection, f"SELECT {_HEAD}, rule_files FROM run WHERE number = ?", [number])  # noqa: S608
    if row is None:
        raise UsageError(problem("store_unknown_run", run=number))
    values = dict(zip(_HEAD.split(", "), row, strict=False))
    kept = f"SELECT t.name, t.digest, t.parquet, s.sha256 FROM {_SEALED} WHERE t.run = ? ORDER BY t.name"  # noqa: S608
    tables = connection.execute(kept, [number]).fetchall() if results else []
    return RunRecord(
        **values,
        rule_files=json.loads(row[-1]),
        results={name: _read(connection, number, name, parquet, seal) for name, _, parquet, seal in tables},
        digests={name: digest for name, digest, _, _ in tables if digest is not None},
    )


def run_table(
    connection: duckdb.DuckDBPyConnection, number: int, name: str = "ratings", columns: Collection[str] | None = None
) -> pl.DataFrame:
    """One table of a run's result, as it was saved, or some of its columns.

    Raises:
        UsageError: there is no such run, or it keeps no such table.
    """
    asked = f"SELECT t.parquet, s.sha256 FROM {_SEALED} WHERE t.run = ? AND t.name = ?"  # noqa: S608
    row = first_row(connection, asked, [number, name])
    if row is not None:
        return _read(connection, number, name, row[0], row[1], columns)
    names = connection.execute("SELECT name FROM run_table WHERE run = ? ORDER BY name", [number]).fetchall()
    if first_row(connection, "SELECT 1 FROM run WHERE number = ?", [number]) is None:
        raise UsageError(problem("store_unknown_run", run=number))
    raise UsageError(problem("store_unknown_run_table", run=number, table=name, known=[n for (n,) in names]))


def _read(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    name: str,
    parquet: bytes | None,
    seal: str | None,
    columns: Collection[str] | None = None,
) -> pl.DataFrame:
    blob = _bytes(connection, number, parquet, seal)
    return table_of_run(blob, number, name, columns, seal=seal)


def _bytes(connection: duckdb.DuckDBPyConnection, number: int, beside: bytes | None, seal: str | None) -> bytes:
    """What a run keeps: the bytes that stand beside a name, as earlier versions had them, or in the run's own table."""
    return run_bytes(connection, number, seal or "") if beside is None else beside


def frames_of(connection: duckdb.DuckDBPyConnection, number: int) -> dict[str, KeptFrame]:
    """The frames that a run keeps as they were written, by name; none of a run that an earlier version kept.

    A frame is a copy of what the records say: where one is altered, what it was can be computed again.
    """
    rows = connection.execute(
        "SELECT name, parquet, sha256, rows, digest, engine FROM run_frame WHERE run = ? ORDER BY name", [number]
    ).fetchall()
    return {
        name: KeptFrame(kept_as_written(_bytes(connection, number, parquet, written), written, height), digest, made_by)
        for name, parquet, written, height, digest, made_by in rows
    }
