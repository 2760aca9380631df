"""Projects over their whole life: the stage reached, how late the next one is, what full production brought.

Pure functions of the tables and a day; nothing of a later day is looked at, so that an earlier month stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields.tables.projects import STAGES
from mujun.notebooks import InNotebooks
from mujun.numbers import round_decimal
from mujun.rules.model import Watched

Row = Mapping[str, Any]

PROMISED: tuple[tuple[str, str], ...] = (
    ("promised_tax", "tax_paid"), ("added_value", "value_added"), ("need_tce", "energy_tce"),
)  # fmt: skip
"""What a project promises and the field of its firm's year that it is held against; of energy less is better."""


@dataclass(frozen=True)
class StageDay:
    """A stage of a project on a day: planned, done, and how late: done late, or not done though due."""

    stage: str
    due: date | None
    on: date | None
    late: int | None


@dataclass(frozen=True)
class Promise:
    """What was promised of full production, and what the firm's records of a year say; none where there are none."""

    promised: str
    of: str
    year: int | None
    aim: Decimal
    value: Decimal | None

    @property
    def share(self) -> Fraction | None:
        """What was reached of it."""
        return Fraction(self.value) / Fraction(self.aim) if self.value is not None and self.aim > 0 else None

    @property
    def short(self) -> bool | None:
        """Whether less came of it than promised (of energy: whether more is used); none where nothing is known."""
        if self.value is None:
            return None
        return self.value > self.aim if self.of == "energy_tce" else self.value < self.aim


@dataclass(frozen=True)
class ProjectStanding:
    """A project on a day.

    Attributes:
        row: its record.
        ended: whether it was given up by then.
        stage: the last stage done; empty where none is.
        next: the stage that comes next; none where all are done, or it was given up.
        days: every stage.
        year_due, year_done: the investment planned and done in the year.
        done: the investment done since the beginning.
        unled: whether somebody should lead it, by its size, and nobody or no team is named.
        promises: what full production was to bring, once it is reached or due.
    """

    row: Row
    ended: bool
    stage: str
    next: StageDay | None
    days: tuple[StageDay, ...]
    year_due: Decimal | None
    year_done: Decimal | None
    done: Decimal | None
    unled: bool
    promises: tuple[Promise, ...]

    @property
    def late(self) -> int:
        """By how many days the next stage is late; 0 where it is not."""
        return self.next.late or 0 if self.next is not None else 0


@dataclass(frozen=True)
class FundYear:
    """The special fund in a year until a day: transfer income, paid in, spent, and what was left of both."""

    year: int
    income: Decimal
    paid_in: Decimal
    spent: Decimal
    balance: Decimal

    @property
    def share(self) -> Fraction | None:
        """What was paid in as a share of the income, in per cent."""
        return 100 * Fraction(self.paid_in) / Fraction(self.income) if self.income > 0 else None


@dataclass(frozen=True)
class SupplyYear:
    """Land supplied in a year until a day, in mu: all, industrial, and industrial as 标准地; the price in 万元."""

    year: int
    parcels: int
    mu: Decimal
    industrial: Decimal
    standard: Decimal
    price: Decimal

    @property
    def industrial_share(self) -> Fraction | None:
        """The industrial part of all land, in per cent."""
        return 100 * Fraction(self.industrial) / Fraction(self.mu) if self.mu > 0 else None

    @property
    def standard_share(self) -> Fraction | None:
        """标准地 among industrial land, in per cent."""
        return 100 * Fraction(self.standard) / Fraction(self.industrial) if self.industrial > 0 else None


@dataclass(frozen=True)
class ProjectBook(InNotebooks):
    """Projects, land supplied and the special fund on a day.

    Attributes:
        day: the day.
        watched: what the plan watches; none where it says nothing.
        projects: those signed or planned by then, by code.
        supply: land supplied, by year.
        parcels: industrial parcels of the day's year that are no 标准地.
        funds: the special fund, by year.
        fund_aim: what part of the income is to be paid in, in per cent; none where the plan says nothing.
    """

    day: date
    watched: Watched | None = field(repr=False)
    projects: tuple[ProjectStanding, ...] = field(repr=False)
    supply: tuple[SupplyYear, ...] = field(repr=False)
    parcels: tuple[str, ...] = field(repr=False)
    funds: tuple[FundYear, ...] = field(repr=False)
    fund_aim: Fraction | None = None

    @property
    def going(self) -> tuple[ProjectStanding, ...]:
        """The projects that were not given up."""
        return tuple(p for p in self.projects if not p.ended)

    def owed(self, fund: FundYear) -> Decimal | None:
        """What was to be paid into the special fund of a year's income; none where the plan says nothing."""
        return None if self.fund_aim is None else round_decimal(Fraction(fund.income) * self.fund_aim / 100, 2)

    @property
    def late(self) -> tuple[ProjectStanding, ...]:
        """Those of which the next stage is late by more than the plan allows, the latest first."""
        after = self.watched.late_after if self.watched is not None else 0
        return tuple(sorted((p for p in self.going if p.late > after), key=lambda p: (-p.late, p.row["project"])))


