"""Whole processes on counties of any size: `python benchmarks/processes.py [--firms 3000,100000] [--json FILE]`.

Each command is started anew, in turns, after one run that does not count. Told are the median of the processor seconds
of each process (user and system, as the operating system accounts them) with the least and the most, its peak memory,
and the median as a multiple of the least that any such process takes: Python that imports Polars and DuckDB and opens
the store. What writes does so on a copy of the store. Seconds depend on the machine; the multiples mean more.

`--rows 1000000` measures the loading of a tax office's file of so many rows in GB18030 into a new store as well, beside
a bare process that reads, casts and inserts it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).parent.parent
YEAR, RULES = 2022, "zhejiang/shengzhou-2022"

BARE = "import polars, duckdb, sys; duckdb.connect(sys.argv[1], read_only=True).close()"
FRAME = f"import sys; from mujun import County; County(sys.argv[1]).data.frame({YEAR})"
BARE_WORKBOOK = """
import sys, polars, xlsxwriter
from mujun import County
rows = County(sys.argv[1]).runs.export("ratings", run=1).rows
cells = [[str(v) if isinstance(v, list) else v for v in row] for row in rows.iter_rows()]
with xlsxwriter.Workbook(sys.argv[2], {"constant_memory": True}) as book:
    sheet = book.add_worksheet()
    for number, row in enumerate(cells):
        sheet.write_row(number, 0, row)
"""

AS_GB18030 = """
import sys
from pathlib import Path
from benchmarks.reading import tax_rows
tax_rows(int(sys.argv[2])).write_csv(sys.argv[1])
Path(sys.argv[1]).write_text(Path(sys.argv[1]).read_text(encoding="utf-8"), encoding="gb18030")
"""
BARE_LOAD = """
import sys, duckdb, polars as pl
rows = pl.read_csv(sys.argv[1], infer_schema_length=0, encoding="gb18030")
of_yuan = pl.lit("0.0001").cast(pl.Decimal(18, 6))
rows = rows.with_columns(pl.col(rows.columns[2:]).cast(pl.Decimal(18, 6)) * of_yuan)
with duckdb.connect(sys.argv[2]) as connection:
    connection.execute("SET threads = 2")
    connection.register("given", rows)
    connection.execute("CREATE TABLE tax AS SELECT * FROM given")
    connection.execute("CHECKPOINT")
"""


@dataclass(frozen=True)
class Taken:
    """What a command took: processor seconds of each start, the highest peak of memory in MB."""

    firms: int
    command: str
    seconds: tuple[float, ...]
    memory: int
    bare: float

    @property
    def told(self) -> str:
        """A line of the table."""
        middle = median(self.seconds)
        spread = f"{min(self.seconds):.2f}–{max(self.seconds):.2f}"
        return (
            f"| {self.firms:,} | {self.command} | {middle:.2f} ({spread}) | {self.memory} | {middle / self.bare:.1f} |"
        )


def process(command: Sequence[str]) -> tuple[float, int]:
    """Processor seconds of a process from its start to its end, and its peak memory in MB; what it says is thrown away.

    Raises:
        RuntimeError: it failed.
    """
    begun = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}
    )
    _, status, used = os.wait4(begun.pid, 0)
    if status:
        raise RuntimeError(f"{command} ended with {status}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def commands(store: Path, firm: str, folder: Path) -> dict[str, list[str]]:
    """What is measured, by its name."""
    mujun = [sys.executable, "-m", "mujun", "--db"]
    here = [*mujun, str(store)]
    return {
        "bare": [sys.executable, "-c", BARE, str(store)],
        "--help": [*here, "--help"],
        "runs list": [*here, "runs", "list"],
        "show": [*here, "show", firm],
        "explain": [*here, "explain", firm],
        "rate": [*mujun, str(folder / "copy.duckdb"), "rate", "--rules", RULES, "--year", str(YEAR)],
        "frame": [sys.executable, "-c", FRAME, str(store)],
        "bare workbook": [sys.executable, "-c", BARE_WORKBOOK, str(store), str(folder / "bare.xlsx")],
        "export": [*here, "export", "ratings", "--run", "1", "-o", str(folder / "ratings.xlsx")],
    }


def measured(store: Path, firms: int, turns: int, only: Sequence[str]) -> list[Taken]:
    """Every command on a store, or some of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = {n: c for n, c in commands(store, FIRM, folder).items() if n == "bare" or not only or n in only}
        times: dict[str, list[tuple[float, int]]] = {n: [] for n in asked}
        for turn in range(turns + 1):
            for command, words in asked.items():
                if command == "rate":
                    shutil.copy(store, folder / "copy.duckdb")
                used = process(words)
                if turn:
                    times[command].append(used)
        least = median(seconds for seconds, _ in times["bare"])
        return [
            Taken(firms, n, tuple(s for s, _ in several), max(m for _, m in several), least)
            for n, several in times.items()
        ]


def loading(rows: int, turns: int, folder: Path) -> list[Taken]:
    """A file of so many rows in GB18030 loaded into a new store, beside the bare reading and inserting."""
    file = folder / f"2022年税收_{rows}.csv"
    if not file.exists():
        process([sys.executable, "-c", AS_GB18030, str(file), str(rows)])
    times: dict[str, list[tuple[float, int]]] = {"bare load": [], "load": []}
    with tempfile.TemporaryDirectory() as name:
        for turn in range(turns + 1):
            store = Path(name) / f"{turn}.duckdb"
            bare, ours = [sys.executable, "-c", BARE_LOAD, str(file)], [sys.executable, "-m", "mujun", "--db"]
            of_turn = {
                "bare load": process([*bare, f"{store}.bare"]),
                "load": process([*ours, str(store), "load", str(file), "--year", "2022", "--table", "tax"]),
            }
            for command, used in of_turn.items():
                if turn:
                    times[command].append(used)
    least = median(seconds for seconds, _ in times["bare load"])
    return [Taken(rows, n, tuple(s for s, _ in of), max(m for _, m in of), least) for n, of in times.items()]


FIRM = "91330683MA00001003"
"""A firm of every such county: the hundredth code of the first repetition."""


def main() -> None:
    """Make the counties that are not there yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", default="3000,100000", help="sizes of counties")
    parser.add_argument("--years", type=int, default=2, help="years in the store")
    parser.add_argument("--turns", type=int, default=5, help="how often each command is started")
    parser.add_argument("--only", default="", help="commands, with commas between them")
    parser.add_argument("--rows", type=int, help="rows of a file that is loaded as well")
    parser.add_argument("--folder", type=Path, help="where the counties' stores are and stay")
    parser.add_argument("--json", type=Path, help="where the figures go as well")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="mujun-processes-"))
    folder.mkdir(parents=True, exist_ok=True)
    every: list[Taken] = []
    print("| firms | command | processor, s | peak, MB | × bare |\n| --- | --- | --- | --- | --- |")
    for size in (int(s) for s in given.firms.split(",") if s):
        store = folder / f"{size}_{given.years}.duckdb"
        if not store.exists():
            # Memory counts from the parent on: this process stays small.
            process([sys.executable, "-m", "benchmarks.large_county", str(store), str(size), str(given.years)])
        for taken in measured(store, size, given.turns, [c for c in given.only.split(",") if c]):
            every.append(taken)
            print(taken.told, flush=True)
    if given.rows is not None:
        for taken in loading(given.rows, given.turns, folder):
            every.append(taken)
            print(taken.told, flush=True)
    if given.json is not None:
        _write(given.json, [{**asdict(t), "years": given.years} for t in every])


def _write(file: Path, rows: Sequence[Mapping[str, object]]) -> None:
    file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
