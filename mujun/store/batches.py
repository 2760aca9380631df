"""Putting a file's records into the store: all of it or nothing, and never the same bytes twice unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb
import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import StoreError, problem
from mujun.fields import TABLES, Table, label_of
from mujun.records.finding import FINDING_SCHEMA
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.store import answers, columns_read, writings
from mujun.store.batches_kept import STORED_OF_FINDING
from mujun.store.connecting import first_row, known_as, newest_batch, now, version
from mujun.store.layout import DECIDES, quoted
from mujun.store.meeting import meet
from mujun.store.met import Again, Met, Placed, carried_by
from mujun.store.scales import listed_twice
from mujun.store.transactions import insert, transaction

_NUMBERS: dict[str, pl.DataType] = {"_batch": pl.Int32(), "_form": pl.Int32()}
_PLACE: dict[str, pl.DataType] = {"_sheet": pl.String(), "_row": pl.Int64()}


@dataclass(frozen=True)
class Settled:
    """Tables of a file that waited for an answer: the file's batch; each table's name, sheet and first header row."""

    batch: int
    tables: tuple[tuple[str, str | None, int | None], ...]


@dataclass(frozen=True)
class TakenIn:
    """A file that was taken in.

    Attributes:
        batch: its batch.
        met: what became of figures of which a file had spoken before.
        records: what was written; of a file that was in already, only the figures that were settled.
    """

    batch: int
    met: Met
    records: FileRecords


def append(
    connection: duckdb.DuckDBPyConnection,
    records: FileRecords,
    *,
    who: str,
    reason: str | None,
    document: str | None,
    takes_back: int | None = None,
) -> int:
    """Append records that say what is so now, blanks included, as a new batch, in one transaction.

    A firm that one list has as 规上 and another as 规下 counts as 规上, with a finding; a batch with a reason is a
    correction, and stands. `takes_back` is the batch whose saying this one takes back.

    Returns:
        The batch's number.

    Raises:
        StoreError: two rows of one key contradict each other, or say the same, in a table that has one row per key;
            nothing is written then.
    """
    _refuse_double_keys(records)
    with transaction(connection):
        outdone = None
        if reason is None:
            outdone, twice_listed = listed_twice(connection, records)
            records = replace(records, findings=(*records.findings, *twice_listed))
        placed = [Placed(t.table, t.rows, t.quarantine, t.columns, "whole") for t in records.tables]
        batch = _write(connection, records, placed, who=who, reason=reason, document=document, outdone=outdone)
        if takes_back is not None:
            connection.execute("INSERT INTO taken_back VALUES (?, ?)", [batch, takes_back])
        return batch


def take_in(
    connection: duckdb.DuckDBPyConnection,
    records: FileRecords,
    again: Again,
    *,
    who: str,
    reason: str | None,
    document: str | None,
    contested_only: bool = False,
    settles: Settled | None = None,
) -> TakenIn | None:
    """Append a department's file as a new batch, in one transaction, as it meets what other files said before.

    Args:
        connection: of the store.
        records: what the file gave.
        again: what becomes of figures on which another file says otherwise.
        who, reason, document: of the batch.
        contested_only: of a file that is in already, only those figures; `None` where there are none.
        settles: the tables of an earlier batch that waited for an answer and are taken in now.

    Raises:
        StoreError: as for `append`.
    """
    _refuse_double_keys(records)
    with transaction(connection):
        outdone, twice_listed = listed_twice(connection, records)
        if not contested_only:
            records = replace(records, findings=(*records.findings, *twice_listed))
        met = meet(connection, records, again, outdone)
        placed = met.placed
        if contested_only:
            placed = tuple(p for p in placed if p.way in DECIDES)
            if not placed:
                return None
            taken = tuple(LoadedTable(p.table, p.rows, p.quarantine.clear(), p.columns) for p in placed)
            records = replace(records, findings=(), tables=taken, reading=None)
        batch = _write(connection, records, placed, who=who, reason=reason, document=document)
        for t, sheet, row in settles.tables if settles is not None else ():
            assert settles is not None
            connection.execute("INSERT INTO completion VALUES (?, ?, ?, ?, ?)", [batch, t, settles.batch, sheet, row])
        for p in placed:
            if p.of_batch is not None and p.way != "wait":
                _complete(connection, batch, p)
        connection.execute("INSERT INTO again VALUES (?, ?, ?)", [batch, met.replaced, met.waiting.height])
    return TakenIn(batch, met, records)


def _write(
    connection: duckdb.DuckDBPyConnection,
    records: FileRecords,
    placed: Sequence[Placed],
    *,
    who: str,
    reason: str | None,
    document: str | None,
    outdone: pl.DataFrame | None = None,
) -> int:
    batch = newest_batch(connection) + 1
    for part in placed:
        table = TABLES[part.table]
        form = _new_form(connection, batch, table, part)
        rows = _numbered(part.rows, table.schema, batch, form)
        if outdone is not None and table.name == "enterprises":
            rows = _not_standing(rows, outdone)
        # The years of a batch one after the other: who asks about a year passes over the others.
        insert(
            connection,
            f"records.{quoted(table.name)}",
            rows.sort("year", maintain_order=True) if table.yearly and not rows["year"].is_sorted() else rows,
        )
        writings.put_down(connection, table, rows)
        as_text: dict[str, pl.DataType] = {f.name: pl.String() for f in table.fields}
        as_text["_township"] = pl.String()
        kept_out = _numbered(part.quarantine, as_text, batch, form)
        insert(connection, f"quarantine.{quoted(table.name)}", kept_out)
    errors = sum(f.severity == "error" for f in records.findings)
    insert(connection, "finding", _findings(records, batch))
    insert(connection, "column_read", columns_read.of_batch(records, batch))
    answers.remember(connection, records, batch, who)
    connection.execute(
        "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            batch, records.file, records.sha256, now(), who, reason, document,
            sorted({t.table for t in records.tables}), records.rows_read,
            sum(t.rows.height for t in records.tables), sum(t.quarantine.height for t in records.tables),
            records.totals_left_out, errors, len(records.findings) - errors, version(),
        ],
    )  # fmt: skip
    return batch


def _complete(connection: duckdb.DuckDBPyConnection, batch: int, placed: Placed) -> None:
    """Put down which rows, kept out of an earlier batch, are in now, and which are settled with them.

    Of rows that contradict each other the one that came back settles all: where a key has one row.
    """
    table = TABLES[placed.table]
    with known_as(connection, "came", placed.rows.select("_sheet", "_row", *table.key)):
        same = "q._sheet IS NOT DISTINCT FROM c._sheet AND q._row = c._row"
        if not table.many and "credit_code" in table.key:
            rest = [k for k in table.key if k in ("year", "credit_code", "utility", "account", "label", "field")]
            keys = " AND ".join(
                f"q.{quoted(k)} {'IS NOT DISTINCT FROM' if k in table.open_key else '='} CAST(c.{quoted(k)} AS VARCHAR)"
                for k in rest
            )
            same = f"({same}) OR ({keys})"
        connection.execute(
            f"INSERT INTO completion SELECT DISTINCT $batch, $table, q._batch, q._sheet, q._row "  # noqa: S608
            f"FROM quarantine.{quoted(table.name)} q JOIN came c ON {same} WHERE q._batch = $of",
            {"batch": batch, "table": table.name, "of": placed.of_batch},
        )


def _new_form(connection: duckdb.DuckDBPyConnection, batch: int, table: Table, placed: Placed) -> int:
    """Put down which columns some rows carry and how they meet what stood, and return the form's number."""
    row = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM form")
    form = int(row[0]) if row else 1
    carried = list(carried_by(table, placed.columns))
    connection.execute("INSERT INTO form VALUES (?, ?, ?, ?)", [form, batch, table.name, carried])
    connection.execute("INSERT INTO meeting VALUES (?, ?, ?, ?)", [form, placed.way, placed.series, placed.edition])
    return form


