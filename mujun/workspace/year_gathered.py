"""What the papers of a year rest on, each read or computed once: the run, its document, the year before, the map."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import MujunError, Problem, UsageError, problem
from mujun.rating import rate
from mujun.records.outlines import outlines_of
from mujun.reports.county.county_year import CountyYear
from mujun.reports.year.document import YearDocument
from mujun.rules.model.papers import ThePapers
from mujun.rules.paper_texts import FILE, papers_texts
from mujun.store import Store
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import findings_on_record
from mujun.workspace.firms.census import census_of
from mujun.workspace.firms.mapping import drawn_from
from mujun.workspace.frames_at import frame_at, previous_at
from mujun.workspace.runs.kept import runs_of_year
from mujun.workspace.runs.past import recalled
from mujun.workspace.tables_at import LOOKS_BACK, year_at


@dataclass
class GatheredYear:
    """A year as its papers have it.

    Attributes:
        county: the county's file.
        year: the data year.
        run: the run; by default the only one of the year.
        texts_file: a file with the county's own words, beside the one that lies next to the store.
        needs_run: whether anything is asked for that rests on a run.
        no_last: why there is no year before, once it was looked for.
    """

    county: CountyFile
    year: int
    run: int | None
    texts_file: Path | None = None
    needs_run: bool = True
    no_last: Problem | None = field(default=None, init=False)

    @cached_property
    def number(self) -> int | None:
        """The run."""
        if self.run is not None or not self.needs_run:
            return self.run
        numbers = runs_of_year(self.county, self.year)
        if len(numbers) > 1:
            raise UsageError(problem("report_several_runs", year=self.year, runs=numbers))
        return numbers[0]

    @cached_property
    def result(self) -> YearResult:
        """The year, from the inputs and rules that the run kept."""
        with self.county.kept_open():
            result = recalled(self.county, self.number)
        if result.year != self.year:
            raise UsageError(problem("report_run_of_other_year", run=result.number, year=result.year, wanted=self.year))
        return result

    @cached_property
    def texts(self) -> ThePapers:
        """The county's own words."""
        beside = self.county.path.parent / FILE
        files = [f for f in (beside if os.path.lexists(beside) else None, self.texts_file) if f is not None]
        return papers_texts(self.result.ruleset.address if self.needs_run else None, *files)

    @cached_property
    def findings(self) -> pl.DataFrame:
        """What loading found."""
        return findings_on_record(self.county, self.year)

    @cached_property
    def document(self) -> YearDocument:
        """The year as its workbook shows it."""
        r = self.result
        return YearDocument(
            r.rating,
            r.frame,
            r.listing.rectification if r.listing else None,
            r.allocation.rows if r.allocation else None,
            self.findings,
            r.number,
            r.listing.energy_basis if r.listing else "equivalent",
        )

    @cached_property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table as the run had it; of yearly ones what the year rests on, and the year before rated as it is."""
        with Store.open(self.county.path) as store:
            return year_at(store, self.year, self.result.batch, self.result.number, back=LOOKS_BACK + 1)

    @cached_property
    def county_year(self) -> CountyYear:
        """The year and the one before."""
        result = self.result
        with Store.open(self.county.path) as store:
            tables, document = self.tables, self.document
            batches = store.batches().filter(pl.col("number") == result.batch)
            shapes = store.table("parcels").select("parcel", "geometry").drop_nulls()
        day: date | None = batches["loaded_at"].cast(pl.Date).item() if batches.height else None
        last = self._last(tables)
        tiers = result.frame.select("credit_code", pl.col("tier_last").alias("tier"))
        tried = tiers["tier"].null_count() == tiers.height and last is not None
        if tried and last is not None:
            tiers = last.rating.enterprises.select("credit_code", "tier")
        return CountyYear(
            document, last, tiers, tried, day, parcels=self._parcels(tables, shapes), outlines=self._outlines()
        )

    def _parcels(self, tables: Mapping[str, pl.DataFrame], shapes: pl.DataFrame) -> pl.DataFrame | None:
        """The parcels of the run with the shapes on record now; `None` where none has a shape.

        Shapes rate nobody: those that came after the run may be drawn.
        """
        if shapes.is_empty():
            return None
        parcels = tables["parcels"].drop("geometry").join(shapes, on="parcel", how="left", maintain_order="left")
        tiers = {c: t for c, t in self.result.rating.enterprises.select("credit_code", "tier").iter_rows() if t}
        listed = self.result.listing.rectification if self.result.listing else None
        paths = {} if listed is None else dict(listed.drop_nulls("path").select("credit_code", "path").iter_rows())
        return drawn_from(census_of({**tables, "parcels": parcels}, self.year, tiers), tiers, paths)

    def _outlines(self) -> dict[str, str]:
        """The townships' outlines, from the file that papers.yaml names."""
        if self.texts.outlines is None:
            return {}
        folders = [f.parent for f in (self.texts_file, self.county.path) if f is not None]
        there = [f for folder in folders if (f := folder / self.texts.outlines).is_file()]
        if not there:
            raise UsageError(problem("papers_no_file", file=folders[0] / self.texts.outlines))
        return outlines_of(there[0])

    def _last(self, tables: dict[str, pl.DataFrame]) -> YearDocument | None:
        """The year before by this year's rules; where they cannot rate it, `no_last` says why."""
        before = self.year - 1
        if not (tables["enterprises"]["year"] == before).any():
            self.no_last = problem("report_no_last_year", year=before)
            return None
        try:
            frame, _ = frame_at(tables, before, self.result.ruleset)
            rating = rate(frame, self.result.ruleset, previous_at(tables, before, self.result.ruleset))
        except MujunError as error:
            self.no_last = problem("report_last_year_unrated", year=before, why=error)
            return None
        return YearDocument(rating, frame, None, None, self.findings.clear())
