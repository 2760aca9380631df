"""Past runs: listed, computed again, and their tables as they were kept."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import LAND_PARTS
from mujun.rules import RuleSet, load_kept
from mujun.rules.frame_columns import columns_asked
from mujun.steps import step
from mujun.store import FRAME, PREVIOUS, Store, engine
from mujun.workspace.computing import YearResult, computed, rated_from
from mujun.workspace.county_file import CountyFile
from mujun.workspace.frames_at import OF_USAGE, looks_back, usage_at
from mujun.workspace.runs.kept import newest_run
from mujun.workspace.tables_at import inputs_at

if TYPE_CHECKING:
    from mujun.workspace.runs.bundle_verifying import BundleVerification
    from mujun.workspace.runs.verifying import Verification


def recomputed(county: CountyFile, number: int | None = None) -> YearResult:
    """A past run computed again from the inputs and rules it kept.

    Args:
        county: the county.
        number: the run; the newest where none is named.

    Raises:
        UsageError: there is no such run.
    """
    wanted = newest_run(county) if number is None else number
    step("step_recomputing", run=wanted)
    with Store.open(county.path) as store:
        run = store.run(wanted)
        ruleset = load_kept(run.rules, run.rule_files)
        tables = inputs_at(store, run.batch, wanted, year=run.year)
    result = computed(ruleset, run.year, tables, run.batch)
    return replace(result, number=wanted)


def recalled(
    county: CountyFile, number: int | None = None, *, amounts: bool = True, confirmed: bool = True
) -> YearResult:
    """A past run, rated again from the very frame that it kept: what `recomputed` gives, without reading the records.

    The rating has to have the run's digest. Where it has not, where the run keeps no frame, or one that another version
    made, everything is computed again from the records. The findings of reading them are not told.

    Args:
        county: the county.
        number: the run; the newest where none is named.
        amounts: whether its amounts are wanted; without, `allocation` is missing.
        confirmed: whether the digests are compared; without, whoever asks does it (`unconfirmed`).

    Raises:
        UsageError: there is no such run.
    """
    step("step_result")
    wanted = newest_run(county) if number is None else number
    with Store.open(county.path) as store:
        run = store.run(wanted, results=False)
        # What the run kept is fetched while its rules are read.
        with ThreadPoolExecutor(1) as beside:
            fetched = beside.submit(store.run_frames, wanted)
            ruleset = load_kept(run.rules, run.rule_files)
            by_rules = columns_asked(ruleset, amounts=amounts)
            frames = {name: k for name, k in fetched.result().items() if k.engine == engine()}
        bills = amounts and ruleset.allocation is not None
        usage = usage_at(store.tables(OF_USAGE, as_of_batch=run.batch or None), run.year) if bills else None
    # Whoever explains the result shows what land is made of beside the land.
    asked = None if by_rules is None else by_rules.union(LAND_PARTS)
    read = {name: frame for name, k in frames.items() if (frame := k.read(asked)) is not None}
    if FRAME not in read or (looks_back(ruleset) and PREVIOUS not in read):
        return recomputed(county, wanted)
    result = rated_from(ruleset, run.year, read[FRAME], read.get(PREVIOUS), usage=usage, amounts=amounts)
    if confirmed and result.rating.digest != run.digest:
        return recomputed(county, wanted)
    given, before = frames[FRAME].packed, frames[PREVIOUS].packed if PREVIOUS in read else None
    assert given is not None  # it was read
    return replace(
        result, batch=run.batch, number=wanted, given=given, given_before=before, read=read,
        unconfirmed=None if confirmed else run.digest,
    )  # fmt: skip


def verify(county: CountyFile, target: int | str | Path) -> Verification | BundleVerification:
    """Compute a past run again, or verify a bundle that was handed over, which needs no store.

    Args:
        county: the county.
        target: the run's number, or the bundle's folder.

    Raises:
        UsageError: there is no such run, or the target is neither.
        InputError: the bundle cannot be read.
    """
    from mujun.workspace.runs.bundle_verifying import is_bundle, verify_bundle

    if is_bundle(target := str(target)) or (not target.isdigit() and Path(target).is_dir()):
        return verify_bundle(target)
    if not target.isdigit():
        raise UsageError(problem("verify_target_unknown", target=target))
    return verify_run(county, int(target))


def verify_run(county: CountyFile, number: int) -> Verification:
    """Compute a past run again from the records and compare every table that it kept, the frame it rated among them.

    Raises:
        UsageError: there is no such run.
    """
    from mujun.workspace.runs.verifying import compared

    step("step_result")
    with Store.open(county.path) as store:
        kept, frames = store.run(number), store.run_frames(number)
    return compared(kept, recomputed(county, number), frames)


def run_table(county: CountyFile, number: int, name: str = "ratings") -> pl.DataFrame:
    """A table of a past run, as it was kept: `ratings`, `subjects`, `rectification` or `allocation`.

    Raises:
        UsageError: there is no such run or table.
    """
    with Store.open(county.path) as store:
        return store.run_table(number, name)


def exported(county: CountyFile, number: int, what: str) -> tuple[pl.DataFrame, RuleSet]:
    """A table of a past run as it was kept, with the rules that name its columns.

    Raises:
        UsageError: there is no such run, or its rules gave no such table.
    """
    with Store.open(county.path) as store:
        run = store.run(number, results=False)
        if what not in store.run_tables(number):
            raise UsageError(problem("export_no_such_part", run=number, what=what))
        rows = store.run_table(number, what)
    if what in ("ratings", "subjects"):
        rows = rows.select(pl.lit(number, dtype=pl.Int64).alias("run"), pl.all())
    return rows, load_kept(run.rules, run.rule_files)


def united(county: CountyFile, numbers: Sequence[int], what: str) -> tuple[pl.DataFrame, RuleSet]:
    """A table of several runs that make up a year, as one: columns that only one has are missing in the others.

    A firm that is out of scope in one run and rated in another is shown where it is rated.
    """
    several = [exported(county, n, what) for n in numbers]
    if len(several) == 1:
        return several[0]
    rows = pl.concat([t for t, _ in several], how="diagonal")
    if "treatment" in rows.columns:
        elsewhere = rows.filter(pl.col("treatment") != "out")["credit_code"].implode()
        twice = (pl.col("treatment") == "out") & pl.col("credit_code").is_in(elsewhere)
        rows = rows.filter(~twice).unique("credit_code", keep="first", maintain_order=True)
    return rows, several[0][1]
