"""The screen: what is written to it shows control characters instead of obeying them."""

from __future__ import annotations

import io
from typing import Any, TextIO

from mujun.messages.visible import visible


class Screen:
    """A text stream in front of another, for results: documents, tables, JSON.

    The standard error is not behind one: progress bars move the cursor there. What is said on it is made of the
    catalogue's sentences, whose values are made visible when they are put in.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, its control characters visible."""
        return self._stream.write(visible(text))

    def fileno(self) -> int:
        """None to be had: click would write to a Windows console past this stream."""
        raise io.UnsupportedOperation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
