"""The screen: what is written to it shows control characters instead of obeying them, and may have no reader."""

from __future__ import annotations

import errno
import io
import os
from typing import Any, TextIO

from mujun.messages.visible import visible


class Outlet:
    """A text stream in front of another whose reader may leave: `mujun … | head` has seen enough.

    What is written after that goes nowhere, and the command does what it was told to do: its files, its run and its
    status are the same whoever reads along.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._left(error)
            return len(text)

    def flush(self) -> None:
        """Have it go out."""
        try:
            self._stream.flush()
        except OSError as error:
            self._left(error)

    def _left(self, error: OSError) -> None:
        # Windows says of a pipe that nobody reads that the argument is invalid.
        if error.errno != errno.EPIPE and not (os.name == "nt" and error.errno == errno.EINVAL):
            raise error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Screen(Outlet):
    """The stream for results: documents, tables, JSON.

    What is said on the standard error is made of the catalogue's sentences, whose values are made visible when they are
    put in; the line that tells what is in work moves the cursor there.
    """

    def write(self, text: str) -> int:
        """Write a text, its control characters visible."""
        return super().write(visible(text))

    def fileno(self) -> int:
        """None to be had: click would write to a Windows console past this stream."""
        raise io.UnsupportedOperation
