"""What a killed upgrade leaves beside the store does not come into the next one."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import duckdb

from mujun.store.upgrades import upgrade
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
