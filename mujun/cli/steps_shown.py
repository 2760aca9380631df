"""The step in work on a terminal: one line that is written over, from the first second on; nothing in a pipe."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import field, replace
from typing import Any, TextIO, cast

from mujun import messages
from mujun.dataclass import dataclass
from mujun.reports.drawing.terminal import fitted, width
from mujun.steps import Step, listened

AFTER = 1.0
"""Seconds without a word before anything is shown: what is quicker needs no telling."""

EVERY = 0.25
"""Seconds between two looks."""

WIDEST = 78
"""Columns of the line at most; a narrower terminal takes what fits, for what is broken cannot be written over."""

LEAST = 12
"""Columns that are left to a file's name where the line is too long."""

WORKING = Step("step_working")
"""What stands there where nothing is said of what is done."""


@contextlib.contextmanager
def steps_shown(stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Within the block the step in work stands on the terminal, with its share, its rate and the seconds gone.

    Whatever is printed meanwhile takes the place of the line, which comes back below it when the work goes on.

    Args:
        stream: where it stands; the standard error if not said.
        clock: the seconds.
    """
    screen = sys.stderr if stream is None else stream
    if not screen.isatty():
        yield
        return
    line = Line(screen, clock)
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(EVERY):
            line.draw()

    # Work that lasts is within Polars, DuckDB or a library, where nobody comes by to draw.
    # A thread begins without what was chosen, such as the language.
    drawer = threading.Thread(target=copy_context().run, args=(keep,), name="steps", daemon=True)
    printed, said = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast("TextIO", Printed(printed, line)), cast("TextIO", Printed(said, line))
    drawer.start()
    try:
        with listened(line.take):
            yield
    finally:
        sys.stdout, sys.stderr = printed, said
        ended.set()
        drawer.join()
        line.clear()


class Printed:
    """A stream in front of another that wipes out the line before anything is written."""

    def __init__(self, stream: TextIO, line: Line) -> None:
        self._stream = stream
        self._line = line

    def write(self, text: str) -> int:
        """Write a text where the line stood."""
        with self._line.gone(text):
            written = self._stream.write(text)
            self._stream.flush()
        return written

    def fileno(self) -> int:
        """None to be had: click would write to a Windows console past this stream."""
        raise io.UnsupportedOperation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@dataclass
class Line:
    """The line on the screen: what is in work, since when, and what stands there."""

    screen: TextIO
    clock: Callable[[], float]
    quiet: float = field(init=False)
    since: float = field(init=False)
    counted: float | None = None
    """Since when rows are counted."""
    told: float = 0.0
    """When it was last told how many they are: what is counted once would seem ever slower by a clock that runs on."""
    step: Step = WORKING
    stands: str = ""
    broken: bool = False
    """Whether what was printed last did not end its line: whoever is asked something answers there."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.quiet = self.since = self.clock()

    def take(self, step: Step) -> None:
        """A step begins, or goes on."""
        with self._lock:
            now = self.told = self.clock()
            if step.rows == 0:
                # A sheet after another of the same file counts its own rows.
                self.counted = self.since = now
            elif self.step.file != step.file:
                self.counted = None
            if (self.step.key, self.step.file) != (step.key, step.file):
                self.since = now
            before = self.step.share
            if step.share is not None and before is not None and before > step.share:
                # Work that is done twice does not take back what is done.
                step = replace(step, share=before)
            self.step = step
            self.broken = False

    def draw(self) -> None:
        """Write the line, if the work has lasted long enough."""
        with self._lock:
            now = self.clock()
            if self.broken or now - self.quiet < AFTER:
                return
            counting = None if self.counted is None else self.told - self.counted
            text = worded(self.step, now - self.since, self._columns(), counting)
            if text != self.stands:
                self._write(text)

    def clear(self) -> None:
        """Leave the screen as it was."""
        with self._lock:
            if self.stands:
                self._write("")

    @contextlib.contextmanager
    def gone(self, text: str) -> Iterator[None]:
        """Within the block, which prints a text, the line is gone; what was in work before is over then."""
        with self._lock:
            self.clear()
            yield
            if text:
                self.step = WORKING
                self.quiet = self.since = self.clock()
                self.broken = not text.endswith("\n")

    def _columns(self) -> int:
        try:
            columns = os.get_terminal_size(self.screen.fileno()).columns
        except (OSError, ValueError):
            columns = 0  # no terminal of the system's
        # The last column stays free: some terminals break the line when it is taken.
        return min(WIDEST, columns - 1) if columns > 1 else WIDEST

    def _write(self, text: str) -> None:
        self.screen.write("\r" + text + " " * max(0, width(self.stands) - width(text)) + ("" if text else "\r"))
        self.screen.flush()
        self.stands = text


def worded(step: Step, seconds: float, columns: int = WIDEST, counting: float | None = None) -> str:
    """A step as it stands on the screen: its share first and the seconds last, which stay in sight where it is cut.

    Args:
        step: the step.
        seconds: since it began.
        columns: of the line, at most.
        counting: in how many seconds its rows were counted, if they were.

    >>> messages.set_language("en")
    >>> worded(Step("step_writing_rows", {}, "A.xlsx", 0.5, 50_000), 4.0, counting=4.0)
    ' 50 % A.xlsx: writing rows, 12,500 rows a second, 4 s'
    >>> worded(Step("step_writing_rows", {}, "Tax of the year 2022.xlsx", 0.5), 4.0, 38)
    ' 50 % Tax of th…: writing rows, 4 s'
    >>> messages.set_language(None)
    """
    share = "" if step.share is None else f"{int(100 * step.share):3} % "
    said = messages.text(step.key, **step.values)
    if step.rows and counting is not None and counting >= AFTER:
        said = messages.text("step_rate", step=said, rate=f"{step.rows / counting:,.0f}")
    text = messages.text("step_of_file", file=step.file, step=said) if step.file else said
    gone = messages.text("step_seconds", step="", seconds=f"{seconds:.0f}")
    room = columns - width(share) - width(gone)
    if step.file and width(text) > room:
        file = fitted(step.file, max(LEAST, room - width(text) + width(step.file)))
        text = messages.text("step_of_file", file=file, step=said)
    return fitted(share + fitted(text, max(room, 1)) + gone, columns)
