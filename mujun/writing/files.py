"""Files: complete in memory first, then on the disk beside their place, then in it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat as kinds
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mujun.writing.destinations import Target, target_of
from mujun.writing.drafts import draft_beside
from mujun.writing.held import held_now
from mujun.writing.in_use import note_written
from mujun.writing.settling import settle_open
from mujun.writing.why import unwritten

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@contextlib.contextmanager
def written(path: str | Path) -> Iterator[io.BytesIO]:
    """A stream in memory whose content becomes the file when the block has ended well.

    Libraries never see the path: some lose the error of a full disk, others leave files of their own behind.

    Args:
        path: where to; a file that stands there is replaced, keeps its permissions, and stays as it was when
            anything fails.

    Raises:
        UsageError, InputError: as of `target_of` and `write_bytes`.
    """
    target_of(path)
    stream = io.BytesIO()
    yield stream
    write_bytes(path, stream.getbuffer())


def write_text(path: str | Path, text: str, *, encoding: str = "utf-8") -> Path:
    """Write a text as a file, its line ends as they are.

    Raises:
        UsageError, InputError: as of `write_bytes`.
    """
    return write_bytes(path, text.encode(encoding))


def write_bytes(path: str | Path, data: bytes | memoryview) -> Path:
    """Write bytes as a file: all of them, or the place stays as it was; within `held_back`, beside its place.

    Args:
        path: where to; links are followed.
        data: the content.

    Returns:
        The path.

    Raises:
        UsageError: the place is none for a file; see `target_of`.
        InputError: the disk is full, the folder or medium read-only, the name too long, or the file held by another
            program; the sentence names `path`.
    """
    target = target_of(path)
    draft = draft_beside(target.real)
    try:
        try:
            held = held_now()
            _fill(draft, data, target, settled=held is None or not held.together)
            if held is not None:
                held.take(draft, target)
                return target.given
            draft.replace(target.real)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
        note_written(target.real.stat(), target.given)
    except OSError as error:
        raise unwritten(target.given, error) from error
    return target.given


def _fill(draft: Path, data: bytes | memoryview, target: Target, *, settled: bool) -> None:
    # O_EXCL: whatever stands under the draft's name, a link too, is an error and not followed.
    handle = os.open(draft, _NEW, 0o666)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
        if target.stands is not None:
            _keep_permissions(handle, target.stands)
        if settled:
            settle_open(handle)
    finally:
        os.close(handle)


def _keep_permissions(handle: int, stands: os.stat_result) -> None:
    if not hasattr(os, "fchmod"):
        return  # Windows: the folder's rules hold for what is in it
    with contextlib.suppress(PermissionError):
        # Only its owner's or a group's member may give a file to that group.
        os.fchown(handle, stands.st_uid, stands.st_gid)
    os.fchmod(handle, kinds.S_IMODE(stands.st_mode))


def copy_of(source: BinaryIO, draft: Path) -> None:
    """Copy an open file, from its beginning, to where nothing may stand yet."""
    source.seek(0)
    with draft.open("xb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
