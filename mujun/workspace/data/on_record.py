"""Records as they stand: tables, years, findings, rows kept out, and the frame of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS, TABLES
from mujun.records import Finding
from mujun.store import FRAME, KeptFrame, Store, engine
from mujun.workspace.county_file import CountyFile
from mujun.workspace.final_runs import final_runs
from mujun.workspace.frames_at import frame_at
from mujun.workspace.tables_at import LOOKS_BACK, YearTables

if TYPE_CHECKING:
    from mujun.rules import RuleSet


def current_table(county: CountyFile, name: str, *, as_of_batch: int | None = None) -> pl.DataFrame:
    """A table of the store as it stands, or stood when a batch was the newest.

    Returns:
        The table's columns, then `_batch, _file, _sheet, _row, _loaded_at` of the newest batch that says anything of
        the key, sorted by key.

    Raises:
        UsageError: there is no such table or batch.
    """
    with Store.open(county.path) as store:
        return store.table(name, as_of_batch=as_of_batch)


def years_on_record(county: CountyFile) -> list[int]:
    """The data years that have enterprises."""
    with Store.open(county.path) as store:
        return store.years("enterprises")


def newest_year(county: CountyFile) -> int:
    """The newest data year on record.

    Raises:
        UsageError: there are no enterprises at all.
    """
    years = years_on_record(county)
    if not years:
        raise UsageError(problem("year_without_enterprises", year="—", known="—"))
    return years[-1]


def batches_on_record(county: CountyFile) -> pl.DataFrame:
    """All batches, oldest first: file, SHA-256, when (UTC), who, why, and how many rows and findings."""
    with Store.open(county.path) as store:
        return store.batches()


def findings_on_record(county: CountyFile, year: int | None = None, batch: int | None = None) -> pl.DataFrame:
    """The findings that loading left, of a year or a batch."""
    with Store.open(county.path) as store:
        return store.findings(batch=batch, year=year)


def quarantine(county: CountyFile) -> dict[str, pl.DataFrame]:
    """Rows kept out, by table; tables without any are left out."""
    with Store.open(county.path) as store:
        kept_out = {name: store.quarantine(name) for name in TABLES}
        return {name: rows for name, rows in kept_out.items() if rows.height}


def frame_of_year(
    county: CountyFile,
    year: int,
    ruleset: RuleSet | None = None,
    *,
    as_of_batch: int | None = None,
    before_run: int | None = None,
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The frame of a year: one row per enterprise, with earlier years' values and tiers.

    It is read from the run that was made of the same records and earlier results, where there is one.

    Args:
        county: the county.
        year: the data year.
        ruleset: whose extra fields are to be brought in.
        as_of_batch: the inputs as they stood when this batch was the newest.
        before_run: only final runs before this one count as earlier results.

    Raises:
        UsageError: there are no enterprises of that year, no such batch or no such run.
    """
    kept = _kept_by_a_run(county, year, as_of_batch, before_run) if ruleset is None else None
    # The store is closed by now: what it holds in memory goes before the frame comes.
    if kept is not None and (frame := kept.read(FRAME_FIELDS)) is not None:
        return frame, ()
    with Store.open(county.path) as store:
        tables = YearTables(store, as_of_batch, before_run, year=year, back=LOOKS_BACK - 1)
        return frame_at(tables, year, ruleset)


def _kept_by_a_run(county: CountyFile, year: int, as_of_batch: int | None, before_run: int | None) -> KeptFrame | None:
    """The frame that a run of the year kept, if it was made of the same batches and final runs by this very program."""
    with Store.open(county.path) as store:
        batch = store.newest_batch() if as_of_batch is None else as_of_batch
        runs = store.runs()
        if before_run is not None and before_run not in runs["number"]:
            return None
        alike = runs.filter(pl.col("year") == year, pl.col("batch") == batch).sort("number", descending=True)
        results = _results_before(store, year, before_run)
        for number in alike["number"]:
            if _results_before(store, year, number) == results:
                kept = store.run_frames(number).get(FRAME)
                if kept is not None and kept.engine == engine():
                    return kept
    return None


def _results_before(store: Store, year: int, before_run: int | None) -> list[int]:
    """The runs whose tiers a frame of the year looks back on."""
    return final_runs(store, before_run).filter(pl.col("year") < year)["number"].to_list()
