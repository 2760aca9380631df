"""The step in work on a terminal: one line that is written over, from the first second on; nothing in a pipe."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from dataclasses import field
from typing import TextIO

from mujun import messages
from mujun.dataclass import dataclass
from mujun.reports.drawing.terminal import fitted, width
from mujun.steps import Step, listened

AFTER = 1.0
"""Seconds before anything is shown: what is quicker needs no telling."""

EVERY = 0.25
"""Seconds between two looks."""

WIDEST = 78
"""Columns of the line: a terminal that is narrower than usual breaks it, and what is broken cannot be written over."""


@contextlib.contextmanager
def steps_shown(stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Within the block the step in work stands on the terminal, with its share, its rate and the seconds gone.

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
    drawer.start()
    try:
        with listened(line.take):
            yield
    finally:
        ended.set()
        drawer.join()
        line.clear()


@dataclass
class Line:
    """The line on the screen: what is in work, since when, and what stands there."""

    screen: TextIO
    clock: Callable[[], float]
    begun: float = field(init=False)
    since: float = field(init=False)
    step: Step | None = None
    stands: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.begun = self.since = self.clock()

    def take(self, step: Step) -> None:
        """A step begins, or goes on."""
        with self._lock:
            if self.step is None or (self.step.key, self.step.file) != (step.key, step.file):
                self.since = self.clock()
            self.step = step

    def draw(self) -> None:
        """Write the line, if the work has lasted long enough."""
        with self._lock:
            now = self.clock()
            if self.step is None or now - self.begun < AFTER:
                return
            text = fitted(worded(self.step, now - self.since), WIDEST)
            if text != self.stands:
                self._write(text)

    def clear(self) -> None:
        """Leave the screen as it was."""
        with self._lock:
            if self.stands:
                self._write("")

    def _write(self, text: str) -> None:
        self.screen.write("\r" + text + " " * max(0, width(self.stands) - width(text)) + ("" if text else "\r"))
        self.screen.flush()
        self.stands = text


def worded(step: Step, seconds: float) -> str:
    """A step as it stands on the screen: its share first, which stays in sight where the line is cut.

    >>> messages.set_language("en")
    >>> worded(Step("step_writing_rows", {}, "A.xlsx", 0.5, 50_000), 4.0)
    ' 50 % A.xlsx: writing rows, 12,500 rows a second, 4 s'
    >>> messages.set_language(None)
    """
    share = "" if step.share is None else f"{int(100 * step.share):3} % "
    text = messages.text(step.key, **step.values)
    if step.file:
        text = messages.text("step_of_file", file=step.file, step=text)
    if step.rows and seconds >= AFTER:
        text = messages.text("step_rate", step=text, rate=f"{step.rows / seconds:,.0f}")
    return share + messages.text("step_seconds", step=text, seconds=f"{seconds:.0f}")
