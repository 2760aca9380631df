"""Ctrl-C: once is enough, and as often as it is pressed the command ends in the same way."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

PATIENCE = 2.0
"""Seconds that a command has for leaving nothing half-written; pressed again after them, it is interrupted again."""


class Interruption:
    """Whether somebody has pressed Ctrl-C, and what happens then."""

    def __init__(self) -> None:
        self.happened = False
        self.over = False
        """Whether the command is ending by itself, so that nothing is left to be interrupted."""
        self._since = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """What the signal calls.

        Raises:
            KeyboardInterrupt: the first time, and where the command has not ended some seconds later.
        """
        now = time.monotonic()
        if self.over or (self.happened and now - self._since < PATIENCE):
            # Tidying up is not to be broken off: libraries would say that they were closed while they write.
            return
        self.happened, self._since = True, now
        raise KeyboardInterrupt


@contextlib.contextmanager
def interruptible(*, kept: bool) -> Iterator[Interruption]:
    """Within the block Ctrl-C is heard here, unless somebody else listens to it already.

    Args:
        kept: whether that holds after the block as well, for a process that is about to end.
    """
    interruption = Interruption()
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, interruption)
    try:
        yield interruption
    finally:
        interruption.over = True
        if ours and not kept:
            signal.signal(signal.SIGINT, signal.default_int_handler)
