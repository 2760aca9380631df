"""How far the rectification is on a day: in all, by group, and against the targets of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.messages import Firm
from mujun.monitoring import DIMENSIONS, Totals, against_targets, by_group, totals
from mujun.notebooks import InNotebooks
from mujun.rectification.tracking import UNDONE
from mujun.reports.rectification.progress_report import ProgressReport, status_json
from mujun.rules import load_rules
from mujun.rules.model import TheTargets
from mujun.rules.rectification_plan import compile_rectification
from mujun.rules.targets_plan import whole_targets
from mujun.workspace.book import Book, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rectification.events import tracked


@dataclass(frozen=True)
class Status(InNotebooks):
    """Where the rectification stands on a day.

    Attributes:
        day: the day.
        known_on: the day as of whose knowledge it is told, if not all that is known now.
        number: the one list that it is told of; all where none is given.
        energy_basis: `equivalent` or `calorific`.
        totals: everyone together.
        states: how many enterprises and parcels are in each state: `kind, state, count`.
        groups: progress by each of `DIMENSIONS`.
        until: by when one has to arrive.
        targets: the plan's targets, where the rules have any.
        plan: what the plan is called.
        tracked: everyone.
    """

    day: date
    known_on: date | None
    number: int | None
    energy_basis: str
    totals: Totals
    states: pl.DataFrame = field(repr=False)
    groups: Mapping[str, pl.DataFrame] = field(repr=False)
    until: date | None
    targets: pl.DataFrame | None = field(repr=False)
    plan: str
    tracked: pl.DataFrame = field(repr=False)
    set_aside: tuple[Problem, ...] = ()
    """Why some are left out: their events cannot follow one another."""

    def to_json(self) -> str:
        """The status for other programs, as `rectify status --format json` prints it."""
        return status_json(progress_report(self))


def status(
    county: CountyFile,
    day: date,
    *,
    known_on: date | None = None,
    only: int | str | None = None,
    targets: str | Path | None = None,
) -> Status:
    """How far the rectification is on a day.

    Args:
        day: the end of which day.
        known_on: as it was known at the end of that day.
        only: one list with its amendments, by number, or those of one name of several that the rules make; all lists
            where none is given.
        targets: a rule set with targets.yaml; by default that of the newest list, if it has one.

    Raises:
        UsageError: there was no list then.
        RuleError: the targets do not fit together.
    """
    return status_of(read_book(county, known_on=known_on), day, known_on=known_on, only=only, targets=targets)


def status_of(
    book: Book,
    day: date,
    *,
    known_on: date | None = None,
    only: int | str | None = None,
    targets: str | Path | None = None,
) -> Status:
    """The same of a book that was read already, as known on `known_on`."""
    numbers = book.numbers_of(only) if isinstance(only, str) else None
    number = numbers[-1] if numbers is not None else book.list_number(None if isinstance(only, str) else only)
    rows = tracked(book, day, only=numbers if numbers is not None else number if only is not None else None)
    file = _targets(book, number, targets)
    until = _until(file, rows, day)
    aims = _townships(file, until) if file is not None and until is not None else {}
    states = rows.group_by("kind", "state").agg(pl.len().alias("count")).sort("kind", "state", nulls_last=True)
    return Status(
        day=day,
        known_on=known_on,
        number=number if only is not None else None,
        energy_basis=compile_rectification(book.rules_of(number)).energy_basis,
        totals=totals(rows, day),
        states=states,
        groups={d: by_group(rows, day, d, until=until, targets=aims if d == "township" else None) for d in DIMENSIONS},
        until=until,
        targets=against_targets(file, rows, day) if file is not None else None,
        plan=file.name if file is not None else "",
        tracked=rows,
        set_aside=tuple(
            problem("history_impossible", code=Firm(code), why=str(why))
            for (_, code), several in book.set_aside.items()
            for why in several
        ),
    )


def _targets(book: Book, number: int, wanted: str | Path | None) -> TheTargets | None:
    if wanted is not None:
        return whole_targets(load_rules(wanted))
    rules = book.rules_of(number)
    return whole_targets(rules) if rules.targets is not None else None


def _until(file: TheTargets | None, rows: pl.DataFrame, day: date) -> date | None:
    """The end of the plan's next target year for enterprises; without a plan the last deadline of work to be done."""
    years = sorted({int(y) for t in (file.targets if file else ()) if t.counts == "firms" for y in t.targets})
    if years:
        return date(next((y for y in years if y >= day.year), years[-1]), 12, 31)
    last = rows.filter(pl.col("state").is_in(UNDONE))["deadline"].max()
    return last if isinstance(last, date) else None


def _townships(file: TheTargets, until: date) -> dict[str, Decimal]:
    """The townships' own targets of enterprises for the year."""
    shares: dict[str, Decimal] = {}
    for target in file.targets:
        if target.counts == "firms" and target.path is None:
            shares |= {
                name: years[str(until.year)] for name, years in target.townships.items() if str(until.year) in years
            }
    return shares


def progress_report(status: Status) -> ProgressReport:
    """The status of a day as its report shows it."""
    return ProgressReport(
        day=status.day,
        totals=status.totals,
        states=status.states,
        groups=status.groups,
        tracked=status.tracked,
        energy_basis=status.energy_basis,
        until=status.until,
        targets=status.targets,
        plan=status.plan,
        known_on=status.known_on,
        number=status.number,
    )
