"""Folders that appear whole or not at all: bundles, rule sets."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from mujun.errors import InputError, Place, UsageError, problem
from mujun.writing.destinations import check_folder
from mujun.writing.drafts import draft_beside
from mujun.writing.why import unwritten


@contextlib.contextmanager
def folder_written(path: str | Path) -> Iterator[Path]:
    """A draft folder that takes the path's place only when the block has ended well.

    Args:
        path: where to; must not exist yet, or be an empty folder. Folders above it are made.

    Raises:
        UsageError: `output_folder_taken`, where something is there already.
        InputError: the folder cannot be written; what was begun is gone.
    """
    given = Path(path)
    target = given.absolute()
    check_folder(given)
    try:
        if os.path.lexists(target) and (not target.is_dir() or any(target.iterdir())):
            raise UsageError(problem("output_folder_taken", Place(file=str(given))))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = draft_beside(target)
        draft.mkdir()
        try:
            yield draft
            if target.is_dir() and not target.is_symlink():
                target.rmdir()
            draft.replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise unwritten(given, error) from error
    except InputError as error:
        if isinstance(error.__cause__, OSError):  # of a file in the draft, which is nobody's business
            raise unwritten(given, error.__cause__) from error
        raise
