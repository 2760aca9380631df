"""A store of many years and versions of files: `python benchmarks/years.py STORE [--year 2022] [--repeat 5]`.

STORE is one that `large_county` made, of several years and versions. Told are the processor seconds in which the
yearly tables of one year are read, and those of all years of one firm, from

- the records as they are put in: batch after batch, and the years of a batch one after the other;
- the same rows with the years mixed, as a file of many years would bring them were they not put in order;
- a table of what stands, without history, by year and key, as it would have to be rebuilt on every load;

and what rebuilding that takes, for one year and for all. Each way is seen to give the same rows before it is timed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import duckdb
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.county_tables import FIGURES
from mujun.fields import TABLES
from mujun.store import Store
from mujun.store.connecting import frame_of
from mujun.store.layout import quoted
from mujun.store.standing import Sources, sources_of, standing_of

NAMES = ("enterprises", *FIGURES)


@contextmanager
def _copied(store: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of three copies of the records: `apart`, `mixed`, and `now`, what stands."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/copies.duckdb") as copies:
        copies.execute("SET enable_progress_bar = false")
        copies.execute(f"ATTACH '{store}' AS given (READ_ONLY)")
        for schema in ("apart", "mixed", "now"):
            copies.execute(f"CREATE SCHEMA {schema}")
        for name in NAMES:
            rows = f"SELECT * FROM given.records.{quoted(name)}"  # noqa: S608 (our own tables)
            copies.execute(f"CREATE TABLE apart.{quoted(name)} AS {rows}")
            copies.execute(f"CREATE TABLE mixed.{quoted(name)} AS {rows} ORDER BY _batch % 3, hash(credit_code, year)")
            copies.execute(f"CREATE TABLE now.{quoted(name)} AS {rows} LIMIT 0")
        copies.execute("CHECKPOINT")
        yield copies


def _read(copies: duckdb.DuckDBPyConnection, sources: Sources, schema: str, where: str) -> dict[str, pl.DataFrame]:
    read = {}
    for name in NAMES:
        rows = frame_of(copies.sql(f"SELECT * FROM {schema}.{quoted(name)} WHERE {where}"))  # noqa: S608
        stand = rows if schema == "now" else standing_of(rows, TABLES[name], sources)
        assert stand is not None
        read[name] = stand
    return read


def _rebuilt(copies: duckdb.DuckDBPyConnection, sources: Sources, where: str) -> None:
    """What stands written anew, as a load would have to; of one year or all."""
    for name in NAMES:
        rows = frame_of(copies.sql(f"SELECT * FROM apart.{quoted(name)} WHERE {where}"))  # noqa: S608
        stand = standing_of(rows, TABLES[name], sources)
        assert stand is not None
        copies.register("stand", stand.sort(TABLES[name].key))
        copies.execute("BEGIN")
        copies.execute(f"DELETE FROM now.{quoted(name)} WHERE {where}")  # noqa: S608
        copies.execute(f"INSERT INTO now.{quoted(name)} BY NAME SELECT * FROM stand")  # noqa: S608
        copies.execute("COMMIT")
        copies.unregister("stand")
    copies.execute("CHECKPOINT")


def _timed(what: str, work: Callable[[], object], repeat: int) -> None:
    seconds = []
    for _ in range(repeat + (repeat > 1)):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    counted = seconds[1:] if repeat > 1 else seconds
    print(f"| {what} | {median(counted):.3f} ({min(counted):.3f}–{max(counted):.3f}) |", flush=True)


def main() -> None:
    """Compare and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with Store.open(given.store) as store:
        sources = sources_of(store._connection)
        firm = store.table("enterprises")["credit_code"][0]
    of_year, of_firm = f"year = {given.year}", f"credit_code = '{firm}'"
    with _copied(given.store) as copies:
        print("| what | processor, s |\n| --- | --- |")
        _timed("rebuilding what stands, all years", lambda: _rebuilt(copies, sources, "true"), 1)
        for where in (of_year, of_firm):
            one, *others = (_read(copies, sources, schema, where) for schema in ("apart", "mixed", "now"))
            for other in others:
                for name, rows in one.items():
                    key = list(TABLES[name].key)
                    assert rows.sort(key).equals(other[name].select(rows.columns).sort(key)), name
        for what, where in (("a year", of_year), ("a firm", of_firm)):
            for schema in ("apart", "mixed", "now"):
                _timed(f"{what}, {schema}", lambda s=schema, w=where: _read(copies, sources, s, w), given.repeat)  # type: ignore[misc]
        _timed("rebuilding what stands, one year", lambda: _rebuilt(copies, sources, of_year), 1)


if __name__ == "__main__":
    main()
