"""What was said of one record, batch by batch, and which of it was taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from mujun.dataclass import dataclass
from mujun.store.connecting import frame_of
from mujun.store.current_figures import said_by, way_of
from mujun.store.layout import NEVER, quoted
from mujun.store.reading import known_table


@dataclass(frozen=True)
class Saying:
    """What a batch said of a record.

    Attributes:
        batch, file, who, at, reason, document: the batch, and when it came (UTC).
        values: what it said, by field.
        takes_back: the batch whose saying it takes back, if it does.
    """

    batch: int
    file: str
    who: str
    at: datetime
    reason: str | None
    document: str | None
    values: Mapping[str, Any]
    takes_back: int | None = None


def sayings_of(connection: duckdb.DuckDBPyConnection, name: str, record: str) -> list[Saying]:
    """Everything that was said, and stood then, of a record of a table whose key is one field; oldest first."""
    table = known_table(name)
    rows = frame_of(
        connection.sql(
            "SELECT r.*, b.file AS _file, b.who AS _who, b.loaded_at AS _at, b.reason AS _reason, "  # noqa: S608
            "b.document AS _document, c.columns AS _columns, m.way AS _way, t.of_batch AS _takes_back "
            f"FROM records.{quoted(name)} r JOIN batch b ON b.number = r._batch JOIN form c ON c.number = r._form "
            "LEFT JOIN meeting m ON m.form = c.number LEFT JOIN taken_back t ON t.batch = b.number "
            f"WHERE r.{quoted(table.key[0])} = $record ORDER BY r._batch, r._form",
            params={"record": record},
        )
    )
    return [
        Saying(
            batch=row["_batch"],
            file=row["_file"],
            who=row["_who"],
            at=row["_at"].replace(tzinfo=UTC),
            reason=row["_reason"],
            document=row["_document"],
            values={f: row[f] for f in said_by(table, row)},
            takes_back=row["_takes_back"],
        )
        for row in rows.iter_rows(named=True)
        if way_of(row) not in NEVER
    ]


def standing_sayings(sayings: Sequence[Saying]) -> list[Saying]:
    """Those that nobody took back, without those that take back."""
    gone = {s.takes_back for s in sayings}
    return [s for s in sayings if s.takes_back is None and s.batch not in gone]
