"""Dossiers (一企一档) gathered from the store: what all firms have in common is computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from mujun import messages
from mujun.analysis import Explanation
from mujun.dataclass import dataclass
from mujun.errors import MujunError
from mujun.fields import FRAME_FIELDS, TABLES
from mujun.rating import Rating, rate
from mujun.records import with_successors
from mujun.records.frame import values_of_years
from mujun.reports.firms.dossier import Charged, Dossier, LoopStep, TierOfYear, YearLine
from mujun.reports.firms.dossier_page import dossier_html
from mujun.reports.firms.explanation_file import Entry, entry_of, file_of, write_index
from mujun.steps import part
from mujun.store import Store
from mujun.workspace.book import read_book
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.executed import EXECUTED
from mujun.workspace.firms.explaining import Explaining, explaining
from mujun.workspace.frames_at import frame_at, previous_at
from mujun.workspace.identity.former_codes import heirs_at
from mujun.workspace.tables_at import inputs_at
from mujun.writing import Several, write_text

_OF_LAND = ("land_mu", "owned_mu", "rented_in_mu", "rented_out_mu", "floor_area_m2")
_REPORTED = ("tax", "energy", "output", "emissions", "water")

TOGETHER = 50
"""Firms that are explained together: their ways up are computed at once."""


@dataclass(frozen=True)
class Dossiers:
    """The dossiers of a run's firms.

    Attributes:
        county: the county.
        result: the run, computed again.
    """

    county: CountyFile = field(repr=False)
    result: YearResult

    def of(self, asked: Sequence[str], *, figures: bool = False) -> list[Dossier]:
        """The dossiers of some enterprises.

        Args:
            asked: codes, names, or parts of names that no other bears.
            figures: whether the way up tries each figure of the records as well, a second a firm.

        Raises:
            UsageError: one of them does not exist; names the nearest, or all that may be meant.
        """
        return [self._of(e) for e in self.explaining.of(asked, figures=figures)]

    @cached_property
    def explaining(self) -> Explaining:
        """The explanations, amounts included where the rules have any."""
        return explaining(self.county, self.result, amounts=self.result.allocation is not None)

    def _of(self, explanation: Explanation) -> Dossier:
        code = explanation.credit_code
        tiers = tuple(self._tiers(code))
        values = {y: rows.get(code, {}) for y, rows in self._values.items()}
        told = {t.year for t in tiers}
        years = tuple(y for y in self._years if y == self.result.year or y in told or any(self._said(values[y])))
        return Dossier(
            explanation,
            years,
            tuple(self._figures(values, years)),
            tuple(self._indicators(code, years)),
            tiers,
            tuple(self._charged(code)),
            tuple(self._steps(code)),
        )

    # ------------------------------------------------------------------------------------------------ what all share

    @cached_property
    def _tables(self) -> dict[str, pl.DataFrame]:
        with Store.open(self.county.path) as store:
            return inputs_at(store, self.result.batch or None, self.result.number)

    @cached_property
    def _years(self) -> tuple[int, ...]:
        on_roll = self._tables["enterprises"]["year"].unique().to_list()
        return tuple(sorted({y for y in on_roll if y < self.result.year} | {self.result.year}))

    @cached_property
    def _values(self) -> dict[int, dict[str, dict[str, Any]]]:
        """What was reported, by year and firm."""
        wanted = ["credit_code", *(n for n, _, _ in _LINES)]
        frames = values_of_years(self._tables, self.result.year, self._years)
        return {
            year: {row["credit_code"]: row for row in frame.select(wanted).iter_rows(named=True)}
            for year, frame in frames.items()
        }

    @cached_property
    def _heirs(self) -> Mapping[str, str]:
        with Store.open(self.county.path) as store:
            heirs = heirs_at(store, self.result.year, as_of_batch=self.result.batch or None)
        return {old: heir.code for old, heir in heirs.items()}

    @cached_property
    def _ratings(self) -> dict[int, dict[str, dict[str, Any]]]:
        """The year and each year before by this year's rules, by year and firm; years they cannot rate are left out."""
        rated: dict[int, Rating] = {self.result.year: self.result.rating}
        for year in self._years[:-1]:
            try:
                frame, _ = frame_at(self._tables, year, self.result.ruleset)
                rated[year] = rate(frame, self.result.ruleset, previous_at(self._tables, year, self.result.ruleset))
            except MujunError:
                # The page says that a year's tier was not tried by having none: no figure is made up for it.
                continue
        return {year: dict(self._by_firm(rating.enterprises)) for year, rating in rated.items()}

    def _by_firm(self, rows: pl.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
        """Rows under the codes that are right now; firms that became one have none of a year when they were two."""
        now = rows.with_columns(pl.col("credit_code").replace(dict(self._heirs)))
        for row in now.filter(~pl.col("credit_code").is_duplicated()).iter_rows(named=True):
            yield row["credit_code"], row

    @cached_property
    def _in_force(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The tiers of earlier years as they were given, by firm and year."""
        names = ("aliases", "enterprises", "ratings")
        rows = with_successors({n: self._tables[n] for n in names}, self.result.year)[0]["ratings"]
        rows = rows.filter(pl.col("year") < self.result.year, pl.col("tier").is_not_null())
        once = rows.unique(["credit_code", "year"], keep="last", maintain_order=True)
        return {(r["credit_code"], r["year"]): r for r in once.iter_rows(named=True)}

    @cached_property
    def _amounts(self) -> dict[str, list[Charged]]:
        rows = self._tables.get(EXECUTED)
        if rows is None:
            return {}
        labels = {m.id: m.label or m.id for part in self.result.ruleset.allocation_parts for m in part.measures}
        charged: dict[str, list[Charged]] = {}
        earlier = rows.filter(pl.col("year") < self.result.year).with_columns(
            pl.col("credit_code").replace(dict(self._heirs))
        )
        for r in earlier.iter_rows(named=True):
            measure = labels.get(r["measure"], r["measure"])
            charged.setdefault(r["credit_code"], []).append(Charged(r["year"], measure, r["amount"]))
        return charged

    @cached_property
    def _loop(self) -> dict[str, tuple[LoopStep, ...]]:
        steps = read_book(self.county).steps().items()
        return {
            subject: tuple(
                LoopStep(
                    s.event.on,
                    messages.text(messages.key(f"action_{s.event.action}")),
                    messages.text(messages.key(f"state_{s.after}")),
                    s.event.path,
                    s.event.deadline,
                    s.event.document,
                )
                for s in several
            )
            for (kind, subject), several in steps
            if kind == "enterprise"
        }

    # ---------------------------------------------------------------------------------------------------- of one firm

    @staticmethod
    def _said(row: Mapping[str, Any]) -> Iterator[bool]:
        return (row.get(n) is not None for n, _, _ in _LINES)

    @staticmethod
    def _figures(values: Mapping[int, Mapping[str, Any]], years: Sequence[int]) -> Iterator[YearLine]:
        for name, label, unit in _LINES:
            line = YearLine(label, unit, tuple(values[y].get(name) for y in years))
            # Who rents nothing need not read it; a zero that was reported is told.
            if any(v is not None for v in line.values) and (name not in _OF_LAND or any(line.values)):
                yield line

    def _indicators(self, code: str, years: Sequence[int]) -> Iterator[YearLine]:
        for name, indicator in self.result.rating.plan.rating.indicators.items():
            values = tuple(self._ratings.get(y, {}).get(code, {}).get(name) for y in years)
            if any(v is not None for v in values):
                yield YearLine(indicator.label or name, indicator.unit or "", values)

    def _tiers(self, code: str) -> Iterator[TierOfYear]:
        for year in reversed(self._years):
            rated = self._ratings.get(year, {}).get(code)
            given = self._in_force.get((code, year))
            if year == self.result.year:
                row = rated or {}
                yield TierOfYear(year, row.get("tier"), row.get("score"), row.get("rank"), row.get("size"), "run")
            elif given is not None:
                yield TierOfYear(year, given["tier"], given["score"], None, None, "earlier")
            elif rated is not None and rated["tier"] is not None:
                yield TierOfYear(year, rated["tier"], rated["score"], rated["rank"], rated["size"], "tried")

    def _charged(self, code: str) -> Sequence[Charged]:
        return self._amounts.get(code, ())

    def _steps(self, code: str) -> Sequence[LoopStep]:
        return self._loop.get(code, ())


_LINES: tuple[tuple[str, str, str], ...] = tuple(
    (n, FRAME_FIELDS[n].label, FRAME_FIELDS[n].unit)
    for n in (*_OF_LAND, *(f.name for t in _REPORTED for f in TABLES[t].fields if f.kind == "quantity"))
    if n in FRAME_FIELDS
)
"""What a dossier shows of the records, year by year: column, label, unit."""


def write_dossiers(made: Dossiers, codes: Sequence[str], folder: Path, *, figures: bool = False) -> int:
    """Write the dossiers of some firms, a page each, and a page that links them. Says how many.

    Raises:
        UsageError: one of them does not exist.
        InputError: a file cannot be written.
    """
    entries: list[Entry] = []
    files = Several(folder)
    files.expect(len(codes) + 1)
    for start in range(0, len(codes), TOGETHER):
        some = codes[start : start + TOGETHER]
        with part(start, len(codes), parts=len(some)):
            dossiers = made.of(some, figures=figures)
        for dossier in dossiers:
            with files.one(file_of(dossier.explanation), ".html") as path:
                entries.append(entry_of(dossier.explanation, write_text(path, dossier_html(dossier)).name))
    write_index(entries, files)
    files.finish()
    return len(entries)
