"""Whole processes that answer about one firm, on the sample county's store. `python benchmarks/one_firm.py STORE`.

Each command is started anew, in turns, after one run that does not count. Told are the medians of the processor seconds
of each process (user and system, as the operating system accounts them) with the least and the most, and as a ratio to
the least that any such process takes: Python that imports Polars and DuckDB and opens the store.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).parent.parent
BARE = "import polars, duckdb, sys; duckdb.connect(sys.argv[1], read_only=True).close()"


def seconds(command: list[str]) -> float:
    """Processor seconds of a process from its start to its end; what it says is thrown away.

    Raises:
        RuntimeError: it failed.
    """
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command} ended with {status}")
    return used.ru_utime + used.ru_stime


def commands(store: Path, firm: str) -> dict[str, list[str]]:
    """What is measured, by its name."""
    mujun = [sys.executable, "-m", "mujun", "--db", str(store)]
    return {
        "bare": [sys.executable, "-c", BARE, str(store)],
        "--help": [*mujun, "--help"],
        "runs list": [*mujun, "runs", "list"],
        "show": [*mujun, "show", firm],
        "explain": [*mujun, "explain", firm],
    }


def main() -> None:
    """Print a line per command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, help="a store with a rating, such as `mujun demo` makes")
    parser.add_argument("--firm", default="91330683XXXX223225", help="the firm that is asked about")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is started")
    given = parser.parse_args()
    asked = commands(given.store, given.firm)
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(given.runs + 1):
        for name, command in asked.items():
            used = seconds(command)
            if turn:
                taken[name].append(used)
    least = median(taken["bare"])
    for name, several in taken.items():
        spread = f"{min(several):.2f}–{max(several):.2f}"
        print(f"{name:<10} {median(several):5.2f} s ({spread}), {median(several) / least:.1f} × bare")


if __name__ == "__main__":
    main()
