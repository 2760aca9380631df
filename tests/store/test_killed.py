"""A process that is killed while it loads leaves the whole file in the store, or nothing of it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from mujun.store import Store

from .given import file, rows

ROWS = 100_000
KILLS = 8
"""Of moments drawn anew in each run of the suite."""

# Records first, so that the kills fall into the loading and not into Python's start.
LOADING = f"""
import sys
import polars as pl
from mujun.fields import TABLES
from mujun.records.finding import Finding
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.store import Store

n = {ROWS}
i = pl.int_range(n)
number = i * 104_729 % 999_983
firm = {{"year": pl.lit(2022), "credit_code": pl.format("9133068{{}}", i * 7919 % 10_000_019 + 10**10)}}

def table(of, **own):
    values = {{**firm, **own}}
    fields = [values.get(f.name, pl.lit(None)).cast(f.dtype).alias(f.name) for f in TABLES[of].fields]
    rows = pl.select(i.alias("i")).select(*fields, pl.lit("s").alias("_sheet"), i.alias("_row"))
    return LoadedTable(of, rows, rows.select("_sheet", "_row", "credit_code").head(n // 10))

records = FileRecords(
    "big.xlsx", "b" * 64,
    (
        table("tax", name=pl.format("示例企业{{}}", number), tax_paid=number, land_use_tax=number // 7),
        table("output", name=pl.format("示例企业{{}}", number), revenue=number * 3, profit=-number),
        table("land", tenure=pl.lit("自有"), area_mu=number, parcel=pl.format("P{{}}", number)),
    ),
    tuple(Finding("name_changed", "warning", "tax", row=i, value=str(i)) for i in range(n // 20)), 0, 3 * n,
)
store = Store.open(sys.argv[1], write=True)
print("loading", flush=True)
store.add_batch(records, who="x", force=True)
print("loaded", flush=True)
store.close()
"""


@dataclass(frozen=True)
class Outcome:
    """What a killed load left: batches, and rows of the big file per table."""

    batch: int
    rows: tuple[int, ...]
    said: str


def start(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOADING, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n", process.communicate()
    return process


def killed_after(seconds: float, empty: Path, path: Path) -> Outcome:
    shutil.copy(empty, path)
    process = start(path)
    time.sleep(seconds)
    process.kill()
    said = process.communicate()[0]
    with Store.open(path) as store:
        counts = _counts(store)
    # What a reader sees, the next writer takes over; and nothing stands in its way.
    with Store.open(path, write=True) as store:
        assert _counts(store) == counts
        newest = store.newest_batch()
        again = file("after", {"tax": rows("tax", {"year": 2021, "credit_code": "after"})})
        assert store.add_batch(again, who="王") == newest + 1
    path.unlink()
    return Outcome(newest, counts, said)


COUNTED = ("current.tax WHERE year = 2022", "current.output", "current.land", "quarantine.land", "finding", "batch")


def _counts(store: Store) -> tuple[int, ...]:
    # Counted inside DuckDB: fetching all rows 100 times over would take longer than the loading.
    counts = ", ".join(f"(SELECT count(*) FROM {what})" for what in COUNTED)
    return tuple(store._connection.execute(f"SELECT {counts}").fetchall()[0])


NOTHING = (1, 0, 0, 0, 0, 1)
WHOLE = (ROWS + 1, ROWS, ROWS, ROWS // 10, ROWS // 20, 2)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_kill_at_any_moment_leaves_the_whole_file_or_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.duckdb"
    with Store.create(empty) as store:
        store.add_batch(file("small", {"tax": rows("tax", {"year": 2022, "credit_code": "before"})}), who="王")
    spare = tmp_path / "spare.duckdb"
    shutil.copy(empty, spare)
    process = start(spare)
    began = time.monotonic()
    assert process.communicate() == ("loaded\n", "")
    takes = time.monotonic() - began
    seed = random.randrange(10**6)
    moments = [random.Random(seed + i).uniform(0, takes * 1.1) for i in range(KILLS)]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda i: killed_after(moments[i], empty, tmp_path / f"{i}.duckdb"), range(KILLS)))
    told = f"seed {seed}, {takes:.2f} s, {[(round(m, 3), o) for m, o in zip(moments, outcomes, strict=True)]}"
    assert {o.rows for o in outcomes} <= {NOTHING, WHOLE}, told
    assert all((o.batch == 2) == (o.rows == WHOLE) for o in outcomes), told
    # What was reported as loaded is there.
    assert all(o.rows == WHOLE for o in outcomes if "loaded" in o.said), told
    # And the moments were such that it was a test.
    assert sum(o.rows == NOTHING for o in outcomes) >= KILLS // 4, told
