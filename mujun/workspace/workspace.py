"""A county's workspace: the store and everything that is done with it, for the command line and for notebooks."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

import mujun
from mujun.allocation import Allocation, allocate
from mujun.errors import MujunError, Problem, UsageError, problem
from mujun.fields import TABLES
from mujun.records import FileRecords, Finding, check_parties, check_tables, read_file, with_successors
from mujun.rectification import Listing, list_enterprises
from mujun.rules import RuleSet, load_kept, load_rules
from mujun.store import AlreadyLoaded, Store
from mujun.workspace.computing import (
    YearResult,
    check_year,
    computed,
    final_runs,
    frame_at,
    inputs_at,
    record_of,
    usage_at,
)
from mujun.workspace.identity.names_known import as_confirmed
from mujun.workspace.identity.reentering import take_in_repaired
from mujun.workspace.loaded import FileOutcome, LoadOutcome
from mujun.workspace.money.spendings import refused_spendings
from mujun.workspace.money.usage_sums import usage_findings
from mujun.workspace.runs.verifying import Verification, compared

Progress = Callable[[str], None]


class Workspace:
    """A county's store and the year's work on it.

    The store is opened for each step and closed again, so that a colleague's program can use it in between.

    Args:
        path: the store's file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def create(self) -> None:
        """Make a new, empty store.

        Raises:
            StoreError: the file exists, or cannot be written.
        """
        Store.create(self.path).close()

    # ------------------------------------------------------------------------------------------------- load and check

    def load(
        self,
        files: Iterable[str | Path],
        *,
        table: str | None = None,
        year: int | None = None,
        repair: bool = False,
        strict: bool = False,
        dry_run: bool = False,
        reason: str | None = None,
        document: str | None = None,
        progress: Progress = lambda _: None,
    ) -> LoadOutcome:
        """Read files and append each as one batch; all findings of all files at once.

        Args:
            files: department files.
            table, year: what the files hold, where they do not say so themselves.
            repair: apply documented repairs of credit codes.
            strict: a file with any error row is not loaded at all.
            dry_run: read and check only.
            reason, document: for corrections.
            progress: is told the file in work.

        Raises:
            StoreError: the store cannot be written. Files loaded before stay loaded.
        """
        outcomes: list[FileOutcome] = []
        for file in files:
            progress(Path(file).name)
            try:
                records = read_file(file, table=table, year=year, repair=repair)
            except MujunError as error:
                outcomes.append(FileOutcome(Path(file).name, refused=error.problems))
                continue
            records = self._as_confirmed(records)
            kept_out = sum(t.quarantine.height for t in records.tables)
            if strict and kept_out:
                why = problem("load_strict", file=records.file, count=kept_out)
                outcomes.append(FileOutcome(records.file, records, refused=(why,)))
            elif dry_run:
                outcomes.append(FileOutcome(records.file, records, refused=self._refused(records)))
            else:
                outcomes.append(self._append(records, reason, document, repair=repair))
        return LoadOutcome(tuple(outcomes))

    def _as_confirmed(self, records: FileRecords) -> FileRecords:
        """The records with the rows that names confirmed before let in."""
        if not self.path.exists():
            return records
        with Store.open(self.path) as store:
            return as_confirmed(store, records)

    def _refused(self, records: FileRecords) -> tuple[Problem, ...]:
        """Why a file would not be taken in."""
        if not self.path.exists():
            return ()
        with Store.open(self.path) as store:
            return refused_spendings(store, records)

    def _append(
        self, records: FileRecords, reason: str | None, document: str | None, *, repair: bool = False
    ) -> FileOutcome:
        if not self.path.exists():
            self.create()
        with Store.open(self.path, write=True) as store:
            if refused := refused_spendings(store, records):
                return FileOutcome(records.file, records, refused=refused)
            batch = store.add_batch(records, who=who_works(), reason=reason, document=document)
            if isinstance(batch, AlreadyLoaded) and repair:
                # The file is in, but for the rows that only a repair brings in.
                later = take_in_repaired(store, batch.batch, who=who_works(), document=document)
                if later is not None:
                    return FileOutcome(records.file, later.records, batch=later.batch)
        if isinstance(batch, AlreadyLoaded):
            return FileOutcome(records.file, records, already=batch.batch)
        return FileOutcome(records.file, records, batch=batch)

    def check(self, year: int, *, as_of_batch: int | None = None) -> tuple[Finding, ...]:
        """Cross-table findings of a year."""
        with Store.open(self.path) as store:
            tables = store.tables(as_of_batch=as_of_batch)
            findings = check_tables(tables, year)
            followed, _ = with_successors(tables, year)
            findings = (*findings, *check_parties(followed, year), *usage_findings(tables, year))
            return tuple(store.located(findings, as_of_batch=as_of_batch))

    def findings(self, year: int | None = None, batch: int | None = None) -> pl.DataFrame:
        """The findings that loading left, of a year or a batch."""
        with Store.open(self.path) as store:
            return store.findings(batch=batch, year=year)

    def years(self) -> list[int]:
        """The data years that have enterprises."""
        with Store.open(self.path) as store:
            return sorted(store.table("enterprises")["year"].unique().to_list())

    # --------------------------------------------------------------------------------------------------- frame and rate

    def frame(
        self,
        year: int,
        ruleset: RuleSet | None = None,
        *,
        as_of_batch: int | None = None,
        before_run: int | None = None,
    ) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
        """The frame of a year: one row per enterprise, with earlier years' values and tiers.

        Args:
            year: the data year.
            ruleset: whose extra fields are to be brought in.
            as_of_batch: the inputs as they stood when this batch was the newest.
            before_run: only final runs before this one count as earlier results.

        Raises:
            UsageError: there are no enterprises of that year.
        """
        with Store.open(self.path) as store:
            tables = inputs_at(store, as_of_batch, before_run)
        return frame_at(tables, year, ruleset)

    def rate(
        self,
        rules: str | Path | RuleSet,
        year: int,
        *,
        as_of_batch: int | None = None,
        save: bool = True,
        final: bool = False,
        label: str = "",
    ) -> YearResult:
        """Rate a year and keep the run.

        Args:
            rules: a rule set, its address or its folder.
            year: the data year.
            as_of_batch: the inputs as they stood at a batch.
            save: whether the run is kept in the store.
            final: whether it is the year's result, which later years look back on.
            label: what the bureau calls it.

        Raises:
            UsageError: the rules are not for this year, or there are no data.
            RuleError, RatingError: as `mujun.rate` says.
        """
        ruleset = rules if isinstance(rules, RuleSet) else load_rules(rules)
        check_year(ruleset, year)
        with Store.open(self.path) as store:
            batch = store.newest_batch() if as_of_batch is None else as_of_batch
            tables = inputs_at(store, batch)
        result = computed(ruleset, year, tables, batch)
        return self.keep(result, final=final, label=label) if save else result

    def keep(self, result: YearResult, *, final: bool = False, label: str = "") -> YearResult:
        """A result kept as a run, with its number.

        Raises:
            UsageError: it is to be final and overlaps with another final run of the year.
        """
        if final:
            self._check_overlap(result)
        record = record_of(result, version=mujun.__version__, who=who_works(), label=label, final=final)
        with Store.open(self.path, write=True) as store:
            number = store.save_run(record)
        return replace(result, number=number)

    def frame_for_rules(self, rules: str | Path, year: int) -> pl.DataFrame:
        """What a rule set's conditions are held against: the year as these rules rate it, else the year's frame."""
        ruleset = load_rules(rules)
        if ruleset.rating is None or ruleset.rating.status == "abstract":
            return self.frame(year, ruleset)[0]
        return self.rate(ruleset, year, save=False).rating.enterprises

    def _check_overlap(self, result: YearResult) -> None:
        """A year may be made up of several final runs of different rule sets where no firm is in two."""
        with Store.open(self.path) as store:
            others = final_runs(store, None).filter(
                pl.col("year") == result.year, pl.col("rules") != result.ruleset.address
            )
            mine = result.rating.ratings.filter(pl.col("treatment") != "out")["credit_code"]
            for number, rules in others.select("number", "rules").iter_rows():
                theirs = store.run_frame(number).filter(pl.col("treatment") != "out")["credit_code"]
                both = mine.filter(mine.is_in(theirs.implode()))
                if both.len():
                    raise UsageError(problem("runs_overlap", run=number, rules=rules, count=both.len(), code=both[0]))

    # -------------------------------------------------------------------------------------------------------- past runs

    def runs(self) -> pl.DataFrame:
        """All ratings ever kept."""
        with Store.open(self.path) as store:
            return store.runs()

    def newest_run(self, year: int | None = None) -> int:
        """The number of the newest run, of a year if one is given.

        Raises:
            UsageError: nothing has been rated yet.
        """
        runs = self.runs()
        if year is not None:
            runs = runs.filter(pl.col("year") == year)
        if runs.is_empty():
            raise UsageError(problem("no_runs" if year is None else "no_runs_of_year", year=year))
        return int(runs["number"].max())  # type: ignore[arg-type]

    def recompute(self, number: int) -> YearResult:
        """A past run computed again from the inputs and rules it kept.

        Raises:
            UsageError: there is no such run.
        """
        with Store.open(self.path) as store:
            run = store.run(number)
            ruleset = load_kept(run.rules, run.rule_files)
            tables = inputs_at(store, run.batch, number)
        result = computed(ruleset, run.year, tables, run.batch)
        return replace(result, number=number)

    def verify(self, number: int) -> Verification:
        """Compute a past run again and compare every table that it kept."""
        with Store.open(self.path) as store:
            kept = store.run(number)
        return compared(kept, self.recompute(number))

    # ------------------------------------------------------------------------------------------------ lists and amounts

    def listing(self, result: YearResult, rules: str | Path | RuleSet | None = None) -> Listing | None:
        """The rectification list of a result, by its own rules or by others; `None` where they have none."""
        if rules is None:
            return result.listing
        ruleset = rules if isinstance(rules, RuleSet) else load_rules(rules)
        if ruleset.rectification is None:
            return None
        frame = self.frame_beside(result, ruleset)
        return list_enterprises(ruleset, frame, result.rating)

    def amounts(self, result: YearResult, rules: str | Path | None = None) -> Allocation | None:
        """The amounts of a result, by its own rules or by others; `None` where they have none."""
        if rules is None:
            return result.allocation
        ruleset = load_rules(rules)
        if ruleset.allocation is None:
            return None
        frame = self.frame_beside(result, ruleset)
        with Store.open(self.path) as store:
            tables = store.tables(("aliases", "enterprises", "usage"), as_of_batch=result.batch)
        return allocate(ruleset, frame, result.rating, usage=usage_at(tables, result.year))

    def frame_beside(self, result: YearResult, ruleset: RuleSet) -> pl.DataFrame:
        """The frame of a result with what another rule set reads as well."""
        both = replace(ruleset, rating=result.ruleset.rating)
        return self.frame(result.year, both, as_of_batch=result.batch, before_run=result.number)[0]

    # ----------------------------------------------------------------------------------------------------------- tables

    def exported(self, number: int, what: str) -> tuple[pl.DataFrame, RuleSet]:
        """A table of a past run as it was kept, with the rules that name its columns.

        Raises:
            UsageError: there is no such run, or its rules gave no such table.
        """
        with Store.open(self.path) as store:
            run = store.run(number)
        if what not in run.results:
            raise UsageError(problem("export_no_such_part", run=number, what=what))
        rows = run.results[what]
        if what in ("ratings", "subjects"):
            rows = rows.select(pl.lit(number, dtype=pl.Int64).alias("run"), pl.all())
        return rows, load_kept(run.rules, run.rule_files)

    def runs_of_year(self, year: int | None = None) -> list[int]:
        """The runs that make up a year's result: its final ones, else the newest; without a year the newest of all.

        Raises:
            UsageError: nothing has been rated yet.
        """
        if year is not None:
            with Store.open(self.path) as store:
                finals = final_runs(store, None).filter(pl.col("year") == year)["number"].to_list()
            if finals:
                return sorted(finals)
        return [self.newest_run(year)]

    def union(self, numbers: Sequence[int], what: str) -> tuple[pl.DataFrame, RuleSet]:
        """A table of several runs that make up a year, as one: columns that only one has are missing in the others.

        A firm that is out of scope in one run and rated in another is shown where it is rated.
        """
        found = [self.exported(n, what) for n in numbers]
        if len(found) == 1:
            return found[0]
        rows = pl.concat([t for t, _ in found], how="diagonal")
        if "treatment" in rows.columns:
            elsewhere = rows.filter(pl.col("treatment") != "out")["credit_code"].implode()
            twice = (pl.col("treatment") == "out") & pl.col("credit_code").is_in(elsewhere)
            rows = rows.filter(~twice).unique("credit_code", keep="first", maintain_order=True)
        return rows, found[0][1]

    def records(self, what: str, year: int | None = None) -> pl.DataFrame:
        """Records as they stand: `enterprises` (the frame of a year), `findings` or `accounts`."""
        if what == "findings":
            return self.findings(year)
        if what == "accounts":
            return self.table("accounts").select(list(TABLES["accounts"].by_name))
        years = self.years()
        if not years:
            raise UsageError(problem("year_without_enterprises", year=year or "—", known="—"))
        return self.frame(year if year is not None else years[-1])[0]

    def table(self, name: str, *, as_of_batch: int | None = None) -> pl.DataFrame:
        """A table of the store as it stands."""
        with Store.open(self.path) as store:
            return store.table(name, as_of_batch=as_of_batch)

    def run_table(self, number: int, name: str = "ratings") -> pl.DataFrame:
        """A table of a past run, as it was kept."""
        with Store.open(self.path) as store:
            return store.run_frame(number, name)

    def quarantine(self) -> dict[str, pl.DataFrame]:
        """Rows kept out, by table."""
        with Store.open(self.path) as store:
            found = {name: store.quarantine(name) for name in TABLES}
        return {name: rows for name, rows in found.items() if rows.height}


def who_works() -> str:
    """Who is at this computer, as the store notes it."""
    try:
        return getpass.getuser()
    except OSError:
        return "unknown"
