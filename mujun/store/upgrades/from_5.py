"""From format 5 (between mujun 0.2 and 0.3) to format 6 (0.3).

In format 6 the bytes of a run stand in a table of its own (`mujun.store.run_bytes`), where a program of format 5 does
not look: it ended in an error of its own making instead of refusing the store. Runs of format 5 are read where they
stand, so nothing has to move.
"""

from __future__ import annotations

import duckdb


def take(connection: duckdb.DuckDBPyConnection) -> None:
    """The step, within the transaction that is open: nothing is to be done."""
