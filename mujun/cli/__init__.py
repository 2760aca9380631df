"""The command line: one file per command group; nothing is computed here."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mujun.cli.interruption import Interruption

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process with 0 done, 1 could not be done, 2 wrong usage.

    Args:
        arguments: those of the process unless told; then the process is the command's own, and is left with it.
    """
    from mujun.cli.interruption import interruptible

    with interruptible(kept=arguments is None) as interruption:
        _main(arguments, interruption)


def _main(arguments: list[str] | None, interruption: Interruption) -> None:
    # A tenth of a short command would go into looking for garbage among what it loads.
    gc.set_threshold(200_000, 50, 100)
    status: list[int] = []
    if arguments is None:
        # What is registered first is called last.
        atexit.register(_leave, status)
    try:
        try:
            from mujun.cli import entry

            entry.main(arguments, interruption)
        except BaseException as error:
            if not interruption.happened or isinstance(error, SystemExit):
                raise
            # Before the command began, while it was loaded: loading says of an interruption what it likes.
            from mujun.cli import entry

            sys.exit(entry.broken_off(arguments))
    except SystemExit as ended:
        status += [ended.code] if isinstance(ended.code, int) else []
        raise


def _leave(status: list[int]) -> None:
    """End the process without taking apart what it loaded, piece by piece: a tenth of a short command went into that.

    Threads have ended by now, and whatever else wanted to be called at the end has been.
    """
    if not status:
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (AttributeError, OSError, ValueError):
        # There is no such stream, or nobody reads it any more: Python ends in its own way, and says so.
        return
    os._exit(status[0])
