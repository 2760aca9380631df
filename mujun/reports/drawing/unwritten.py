"""Why a file could not be written, in a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

from mujun.errors import InputError, Place, problem


def unwritten(path: Path, error: BaseException, otherwise: str) -> InputError:
    """The error of a file that could not be written.

    Args:
        path: the file that was asked for; drafts beside it are nobody's business.
        error: what happened; an `OSError`, or one that carries or merely describes it.
        otherwise: the problem's code where its folder is there, with a place for `{reason}`.
    """
    if not path.parent.is_dir():
        return InputError(problem("no_such_folder", Place(file=str(path)), folder=str(path.parent)))
    inner = next((e for e in (error, *error.args) if isinstance(e, OSError)), None)
    reason = inner.strerror if inner is not None and inner.strerror else str(error)
    return InputError(problem(otherwise, Place(file=str(path)), reason=reason))
