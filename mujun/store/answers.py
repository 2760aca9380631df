"""Answers to questions about files, by office and layout: a log of which answer counted for which file.

A layout is an office's file with these headers: the office is told by the file's name, the headers by their
fingerprint. Nothing is changed: an answer given again, or revoked, is a row more, and the newest one counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from mujun import messages
from mujun.records.loaded import FileRecords
from mujun.store.connecting import first_row, frame_of, now
from mujun.store.series import name_of

if TYPE_CHECKING:
    from mujun.records.readings.questions import Question

ANSWERS: dict[str, pl.DataType] = {
    "layout": pl.Int32(),
    "number": pl.Int32(),
    "office": pl.String(),
    "fingerprint": pl.String(),
    "table": pl.String(),
    "question": pl.String(),
    "asks": pl.String(),
    "answer": pl.String(),
    "says": pl.String(),
    "remembered": pl.Boolean(),
    "batch": pl.Int32(),
    "file": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "who": pl.String(),
}
"""Columns of `answers`: `asks` and `says` in the language in force; without `answer` it was revoked."""


def remember(connection: duckdb.DuckDBPyConnection, records: FileRecords, batch: int, who: str) -> None:
    """Put down the answers by which a file was read, within the transaction that is open."""
    if records.reading is not None:
        for question in records.reading.answered:
            _put(connection, question, records.file, batch, who)


def _put(connection: duckdb.DuckDBPyConnection, q: Question, file: str, batch: int, who: str) -> None:
    chosen = q.chosen
    assert chosen is not None  # it was answered by one of its choices
    _append(
        connection,
        [name_of(file), q.fingerprint, q.table, q.id, q.code, _kept(q.values), q.answer, chosen.code,
         _kept(chosen.values), q.remembered, batch, file, now(), who],
    )  # fmt: skip


def _append(connection: duckdb.DuckDBPyConnection, row: Sequence[object]) -> None:
    newest = first_row(connection, "SELECT coalesce(max(number), 0) FROM answer")
    marks = ", ".join("?" * (len(row) + 1))
    connection.execute(
        f"INSERT INTO answer VALUES ({marks})",  # noqa: S608
        [1 + (int(newest[0]) if newest else 0), *row],
    )


def _kept(values: Mapping[str, object]) -> str:
    def plain(value: object) -> str | list[str]:
        return [messages.show(v) for v in value] if isinstance(value, list | tuple) else messages.show(value)

    return json.dumps({k: plain(v) for k, v in values.items()}, ensure_ascii=False)


def remembered(connection: duckdb.DuckDBPyConnection, file: str) -> dict[str, str]:
    """The answers that count for a file of this name, by question."""
    rows = connection.execute(
        "SELECT question, arg_max_null(answer, number) AS answer FROM answer WHERE office = ? GROUP BY question",
        [name_of(file)],
    ).fetchall()
    return {str(question): str(answer) for question, answer in rows if answer is not None}


def revoke(connection: duckdb.DuckDBPyConnection, answer: Mapping[str, object], who: str) -> None:
    """An answer counts no longer: files that come are asked about again. A row of `answers` says which."""
    _append(
        connection,
        [answer["office"], answer["fingerprint"], answer["table"], answer["question"], None, None, None, None, None,
         False, None, None, now(), who],
    )  # fmt: skip


def answers(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The whole log, oldest first: columns `ANSWERS`. A layout's number is that of its first answer."""
    raw: pl.DataFrame = frame_of(
        connection.sql(
            "SELECT min(number) OVER (PARTITION BY office, fingerprint) AS layout, number, office, fingerprint, "
            '"table", question, asked, "values", answer, choice, choice_values, remembered, batch, file, "at", who '
            "FROM answer ORDER BY number"
        )
    )
    asks = [_said("question", r["asked"], r["values"]) for r in raw.iter_rows(named=True)]
    says = [_said("choice", r["choice"], r["choice_values"]) for r in raw.iter_rows(named=True)]
    told = raw.with_columns(
        pl.Series("asks", asks, dtype=pl.String), pl.Series("says", says, dtype=pl.String),
        pl.col("at").dt.replace_time_zone("UTC"),
    )  # fmt: skip
    return told.select(pl.col(c).cast(t) for c, t in ANSWERS.items())


def _said(kind: str, code: str | None, values: str | None) -> str | None:
    if code is None:
        return None
    try:
        return messages.text(messages.key(f"{kind}_{code}"), **json.loads(values or "{}"))
    except KeyError:
        # Asked by another version of the program: the record stays readable.
        return code
