"""Workbooks handed out to be filled in: what each gave, so that what comes back can be held against it.

A workbook that travels through townships and offices is opened, saved and edited by many hands. What it gave is kept
here, in the store, and the workbook itself carries only a mark; so nothing that happens to the file can change what
it is compared with, and a workbook of another county has a mark that this store does not know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import field, replace
from datetime import UTC, datetime

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.store.blobs import as_blob, table_of_issue
from mujun.store.connecting import first_row, now, version
from mujun.store.transactions import transaction
from mujun.writing import held_back

SURVEY, CONFIRMATION, PROGRESS, PROBLEMS = "survey", "confirmation", "progress", "problems"
PARCEL_SURVEY, MONTHLY = "parcel_survey", "monthly"

_LETTERS = {
    SURVEY: "MS", CONFIRMATION: "MC", PROGRESS: "MP", PROBLEMS: "MQ", PARCEL_SURVEY: "ML", MONTHLY: "MM"
}  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """One workbook handed out.

    Attributes:
        kind: `survey` (现场核查表), `confirmation` (数据确认单), `progress` (整治进度表),
            `problems` (问题交办), `parcel_survey` (地块核查表) or `monthly` (月度填报表).
        year: the data year.
        township: whose it is; `None` for the whole county.
        batch: the newest batch when it was made.
        rules: the rule set's address, empty where none was used.
        given: every given cell as text, a row per line of the workbook, columns as the workbook's headers.
        who: who made it.
        number, mark, issued_at: filled in when it is saved. The mark, such as `MS12-3fa9c01b`, stands in the workbook.
    """

    kind: str
    year: int
    township: str | None
    batch: int
    rules: str
    given: pl.DataFrame = field(repr=False)
    who: str = ""
    number: int = 0
    mark: str = ""
    issued_at: datetime | None = None


def save(connection: duckdb.DuckDBPyConnection, issue: Issue, write: Callable[[Issue], object]) -> Issue:
    """Store an issue and write its workbook: complete beside its place, then the mark committed, then moved there.

    A kill before the commit leaves neither, one after it a mark at most whose workbook is not in its place: nothing
    is handed out that the store does not know. What could not be written or moved was not handed out.
    """
    with held_back() as files:

        def move() -> None:
            try:
                files.move()
            except BaseException:
                if files.waiting:
                    with transaction(connection):
                        connection.execute("DELETE FROM issue WHERE number = ?", [number])
                raise

        with transaction(connection, committed=move):
            row = first_row(connection, "SELECT coalesce(max(number), 0) + 1 FROM issue")
            number, at = int(row[0]) if row else 1, issue.issued_at or now()
            mark = f"{_LETTERS[issue.kind]}{number}-{_digest(issue, number, at)}"
            connection.execute(
                "INSERT INTO issue VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    number, issue.kind, mark, issue.year, issue.township, issue.batch, issue.rules,
                    issue.given.height, as_blob(issue.given), at, issue.who, version(),
                ],
            )  # fmt: skip
            numbered = replace(issue, number=number, mark=mark, issued_at=at)
            write(numbered)
    return numbered


def _digest(issue: Issue, number: int, at: datetime) -> str:
    """Eight characters of the content and the moment: two counties' third workbooks are told apart by it."""
    head = f"{issue.kind}|{number}|{issue.year}|{issue.township}|{at.isoformat()}|{issue.given.write_csv()}"
    return hashlib.sha256(head.encode()).hexdigest()[:8]


def issued(
    connection: duckdb.DuckDBPyConnection, *, kind: str | None = None, year: int | None = None, mark: str | None = None
) -> tuple[Issue, ...]:
    """The issues, oldest first; `issued_at` in UTC."""
    rows = connection.execute(
        "SELECT kind, year, township, batch, rules, given, who, number, mark, issued_at FROM issue "
        "WHERE (kind = $kind OR $kind IS NULL) AND (year = $year OR $year IS NULL) "
        "AND (mark = $mark OR $mark IS NULL) ORDER BY number",
        {"kind": kind, "year": year, "mark": mark},
    ).fetchall()
    return tuple(
        Issue(
            kind=row[0], year=row[1], township=row[2], batch=row[3], rules=row[4],
            given=table_of_issue(row[5], row[8]), who=row[6], number=row[7], mark=row[8],
            issued_at=row[9].replace(tzinfo=UTC),
        )
        for row in rows
    )  # fmt: skip