def _not_standing(rows: pl.DataFrame, outdone: pl.DataFrame) -> pl.DataFrame:
    """The rows, without form those of the years and firms in `outdone`."""
    lost = outdone.select("year", "credit_code", pl.lit(True).alias("_lost"))
    rows = rows.join(lost, on=["year", "credit_code"], how="left", maintain_order="left")
    form = pl.when(pl.col("_lost").is_null()).then(pl.col("_form"))
    return rows.with_columns(form.alias("_form")).drop("_lost")


def _numbered(rows: pl.DataFrame, schema: Mapping[str, pl.DataType], batch: int, form: int) -> pl.DataFrame:
    """The rows with exactly the table's columns, their batch and form. What a file did not have is missing."""
    columns = [
        pl.col(name).cast(dtype) if name in rows.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in {**schema, **_PLACE}.items()
    ]
    numbers = (pl.lit(n, dtype=_NUMBERS[name]).alias(name) for name, n in (("_batch", batch), ("_form", form)))
    return rows.select(*columns, *numbers)


def _refuse_double_keys(records: FileRecords) -> None:
    """The reader lets a figure through once; were it otherwise, chance would say which of two stands."""
    by_table: dict[str, list[LoadedTable]] = {}
    for loaded in records.tables:
        by_table.setdefault(loaded.table, []).append(loaded)
    for name, parts in by_table.items():
        table = TABLES[name]
        if table.many:
            continue
        for twice in _double_keys(table, parts):
            *key, times = twice.row(0)
            key_words = [f"{label_of(k)} {messages.show(v)}" for k, v in zip(table.key, key, strict=True)]
            raise StoreError(
                problem("store_key_twice", file=records.file, table=table.label, key=key_words, count=times)
            )


def _double_keys(table: Table, parts: list[LoadedTable]) -> Iterator[pl.DataFrame]:
    """Keys with several rows of the same columns, or with several values of one field; only where there are any."""

    def several(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        # Whole numbers are counted in little room, and different ones never come of one key.
        if rows.select(table.key).hash_rows().n_unique() == rows.height:
            return
        twice = rows.group_by(table.key).agg(pl.len().alias("times")).filter(pl.col("times") > 1)
        if twice.height:
            yield twice.sort(table.key)

    for part in parts:
        yield from several(part.rows.select(table.key))
    if len(parts) > 1:
        for f in (f for f in table.by_name if f not in table.key):
            of_field = [p.rows.select(*table.key, f) for p in parts if f in carried_by(table, p.columns)]
            if len(of_field) > 1:
                yield from several(pl.concat(of_field).unique())


# ------------------------------------------------------------------------------------------------------------ findings


def _findings(records: FileRecords, batch: int) -> pl.DataFrame:
    rows = [
        {
            "batch": batch,
            "number": number,
            **{column: getattr(f, column) for column in STORED_OF_FINDING},
            # Sentences are made when they are read, in the reader's language; what goes into them is kept.
            "values": json.dumps({k: _plain(v) for k, v in f.values.items()}, ensure_ascii=False),
        }
        for number, f in enumerate(records.findings, start=1)
    ]
    types = {c: FINDING_SCHEMA[c] for c in STORED_OF_FINDING}
    return pl.DataFrame(rows, schema={"batch": pl.Int32(), "number": pl.Int64(), **types, "values": pl.String()})


def _plain(value: object) -> str | list[str]:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [messages.show(v) for v in value]
    return messages.show(value)
