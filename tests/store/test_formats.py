"""What the fixture stores of earlier formats hold, so that tests of upgrades prove something."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.store.given import kept_store


def counts(path: Path, *tables: str) -> dict[str, int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return {t: connection.execute(f"SELECT count(*) FROM {t}").fetchall()[0][0] for t in tables}


@pytest.mark.parametrize("name", ["v4_round", "v4_sample", "v4_blank"])
def test_it_is_of_format_4_and_made_by_0_2_0(name: str, tmp_path: Path) -> None:
    with duckdb.connect(str(kept_store(name, tmp_path)), read_only=True) as connection:
        assert connection.execute("SELECT format, mujun_version FROM store").fetchall() == [(4, "0.2.0")]


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
