"""Names of what an upgrade puts beside a store for a while: the next upgrade knows them and takes away what is left."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

LONGEST = 255
"""Bytes of a file's name, on nearly every disk."""
_LOG = ".wal"


def hidden_beside(path: Path, ending: str) -> Path:
    """A file beside a store, by the store's name, which is made short where the two would be too long together.

    >>> hidden_beside(Path("mujun.duckdb"), ".upgrade").name, len(hidden_beside(Path("m" * 251), ".upgrade").name)
    ('.mujun.duckdb.upgrade', 31)
    """
    name = f".{path.name}{ending}"
    if len((name + _LOG).encode()) > LONGEST:
        name = f".mujun-{sha256(path.name.encode()).hexdigest()[:16]}{ending}"
    return path.with_name(name)
