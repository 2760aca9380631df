"""The table of aims, filled by one command: `python benchmarks/table.py [--folder FOLDER] [--json FILE]`.

Runs `run.py --heavy` and `processes.py`, each measurement in processes of its own, one after the other: an hour
on two cores, and six gigabytes for the ten million firms. `--without-engine` and `--without-processes` leave one out.
Seconds are processor seconds: of a machine that others use as well the clock says nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
SIZES = (3_000, 100_000)
LARGE = 400_000
ROWS = 1_000_000


@dataclass(frozen=True)
class Line:
    """A line of the table: what is done, what it takes, and what it is to take."""

    work: str
    now: str
    aim: str

    def __str__(self) -> str:
        return f"| {self.work} | {self.now} | {self.aim} |"


# -------------------------------------------------------------------------------------------------------- measurements


def measured(script: str, *arguments: str) -> Any:
    """What a script of this folder wrote as JSON; its own table goes to the standard error."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "figures.json"
        command = [sys.executable, str(HERE / script), *arguments, "--json", str(file)]
        around = os.environ | {"PYTHONPATH": str(HERE.parent)}
        subprocess.run(command, check=True, stdout=sys.stderr, env=around)
        return json.loads(file.read_text(encoding="utf-8"))


def of_processes(folder: Path, turns: int) -> list[dict[str, Any]]:
    """The whole processes: all commands on two counties and the loading of a file, the rating alone on a large one."""
    sizes = ",".join(map(str, SIZES))
    usual = measured(
        "processes.py", "--firms", sizes, "--rows", str(ROWS), "--turns", str(turns), "--folder", str(folder)
    )
    large = measured(
        "processes.py", "--firms", str(LARGE), "--only", "rate", "--turns", "1", "--folder", str(folder)
    )  # fmt: skip
    return [*usual, *large]


# --------------------------------------------------------------------------------------------------------------- lines


def engine_lines(figures: Mapping[str, Any]) -> Iterator[Line]:
    """What the engine takes, against plans by hand."""

    def ratio(size: int, name: str) -> str:
        told = figures[f"{size}: {name}"]
        return f"{told['median']:.2f} ({told['least']:.2f}–{told['most']:.2f})"

    for size, aim in ((1_000_000, "1.3"), (100_000, "1.5"), (10_000, "2")):
        yield Line(f"rate {size:,} firms / the tuned plan by hand", ratio(size, "six / tuned Polars"), f"≤ {aim}")
    yield Line("rate 1,000,000 firms / DuckDB", ratio(1_000_000, "six / DuckDB"), "≤ 0.4")
    for size in (1_000_000, 100_000):
        work = f"two cohorts, a scope and a rule, {size:,} / a plain plan"
        yield Line(work, ratio(size, "two cohorts / plain Polars"), "≤ 2")
    ten = figures["ten million"]
    yield Line(
        "rate 10,000,000 firms / 1,000,000",
        f"{ten['times one million']:.1f}, {ten['peak GB']:.1f} GB",
        "≤ 11, ≤ 5.5 GB",
    )
    yield Line("200 rules, 40 indicators / six", ratio(1_000_000, "200 rules, 40 indicators / six"), "≤ 6")


def process_lines(taken: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """What whole processes take, by processor seconds."""
    by_name = {(t["firms"], t["command"]): t for t in taken}
    small, usual = SIZES

    def seconds(size: int, command: str) -> float:
        return float(median(by_name[size, command]["seconds"]))

    def several(command: str) -> str:
        return " / ".join(f"{seconds(size, command):.2f}" for size in SIZES) + " s"

    def memory(size: int, command: str) -> str:
        return f"{by_name[size, command]['memory']:,} MB"

    yield Line(f"`rate`, {small:,} / {usual:,} firms", f"{several('rate')}, {memory(usual, 'rate')}", "≤ 1.1 / 2.5 s")
    for command, aim in (("explain", "1.0 / 1.5 s"), ("show", "1.0 / 1.5 s")):
        yield Line(f"`{command}` one firm", several(command), f"≤ {aim}")
    yield Line(
        f"`frame` of {usual:,} firms", f"{seconds(usual, 'frame'):.2f} s, {memory(usual, 'frame')}", "≤ 0.8 s, 400 MB"
    )
    times = seconds(ROWS, "load") / seconds(ROWS, "bare load")
    yield Line(
        f"`load` of {ROWS:,} rows in GB18030 / bare read and insert",
        f"{times:.2f}, {memory(ROWS, 'load')}",
        "≤ 4, ≤ 600 MB",
    )
    times = seconds(usual, "export") / seconds(usual, "bare workbook")
    yield Line(
        f"`export` ratings of {usual:,} firms, .xlsx / the library alone",
        f"{times:.2f}, {memory(usual, 'export')}",
        "≤ 2, ≤ 400 MB",
    )
    yield Line("`--help`, `runs list`", f"{seconds(small, '--help'):.2f}, {seconds(small, 'runs list'):.2f} s",
               "≤ 0.2, 0.4 s")  # fmt: skip
    yield Line(f"peak memory of `rate`, {LARGE:,} firms", memory(LARGE, "rate"), "≤ 1,500 MB")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the counties' stores are and stay")
    parser.add_argument("--turns", type=int, default=3, help="how often each process is started")
    parser.add_argument("--without-engine", action="store_true")
    parser.add_argument("--without-processes", action="store_true")
    parser.add_argument("--json", type=Path, help="where the figures go as well")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="mujun-table-"))
    figures: dict[str, Any] = {}
    lines: list[Line] = []
    if not given.without_engine:
        figures["engine"] = measured("run.py", "--heavy")
        lines += engine_lines(figures["engine"])
    if not given.without_processes:
        figures["processes"] = of_processes(folder, given.turns)
        lines += process_lines(figures["processes"])
    print("| work | now | aim |\n| --- | --- | --- |")
    print("\n".join(map(str, lines)))
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
