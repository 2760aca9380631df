"""Where a file may be written: what stands there now, and whether it may be replaced."""

from __future__ import annotations

import os
import stat as kinds
from collections.abc import Iterable
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, UsageError, problem
from mujun.writing.in_use import identity, is_known_store, was_read, was_written
from mujun.writing.why import unwritten

_LOG = ".wal"
_MAGIC, _MAGIC_AT = b"DUCK", 8


@dataclass(frozen=True)
class Target:
    """A place where a file may be written.

    Attributes:
        given: the path that was asked for; what every message names.
        real: where it leads, links followed.
        stands: what stands there now, if anything does.
    """

    given: Path
    real: Path
    stands: os.stat_result | None


def target_of(path: str | Path) -> Target:
    """Look at a place before anything is computed for it, and again before it is written.

    Args:
        path: where a file is wanted.

    Raises:
        UsageError: it is a folder, a pipe or device, a store or its log, or a file that this command has read or
            written.
        InputError: its folder is missing, the file is write-protected, or the place cannot be looked at.
    """
    given = Path(path)
    place = Place(file=str(given))
    try:
        real = given.resolve(strict=False)
        stands: os.stat_result | None = real.stat()
    except FileNotFoundError:
        stands = None
    except RuntimeError:  # Python before 3.13 says so of links that lead to one another
        raise UsageError(problem("output_link_endless", place)) from None
    except OSError as error:
        raise unwritten(given, error) from error
    if real.is_symlink():
        raise UsageError(problem("output_link_endless", place))
    if not real.parent.is_dir():
        raise InputError(problem("no_such_folder", place, folder=str(given.parent if real == given else real.parent)))
    if real.name.lower().endswith(_LOG) and _is_store(real.with_name(real.name[: -len(_LOG)])):
        raise UsageError(problem("output_is_store_log", place))
    if stands is not None:
        _refuse(stands, real, place)
    return Target(given, real, stands)


def check_folder(path: str | Path) -> None:
    """Refuse a folder in the place of a store's log: the store could not be opened any more.

    Raises:
        UsageError: `output_is_store_log`.
    """
    real = Path(path).absolute()
    if real.name.lower().endswith(_LOG) and _is_store(real.with_name(real.name[: -len(_LOG)])):
        raise UsageError(problem("output_is_store_log", Place(file=str(path))))


def _refuse(stands: os.stat_result, real: Path, place: Place) -> None:
    if kinds.S_ISDIR(stands.st_mode):
        raise UsageError(problem("output_is_folder", place))
    if not kinds.S_ISREG(stands.st_mode):
        raise UsageError(problem("output_not_plain", place))
    if _is_store(real):
        raise UsageError(problem("output_is_store", place))
    if was_read(stands):
        raise UsageError(problem("output_was_read", place))
    if was_written(stands):
        raise UsageError(problem("output_twice", place))
    if not stands.st_mode & 0o222 or not os.access(real, os.W_OK):
        raise InputError(problem("output_protected", place))


def _is_store(path: Path) -> bool:
    try:
        stat = path.stat()
        if not kinds.S_ISREG(stat.st_mode):
            return False
        if is_known_store(stat):
            return True
        with path.open("rb") as file:
            return file.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] == _MAGIC
    except OSError:
        return False


def apart(outputs: Iterable[str | Path], inputs: Iterable[str | Path]) -> None:
    """Make sure that no output is an input, and no two outputs are one file, before anything is read.

    Args:
        outputs: files that are to be written.
        inputs: files that are to be read.

    Raises:
        UsageError: `output_was_read`, `output_twice`.
    """
    read = {identity for path in inputs if (identity := _sameness(path)) is not None}
    seen: set[tuple[int, int] | Path] = set()
    for path in outputs:
        same: tuple[int, int] | Path = _sameness(path) or Path(path).resolve()
        if same in read:
            raise UsageError(problem("output_was_read", Place(file=str(path))))
        if same in seen:
            raise UsageError(problem("output_twice", Place(file=str(path))))
        seen.add(same)


def _sameness(path: str | Path) -> tuple[int, int] | None:
    try:
        return identity(Path(path).stat())
    except (OSError, ValueError):
        return None
