"""Drafts: what is being written lies beside its place under a name that nobody can foresee."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat as kinds
import time
from pathlib import Path

from mujun.writing.in_use import identity

_NAME = re.compile(r"\.mujun-[0-9a-f]{16}\.part(\.wal)?")
_OLD = 24 * 3600.0
"""Seconds after which a draft has been left by a command that was killed."""

_cleared: set[tuple[int, int]] = set()
_made: set[Path] = set()
"""Drafts of this process; most of them have become what they were for."""


def draft_beside(path: Path) -> Path:
    """A new draft's place, in the folder of what it will become: short, whatever the name of that is."""
    clear_old_drafts(path.parent)
    draft = path.with_name(f".mujun-{os.urandom(8).hex()}.part")
    _made.add(draft)
    return draft


def drafts_dropped() -> None:
    """Remove what this process has begun and not put in its place: tidying up may itself have been interrupted."""
    while _made:
        draft = _made.pop()
        with contextlib.suppress(OSError):
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                draft.unlink()


def clear_old_drafts(folder: Path) -> None:
    """Remove what killed commands left in a folder; once for each folder and process."""
    try:
        same = identity(folder.stat())
    except OSError:
        return
    if same not in _cleared:
        _cleared.add(same)
        drafts_cleared(folder)


def drafts_cleared(folder: Path, *, older_than: float = _OLD) -> int:
    """Remove old drafts of a folder; nothing else, and no link.

    Args:
        folder: where they lie.
        older_than: seconds since a draft was last written to.

    Returns:
        How many there were.
    """
    count, now = 0, time.time()
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not _NAME.fullmatch(entry.name):
                continue
            with contextlib.suppress(OSError):
                stat = entry.stat(follow_symlinks=False)
                if now - stat.st_mtime < older_than:
                    continue
                if kinds.S_ISDIR(stat.st_mode):
                    shutil.rmtree(entry.path, ignore_errors=True)
                elif kinds.S_ISREG(stat.st_mode):
                    Path(entry.path).unlink()
                count += 1
    return count
