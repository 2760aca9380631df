"""What a killed upgrade leaves beside the store does not come into the next one."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import duckdb
import pytest

from mujun.store import Store
from mujun.store.upgrades import readable_copy, upgrade
from tests.store.given import kept_store


def test_the_log_of_a_killed_draft_is_not_replayed(tmp_path: Path) -> None:
    """A draft was killed after its transaction had come into its log: the log alone made the next upgrade fail."""
    path = kept_store("v4_blank", tmp_path)
    draft = tmp_path / f".{path.name}.upgrade"
    log = tmp_path / f".{path.name}.upgrade.wal"
    shutil.copy(path, draft)
    with contextlib.closing(duckdb.connect(str(draft))) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("CREATE TABLE layout (format INTEGER)")
        assert log.exists()
        kept = log.read_bytes()
    log.write_bytes(kept)
    done = upgrade(path)
    assert done is not None
    assert not draft.exists()
    assert not log.exists()


@pytest.mark.parametrize("stem", ["县" * 79, "m" * 244], ids=["Chinese", "Latin"])
def test_a_store_whose_name_is_as_long_as_a_name_may_be(tmp_path: Path, stem: str) -> None:
    # 244 and 251 bytes with the ending: the draft's name was longer than the disk takes, and the message showed it.
    path = tmp_path / f"{stem}.duckdb"
    kept_store("v4_round", tmp_path).rename(path)
    before = path.read_bytes()
    copy, new = readable_copy(path)
    assert (new, copy.exists(), path.read_bytes() == before) == (True, True, True)
    done = upgrade(path)
    assert done is not None
    assert done.kept.read_bytes() == before
    assert ".v4" in done.kept.name
    assert {p.name for p in tmp_path.iterdir()} == {path.name, done.kept.name}
    Store.open(path, write=True).close()
