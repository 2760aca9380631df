"""Records as a reader would hand them over, in a few words."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random

import polars as pl

from mujun.fields import TABLES
from mujun.records.finding import Finding
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.store import RunRecord


def rows(table: str, *records: Mapping[str, object], sheet: str = "Sheet1") -> pl.DataFrame:
    """Checked rows of a table; fields left out are missing, rows are numbered from 2 as below one header row."""
    schema = TABLES[table].schema
    columns = {
        name: pl.Series(name, [_value(r.get(name)) for r in records], dtype=dtype) for name, dtype in schema.items()
    }
    return pl.DataFrame(columns).with_columns(
        pl.lit(sheet).alias("_sheet"), (pl.int_range(pl.len(), dtype=pl.Int64) + 2).alias("_row")
    )


def _value(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, float) else value


def kept_out(table: str, *records: Mapping[str, str]) -> pl.DataFrame:
    names = list(TABLES[table].by_name)
    return pl.DataFrame(
        [{"_sheet": "Sheet1", "_row": 100 + i, **{n: r.get(n) for n in names}} for i, r in enumerate(records)],
        schema={"_sheet": pl.String, "_row": pl.Int64, **dict.fromkeys(names, pl.String)},
    )


def file(
    name: str,
    tables: Mapping[str, pl.DataFrame],
    *,
    quarantine: Mapping[str, pl.DataFrame] | None = None,
    findings: Iterable[Finding] = (),
    content: str | None = None,
    columns: Mapping[str, Iterable[str]] | None = None,
) -> FileRecords:
    """A file; `columns` are those it carried of a table besides the keys, all of them unless told."""
    quarantine = quarantine or {}
    carried = {t: (*TABLES[t].key, *names) for t, names in (columns or {}).items()}
    return FileRecords(
        file=name,
        sha256=hashlib.sha256((content or name).encode()).hexdigest(),
        tables=tuple(LoadedTable(t, r, quarantine.get(t, kept_out(t)), carried.get(t, ())) for t, r in tables.items()),
        findings=tuple(findings),
        totals_left_out=0,
        rows_read=sum(r.height for r in tables.values()) + sum(q.height for q in quarantine.values()),
    )


def kept_store(name: str, folder: Path) -> Path:
    """A store as an earlier version made it (`tests/store/formats/`), unpacked into a folder as `county.duckdb`."""
    path = folder / "county.duckdb"
    with gzip.open(Path(__file__).parent / "formats" / f"{name}.duckdb.gz") as packed, path.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return path


def large_run() -> RunRecord:
    """A run with a table of three megabytes as Parquet: twice as many random digits, which nothing packs better."""
    digits = Random(1).randbytes(3_000_000).hex()
    wide = pl.DataFrame({"credit_code": [digits[i : i + 60] for i in range(0, len(digits), 60)]})
    return RunRecord(
        year=2022, rules="x", rule_files={}, batch=1, mujun_version="0", digest="ab" * 32, results={"ratings": wide}
    )
