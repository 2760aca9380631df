"""What the fixture stores of earlier formats hold, so that tests of upgrades prove something."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.store.given import kept_store


def counts(path: Path, *tables: str) -> dict[str, int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return {t: connection.execute(f"SELECT count(*) FROM {t}").fetchall()[0][0] for t in tables}


@pytest.mark.parametrize("name", ["v4_round", "v4_sample", "v4_blank", "v5_beside", "v5_apart"])
def test_it_is_of_its_format_and_made_by_0_2_0(name: str, tmp_path: Path) -> None:
    with duckdb.connect(str(kept_store(name, tmp_path)), read_only=True) as connection:
        # What came between 0.2.0 and 0.3 had no number of its own.
        assert connection.execute("SELECT format, mujun_version FROM store").fetchall() == [(int(name[1]), "0.2.0")]


def test_the_two_of_format_5_keep_the_bytes_of_runs_in_its_two_places(tmp_path: Path) -> None:
    for name, beside, apart in (("v5_beside", 8, []), ("v5_apart", 0, ["run_1", "run_2"])):
        with duckdb.connect(str(kept_store(name, tmp_path)), read_only=True) as connection:
            assert connection.execute("SELECT count(parquet), count(*) FROM run_table").fetchall() == [(beside, 8)]
            tables = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'kept' ORDER BY ALL"
            assert [t for (t,) in connection.execute(tables).fetchall()] == apart


def test_the_round_has_something_of_everything(tmp_path: Path) -> None:
    path = kept_store("v4_round", tmp_path)
    assert counts(path, "run", "list_document", "event", "issue", "records.usage", "records.aliases") == {
        "run": 2, "list_document": 2, "event": 35, "issue": 2, "records.usage": 8, "records.aliases": 1,
    }  # fmt: skip
    held = counts(path, "records.matches", "records.surveys", "quarantine.emissions", "finding")
    assert all(held.values()), held
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT number FROM run WHERE final").fetchall() == [(2,)]
        assert {k for (k,) in connection.execute("SELECT kind FROM issue").fetchall()} == {"survey", "confirmation"}
        assert connection.execute("SELECT count(*) FROM event WHERE revokes IS NOT NULL").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM batch WHERE reason = '企业异议'").fetchall() == [(1,)]
