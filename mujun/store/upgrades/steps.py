"""The steps from each format that is carried to the next, and taking them."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from mujun.store.layout import FORMAT
from mujun.store.upgrades import from_4
from mujun.store.upgrades.completing import add_missing

STEPS: dict[int, Callable[[duckdb.DuckDBPyConnection], None]] = {4: from_4.take}
"""By the format before it, what a step does within the transaction that is open."""

OLDEST = min(STEPS)
"""The oldest format that is carried."""


def take_all(connection: duckdb.DuckDBPyConnection, found: int) -> tuple[str, ...]:
    """Bring an open store from a format to the present one in one transaction: all of it or nothing.

    Returns:
        What was added, as `complete` says it.
    """
    connection.execute("BEGIN")
    for before in range(found, FORMAT):
        STEPS[before](connection)
    connection.execute("UPDATE store SET format = ?", [FORMAT])
    added = add_missing(connection)
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT")
    return added
