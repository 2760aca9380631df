"""Reading and checking department files against a bare read: `python benchmarks/reading.py`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import xlsxwriter

sys.path.insert(0, str(Path(__file__).parent.parent))

import mujun

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
HEADER = ("统一社会信用代码", "企业名称", "实缴税金（元）", "退税（元）", "减免抵税（元）", "城镇土地使用税（元）")


def codes(size: int) -> pl.Series:
    """That many credit codes, each right by its check character (GB 32100-2015), of no real firm."""
    numbers = np.arange(size)
    prefix = np.tile(np.array([9, 1, 3, 3, 0, 6, 8, 3]), (size, 1))
    digits = np.hstack([prefix, (numbers[:, None] // 10 ** np.arange(8, -1, -1)) % 10])
    weights = np.array([pow(3, i, 31) for i in range(17)], dtype=np.int64)
    last = (-(digits @ weights)) % 31
    checks = np.array(list(_CHARACTERS))[last]
    return pl.Series([f"91330683{n:09d}{check}" for n, check in enumerate(checks)])


def tax_rows(size: int, seed: int = 1) -> pl.DataFrame:
    """A tax office's figures, in 元 and 分, a tenth of the refunds blank."""
    chance = np.random.default_rng(seed)
    fen = chance.integers(0, 900_000_000, size=(size, 4))
    columns = {name: pl.Series(fen[:, i]).cast(pl.Decimal(18, 0)) for i, name in enumerate(HEADER[2:])}
    frame = pl.DataFrame({HEADER[0]: codes(size), HEADER[1]: [f"示例{n:07d}厂" for n in range(size)], **columns})
    hundredth = pl.lit("0.01").cast(pl.Decimal(18, 2))
    frame = frame.with_columns((pl.col(name).cast(pl.Decimal(18, 2)) * hundredth).alias(name) for name in HEADER[2:])
    blank = pl.Series(chance.random(size) < 0.1)
    return frame.with_columns(pl.when(blank).then(None).otherwise(pl.col(HEADER[3])).alias(HEADER[3]))


def as_csv(size: int, folder: Path) -> Path:
    """The rows as a UTF-8 text file."""
    path = folder / "2022年税收.csv"
    tax_rows(size).write_csv(path)
    return path


def as_workbook(size: int, folder: Path) -> Path:
    """The rows as a workbook, with a title above and the total below."""
    path = folder / "2022年税收.xlsx"
    frame = tax_rows(size)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("税收")
        sheet.write(0, 0, "2022年度工业企业税收情况表")
        sheet.write_row(1, 0, HEADER)
        for r, row in enumerate(frame.rows()):
            sheet.write_row(r + 2, 0, [v if isinstance(v, str) or v is None else float(v) for v in row])
        sums = [float(frame[name].sum() or 0) for name in HEADER[2:]]
        sheet.write_row(size + 2, 0, ["合计", None, *sums])
    return path


def bare(path: Path, store: Path) -> int:
    """What is least to be done: Polars reads and casts, DuckDB takes the rows. The number of rows."""
    ten_thousandth = pl.lit("0.0001").cast(pl.Decimal(18, 6))
    frame = pl.read_csv(path, infer_schema_length=0).with_columns(
        (pl.col(name).cast(pl.Decimal(18, 6)) * ten_thousandth).alias(name) for name in HEADER[2:]
    )
    store.unlink(missing_ok=True)
    with duckdb.connect(str(store)) as connection:
        connection.execute("SET threads = 2")
        connection.register("given", frame)
        connection.execute("CREATE TABLE tax AS SELECT * FROM given")
        connection.execute("CHECKPOINT")
    return frame.height


def read(path: Path) -> int:
    """Read and checked by mujun. The number of rows that are in."""
    return sum(loaded.rows.height for loaded in mujun.read_file(path, year=2022).tables)


def loaded(path: Path, store: Path) -> int:
    """Read, checked, and appended to a new store. The number of rows that are in."""
    store.unlink(missing_ok=True)
    county = mujun.County(store)
    county.data.load([path], year=2022)
    return county.data.table("tax").height


def best(jobs: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """The best time of each job, taken in turns."""
    times = dict.fromkeys(jobs, float("inf"))
    for _ in range(repeat):
        for name, job in jobs.items():
            started = time.perf_counter()
            job()
            times[name] = min(times[name], time.perf_counter() - started)
    return times


def main() -> None:
    """Print two lines: text and workbook."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workbook-rows", type=int, default=3_000)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = as_csv(given.rows, folder)
        jobs: dict[str, Callable[[], object]] = {
            "bare": lambda: bare(text, folder / "bare.duckdb"),
            "read": lambda: read(text),
            "load": lambda: loaded(text, folder / "county.duckdb"),
        }
        seconds = best(jobs, given.repeat)
        print(
            f"{given.rows:,} rows of CSV: bare {seconds['bare']:.2f} s; read and checked {seconds['read']:.2f} s "
            f"({seconds['read'] / seconds['bare']:.2f} ×); loaded {seconds['load']:.2f} s "
            f"({seconds['load'] / seconds['bare']:.2f} ×)",
            flush=True,
        )
        book = as_workbook(given.workbook_rows, folder)
        seconds = best({"read": lambda: read(book)}, given.repeat)
        print(f"a workbook of {given.workbook_rows:,} rows: read and checked {seconds['read']:.2f} s")


if __name__ == "__main__":
    main()
