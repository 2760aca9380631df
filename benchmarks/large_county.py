"""A county of any size and number of years in a store: the sample county repeated, put in without any file.

`python -m benchmarks.large_county STORE FIRMS [YEARS] [VERSIONS]` makes it and rates its last year. The figures of the
years before the two of the sample county are those of its first year. Of several versions of each file the later ones
say the same of all firms: what stands is that of one version, and the others are history.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.county_tables import FIGURES, clean_tables
from benchmarks.papers import RULES, YEAR, repeated
from mujun import County
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.store import Store


def made(path: Path, firms: int, years: int = 2, versions: int = 1, *, every: int = 1) -> None:
    """A store of so many firms and years at least, every file in so many versions, with one rating of its last year.

    With `every` it is made of every so many-th firm of the sample county alone.
    """
    tables = clean_tables(every=every)
    codes = tables["enterprises"]["credit_code"].unique(maintain_order=True).to_list()
    several = [repeated(tables, codes, n) for n in range(-(-firms // len(codes)))]
    whole = {name: pl.concat(s[name] for s in several) for name in ("enterprises", "land", *FIGURES)}
    with Store.create(path) as store:
        for year in range(YEAR - years + 1, YEAR + 1):
            like = max(year, YEAR - 1)
            for name, rows in whole.items():
                of_year = rows.filter(pl.col("year") == like).with_columns(pl.lit(year, dtype=pl.Int32).alias("year"))
                for version in range(versions):
                    reason = "更正" if version else None
                    store.add_batch(_sent(name, year, of_year, version), who="benchmarks", reason=reason)
    County(path).runs.rate(RULES, YEAR, despite=())


def _sent(name: str, year: int, rows: pl.DataFrame, version: int) -> FileRecords:
    file = f"{year}_{name}_{version}.csv" if version else f"{year}_{name}.csv"
    placed = rows.with_columns(pl.lit("").alias("_sheet"), (pl.int_range(pl.len(), dtype=pl.Int64) + 2).alias("_row"))
    carried = tuple(c for c in rows.columns if rows[c].null_count() < rows.height)
    kept_out = pl.DataFrame(schema=dict.fromkeys(("_sheet", *rows.columns), pl.String) | {"_row": pl.Int64})
    return FileRecords(
        file=file,
        sha256=hashlib.sha256(file.encode()).hexdigest(),
        tables=(LoadedTable(name, placed, kept_out, carried),),
        findings=(),
        totals_left_out=0,
        rows_read=rows.height,
    )


def main() -> None:
    """Make the store that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="the file to make")
    parser.add_argument("firms", type=int, help="how many firms, at least")
    parser.add_argument("years", type=int, nargs="?", default=2, help="how many data years (2)")
    parser.add_argument("versions", type=int, nargs="?", default=1, help="how many versions of each file (1)")
    given = parser.parse_args()
    made(given.store, given.firms, given.years, given.versions)


if __name__ == "__main__":
    main()
