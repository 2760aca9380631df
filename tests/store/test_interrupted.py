"""Ctrl-C within DuckDB is Ctrl-C, not a store that cannot be read."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mujun.errors import StoreError
from mujun.store.duckdb_errors import told_plainly


@pytest.mark.parametrize(
    "error",
    [
        duckdb.InvalidInputException("Object registered as 'asked' as Arrow data failed: KeyboardInterrupt: "),
        duckdb.InterruptException("INTERRUPT Error: Interrupted!"),
    ],
)
def test_what_duckdb_makes_of_ctrl_c_is_ctrl_c(error: duckdb.Error, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), told_plainly(tmp_path / "mujun.duckdb"):
        raise error


def test_other_errors_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"mujun\.duckdb"), told_plainly(tmp_path / "mujun.duckdb"):
        raise duckdb.IOException("IO Error: something else")
