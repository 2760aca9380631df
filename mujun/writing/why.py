"""Why a file could not be written, in a sentence that says what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from mujun.errors import InputError, Place, problem
from mujun.messages import MessageKey

_REASONS: dict[int, MessageKey] = {
    errno.ENOSPC: "output_disk_full",
    errno.EDQUOT: "output_disk_full",
    errno.EFBIG: "output_disk_full",
    errno.EROFS: "output_read_only_medium",
    errno.EACCES: "output_not_allowed",
    errno.EPERM: "output_not_allowed",
    errno.ENAMETOOLONG: "output_name_too_long",
    errno.ELOOP: "output_link_endless",
}
_HELD = (32, 33)
"""Windows: another program has the file open, or a part of it locked."""


def unwritten(path: Path, error: BaseException) -> InputError:
    """The error of a file that could not be written.

    Args:
        path: the file that was asked for; drafts beside it are nobody's business.
        error: what happened; an `OSError`, or one that carries or merely describes it.
    """
    place = Place(file=str(path))
    inner = next((e for e in (error, *error.args) if isinstance(e, OSError)), None)
    if inner is not None and getattr(inner, "winerror", None) in _HELD:
        return InputError(problem("output_held", place))
    if inner is not None and inner.errno in _REASONS:
        return InputError(problem(_REASONS[inner.errno], place))
    try:
        missing = not path.parent.is_dir()
    except OSError:
        missing = False
    if missing:
        return InputError(problem("no_such_folder", place, folder=str(path.parent)))
    reason = inner.strerror if inner is not None and inner.strerror else str(error)
    return InputError(problem("file_not_written", place, reason=reason))
