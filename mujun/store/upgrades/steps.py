"""The steps from each format that is carried to the next, and taking them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from mujun.errors import StoreError, problem
from mujun.store.connecting import Made
from mujun.store.layout import FORMAT
from mujun.store.upgrades import from_4, from_5
from mujun.store.upgrades.completing import add_missing

STEPS: dict[int, Callable[[duckdb.DuckDBPyConnection], None]] = {4: from_4.take, 5: from_5.take}
"""By the format before it, what a step does within the transaction that is open."""

OLDEST = min(STEPS)
"""The oldest format that is carried."""


def carried(made: Made, path: Path) -> None:
    """Refuse a store of a format that is carried no longer.

    Raises:
        StoreError: it is one.
    """
    if made.format < OLDEST:
        values = {"found": made.format, "known": OLDEST, "version": made.version}
        raise StoreError(problem("store_older", file=path, **values))


def take_all(connection: duckdb.DuckDBPyConnection, old_format: int) -> tuple[str, ...]:
    """Bring an open store from a format to the present one in one transaction: all of it or nothing.

    Returns:
        What was added, as `complete` says it.
    """
    connection.execute("BEGIN")
    for before in range(old_format, FORMAT):
        STEPS[before](connection)
    connection.execute("UPDATE store SET format = ?", [FORMAT])
    added = add_missing(connection)
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT")
    return added