def project_book(
    tables: Mapping[str, pl.DataFrame],
    frames: Mapping[int, pl.DataFrame],
    day: date,
    watched: Watched | None,
    fund_aim: Fraction | None = None,
) -> ProjectBook:
    """Projects, land supplied and the special fund on a day.

    Args:
        tables: `projects`, `project_years`, `land_supply`, `special_fund`.
        frames: the enterprises of each data year, with `credit_code` and what promises are held against.
        day: the day.
        watched: what the plan watches.
        fund_aim: what part of the income is to be paid in, in per cent.
    """
    years = tables["project_years"]
    told = [
        _project(row, years.filter(pl.col("project") == row["project"]), frames, day, watched)
        for row in tables["projects"].sort("project").iter_rows(named=True)
        if any(row[due] is not None or row[on] is not None for _, due, on in STAGES)
    ]
    supplied = tables["land_supply"].filter(pl.col("supplied_on") <= day)
    plain = supplied.filter(
        pl.col("supplied_on").dt.year() == day.year,
        pl.col("land_use") == "工业",
        pl.col("standard_land").ne_missing("是"),
    )
    return ProjectBook(
        day, watched, tuple(told), tuple(_supply(supplied)), tuple(plain["parcel"].sort().to_list()),
        tuple(_funds(tables["special_fund"].filter(pl.col("booked_on") <= day))), fund_aim,
    )  # fmt: skip


def _project(
    row: Row, years: pl.DataFrame, frames: Mapping[int, pl.DataFrame], day: date, watched: Watched | None
) -> ProjectStanding:
    ended = row["ended_on"] is not None and row["ended_on"] <= day
    days = tuple(_stage(stage, row[due], _past(row[on], day), day) for stage, due, on in STAGES)
    reached = [at for at, d in enumerate(days) if d.on is not None]
    # What was skipped or left blank before a later stage was passed all the same.
    at = reached[-1] + 1 if reached else 0
    following = next((d for d in days[at:] if d.due is not None), None)
    limit = watched.team_from if watched is not None else None
    total = row["total_investment"]
    large = limit is not None and total is not None and total >= limit
    until = years.filter(pl.col("year") <= day.year)
    of_year = until.filter(pl.col("year") == day.year)
    return ProjectStanding(
        row, ended, days[at - 1].stage if at else "", None if ended else following, days,
        _sum(of_year, "year_investment_due"), _sum(of_year, "year_investment"), _sum(until, "year_investment"),
        large and not ended and not (row["leader"] and row["team"]),
        () if ended else tuple(_promises(row, days[-1], frames, day)),
    )  # fmt: skip


def _past(on: date | None, day: date) -> date | None:
    """A day that has come."""
    return on if on is not None and on <= day else None


def _stage(stage: str, due: date | None, on: date | None, day: date) -> StageDay:
    late = ((on or day) - due).days if due is not None and (on is not None or due < day) else None
    return StageDay(stage, due, on, max(late, 0) if late is not None else None)


def _promises(row: Row, target: StageDay, frames: Mapping[int, pl.DataFrame], day: date) -> Iterator[Promise]:
    """What full production was to bring, held against the newest year of the firm's records since it was reached."""
    since = target.on or target.due
    if since is None or since > day or row["credit_code"] is None:
        return
    years = [y for y in sorted(frames) if since.year <= y and date(y, 12, 31) <= day]
    for promised, of in PROMISED:
        if row[promised] is None:
            continue
        year, value = None, None
        for y in years:
            mine = frames[y].filter(pl.col("credit_code") == row["credit_code"])
            if mine.height and mine[of][0] is not None:
                year, value = y, mine[of][0]
        yield Promise(promised, of, year, row[promised], value)


def _sum(rows: pl.DataFrame, column: str) -> Decimal | None:
    known = rows.filter(pl.col(column).is_not_null())
    return Decimal(known[column].sum()) if known.height else None


def _supply(supplied: pl.DataFrame) -> Iterator[SupplyYear]:
    dated = supplied.with_columns(pl.col("supplied_on").dt.year().alias("_year"))
    for year in sorted(dated["_year"].unique().to_list()):
        rows = dated.filter(pl.col("_year") == year)
        industrial = rows.filter(pl.col("land_use") == "工业")
        standard = industrial.filter(pl.col("standard_land") == "是")
        mu, of_industry, of_standard = (_sum(r, "supply_mu") or Decimal(0) for r in (rows, industrial, standard))
        yield SupplyYear(year, rows.height, mu, of_industry, of_standard, _sum(rows, "supply_price") or Decimal(0))


def _funds(entries: pl.DataFrame) -> Iterator[FundYear]:
    dated = entries.with_columns(pl.col("booked_on").dt.year().alias("_year"))
    balance = Decimal(0)
    for year in sorted(dated["_year"].unique().to_list()):
        rows = dated.filter(pl.col("_year") == year)
        income, paid, spent = (_sum(rows, n) or Decimal(0) for n in ("transfer_income", "fund_paid_in", "fund_spent"))
        balance += paid - spent
        yield FundYear(year, income, paid, spent, balance)
