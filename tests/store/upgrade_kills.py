"""Upgrades of a store of format 4 that are killed at any moment: the old file or the new one is there, whole.

python -m tests.store.upgrade_kills [HOW_MANY]      # 200 unless told; about a second and a half each
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb

from mujun.store import FORMAT, Store
from tests.store.given import kept_store

# One Python that has everything imported forks a child per upgrade: kills fall into upgrades, not into imports.
UPGRADING = """
import os, sys
from pathlib import Path
from mujun.store.upgrades import upgrade
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        upgrade(Path(line.rstrip()))
        os._exit(0)
    print(pid, flush=True)
    sys.stdin.readline()
    print(os.waitpid(pid, 0)[1], flush=True)
"""


def content(path: Path) -> dict[str, list[str]]:
    """Every row of every table that format 4 has, with what it says; a column that is new says nothing."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [
            f'{schema}."{table}"'
            for schema, table in connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() "
                "WHERE schema_name IN ('main', 'records', 'quarantine') AND table_name <> 'store' ORDER BY ALL"
            ).fetchall()
        ]
        return {n: sorted(_rows(connection, n)) for n in names}


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    rows = connection.execute(f"SELECT * FROM {table}")
    columns = [c[0] for c in rows.description or ()]
    for row in rows.fetchall():
        yield repr([(c, v) for c, v in zip(columns, row, strict=True) if v is not None])


def format_of(path: Path) -> int:
    """The format that the file says it has."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return int(connection.execute("SELECT format FROM store").fetchall()[0][0])


class Upgrader:
    """Starts upgrades and kills them."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", UPGRADING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def line(self) -> int:
        """The next number that it says."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def upgrade(self, path: Path, killed_after: float | None) -> bool:
        """Upgrade a store; whether that was killed before it ended."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        pid = self.line()
        if killed_after is not None:
            time.sleep(killed_after)
            # It is waited for only when the next line is written: the number cannot be another process's.
            os.kill(pid, signal.SIGKILL)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.line() != 0

    def end(self) -> None:
        """No more upgrades."""
        self.process.communicate()


def held_against(old: dict[str, list[str]], path: Path) -> None:
    """Whether a store still holds everything."""
    now = content(path)
    assert {t: now.get(t) for t in old} == old, [t for t in old if now.get(t) != old[t]]


def kills(name: str, times: int, seed: int) -> Counter[str]:
    """Kill an upgrade so many times and look at what is left; how often what was left."""
    moments, found = random.Random(seed), Counter[str]()
    upgrader = Upgrader()
    with tempfile.TemporaryDirectory() as folder:
        first = kept_store(name, Path(folder))
        old, old_bytes = content(first), first.read_bytes()
        began = time.monotonic()
        assert not upgrader.upgrade(first, None)
        takes = time.monotonic() - began
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            path = kept_store(name, Path(folder))
            after = moments.uniform(0, takes * 1.1)
            killed = upgrader.upgrade(path, after)
            told = f"seed {seed}, kill {number} after {after:.4f} of {takes:.4f} s"
            left = format_of(path)
            assert left in (4, FORMAT), told
            held_against(old, path)
            copy = path.with_name("county.v4.duckdb")
            if left == FORMAT:
                assert copy.read_bytes() == old_bytes, told
            drafts = any(p.name.endswith(".upgrade") for p in path.parent.iterdir())
            found[f"{'killed' if killed else 'ended'}, format {left}{', with a draft' if drafts else ''}"] += 1
            # Whoever works with it next notices nothing.
            Store.open(path, write=True).close()
            held_against(old, path)
            assert format_of(path) == FORMAT, told
            assert copy.read_bytes() == old_bytes, told
            assert {p.name for p in path.parent.iterdir()} <= {path.name, copy.name, ".county.duckdb.upgrading"}, told
    upgrader.end()
    return found


def main(times: int) -> None:
    """The long form."""
    seed = random.randrange(10**6)
    began = time.monotonic()
    for what, count in sorted(kills("v4_round", times, seed).items()):
        print(f"{count:5}  {what}")
    print(f"{times} kills in {time.monotonic() - began:.0f} s (seed {seed}): nothing lost")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
