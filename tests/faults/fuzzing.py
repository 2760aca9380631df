"""Many hostile cases, run in children that may die of them; the rest goes on."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

SLOWEST = 10.0
"""Seconds of the processor that a case may take: on a machine that others use, the clock says nothing of a case."""
WAITS = 300.0
"""Seconds by the clock after which a case that hardly computes waits for something that does not come."""
_START = 300.0


def processor_seconds(pid: int) -> float | None:
    """What a process has computed so far, all its threads together; `None` where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Patience:
    """How long a case may still go on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.begin()

    def begin(self) -> None:
        """A case begins."""
        self._computed, self._since = processor_seconds(self._pid), time.monotonic()

    def ended(self) -> str | None:
        """What is wrong, where a case has taken too long; nothing while it may go on."""
        now, waited = processor_seconds(self._pid), time.monotonic() - self._since
        # Where nobody counts (not on Linux), the clock has to do.
        used = waited if now is None or self._computed is None else now - self._computed
        if used > SLOWEST:
            return f"{used:.0f} s of the processor and no end"
        return f"silent for {waited:.0f} s" if waited > WAITS else None


@dataclass
class Figures:
    """What became of the cases of a kind."""

    kind: str
    cases: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    peak: int = 0

    def lines(self) -> list[str]:
        """As text, a line per outcome and per fault."""
        peak = f", at most {self.peak / 2**20:.0f} MB" if self.peak else ""
        head = f"{self.kind}: {self.cases} cases in {self.seconds:.0f} s, {len(self.faults)} faults{peak}"
        return [
            head,
            *(f"  {what}: {n}" for what, n in self.outcomes.most_common()),
            *(f"  ! {f}" for f in self.faults),
        ]


def fuzzed(kind: str, seed: int, count: int, *, least_seconds: float = 0.0) -> Figures:
    """Run `count` cases of a kind.

    Args:
        kind: as `child` knows it: `files`, `binary`, `rules` or `workbooks`.
        seed: of the mutator.
        count: how many cases.
        least_seconds: a budget; when it is used up no further case begins. 0 for none.
    """
    found, begun, first = Figures(kind), time.monotonic(), 0
    while first < count and not (least_seconds and time.monotonic() - begun > least_seconds):
        first = _some(found, kind, seed, first, min(count, first + 500))
    found.seconds = time.monotonic() - begun
    return found


def _some(found: Figures, kind: str, seed: int, first: int, last: int) -> int:
    """Cases in one child; gives the number to go on with."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.child", kind, str(seed), str(first), str(last)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert child.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()

    def pump(stream: object) -> None:
        for line in stream:  # type: ignore[attr-defined]
            lines.put(line)
        lines.put(None)

    threading.Thread(target=pump, args=(child.stdout,), daemon=True).start()
    errors: list[str] = []
    threading.Thread(target=lambda: errors.extend(child.stderr or ()), daemon=True).start()
    number, wait = first, _START
    patience = Patience(child.pid)
    running = False
    try:
        while True:
            try:
                line = lines.get(timeout=wait)
            except queue.Empty:
                wrong = patience.ended() if running else f"silent for {wait:.0f} s"
                if wrong is None:
                    continue
                found.cases += 1
                found.faults.append(f"{kind} {seed}/{number}: {wrong}")
                return number + 1
            if line is None:
                if running or (number < last and child.wait() != 0):
                    found.cases += 1
                    found.faults.append(f"{kind} {seed}/{number}: ended with {child.wait()}: {''.join(errors)[-300:]}")
                    return number + 1
                return last
            said = json.loads(line)
            if "begin" in said:
                number, wait, running = said["begin"], SLOWEST / 4, True
                patience.begin()
                continue
            running, wait = False, _START
            found.cases += 1
            found.peak = max(found.peak, said["peak"])
            outcome = said["outcome"]
            if outcome.startswith("FAULT"):
                found.faults.append(f"{kind} {seed}/{number}: {outcome}")
            else:
                found.outcomes[outcome] += 1
            number += 1
    finally:
        child.kill()
        child.wait()
