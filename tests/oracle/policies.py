"""The oracle of lists and prices: section 6 and 7 of the reference of rules, one enterprise at a time.

A list: who meets which condition, what takes it away, which path is first. Of parcels: the firms on them put together,
parcels that a firm joins being one. A price: the quantity of a year by the days of each enterprise's own.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from .expressions import half_away, rational
from .rater import Entity, Rater, Row, Rules

Listed = dict[str, tuple[tuple[str, ...], str | None]]


class Policies(Rater):
    """A policy file on enterprises whose tiers are known; without any tier everybody counts as rated."""

    def __init__(self, rows: list[Row], rules: Rules, previous: list[Row] | None, year: int, is_past: bool) -> None:
        subject = {"population": {"subject": rules.get("subject") or "enterprise"}}
        names: Rules = {key: rules[key] for key in ("fields", "statistics") if key in rules}
        # Files without a rating of their own: a statistic that does not say among whom is among all.
        names["statistics"] = {n: {"among": "all", **one} for n, one in (rules.get("statistics") or {}).items()}
        if rules.get("subject") == "parcel":
            # The firms are added up first, and then the fields computed.
            again = {n: f if "input" in f else {**f, "pool": "again"} for n, f in (rules.get("fields") or {}).items()}
            names["fields"] = again
        super().__init__(rows, {**names, **subject}, None, {}, year, is_past=True)
        self.is_past, self.by_parcel = is_past, rules.get("subject") == "parcel"
        if previous is not None and not is_past:
            self.past = Policies(previous, rules, None, year - 1, True)

    @cached_property
    def subjects(self) -> list[Entity]:
        """Enterprises; of parcels those that somebody stands on."""
        every: list[Entity] = Rater.__dict__["subjects"].func(self)
        parcels = {p for e in self.enterprises for p in (e.row or {}).get("parcels") or ()}
        return [s for s in every if s.id in parcels] if self.by_parcel else every

    @cached_property
    def graded(self) -> list[Entity]:
        """Who had a tier; where nobody had one, or parcels are listed, all."""
        tiered = [s for s in self.subjects if s.row is not None and s.row.get("tier") is not None]
        return tiered if tiered and not self.by_parcel else self.subjects

    def find(self, entity: Entity, name: str) -> Any:
        if name == "tier":
            return entity.row.get("tier") if entity.row is not None else self.pooled(entity, name, "most_land")
        if name == "firms" and entity.row is None:
            return Decimal(len(entity.members))
        return super().find(entity, name)


def written_out(rules: Rules, name: str | None) -> Rules:
    """A file with one of its lists as its own: what that does not state is as the file has it."""
    if name is None:
        return rules
    return {**{k: v for k, v in rules.items() if k != "lists"}, **rules["lists"][name]}


def listed(
    rows: list[Row], rules: Rules, previous: list[Row] | None = None, name: str | None = None, year: int = 2022
) -> Listed:
    """Who is listed, for which reasons, on which path; a parcel under its number."""
    file = written_out(rules, name)
    county = Policies(rows, file, previous, year, False)
    lists: Listed = {}
    for subject in county.subjects:
        if not county.holds(subject, file.get("scope")):
            continue
        met = [one["id"] for one in file["listing"] if county.holds(subject, one["when"])]
        for exempt in file.get("exempt") or []:
            if county.holds(subject, exempt["when"]):
                met = [reason for reason in met if exempt.get("of") and reason not in exempt["of"]]
        if met:
            path = next((p["path"] for p in file.get("paths") or [] if county.holds(subject, p["when"])), None)
            lists[subject.id] = (tuple(met), path)
    return lists


def charged(
    rows: list[Row], rules: Rules, previous: list[Row] | None = None, year: int = 2022
) -> dict[tuple[str, str], Decimal]:
    """What every measure comes to: the first rate that holds × the year's quantity by the days × no bills.

    In 万元, of rates in 元 per unit; by enterprise and measure, of whom a rate with a number applies.
    """
    county = Policies(rows, rules, previous, year, False)
    amounts: dict[tuple[str, str], Decimal] = {}
    for measure in rules["measures"]:
        for subject in county.subjects:
            days = own_days(county, subject, measure.get("period") or {}, year)
            rate = next((r for r in measure["rate"] if county.holds(subject, r["when"])), None)
            if rate is None or not days:
                continue
            part = sum((Fraction(1, 366 if leap(d.year) else 365) for d in days), Fraction(0))
            quantity = county.eval(subject, measure["of"])
            value = county.eval(subject, rate["value"])
            if quantity is None or value is None:
                continue
            amount = rational(quantity) * part * rational(value) / 10000
            amounts[subject.id, measure["id"]] = half_away(amount, 6)
    return amounts


def own_days(county: Policies, subject: Entity, period: Rules, year: int) -> list[date]:
    """The days of the period that are also the enterprise's own."""
    whole = year + int(period.get("year", 0))
    first, last = date(whole, 1, 1), date(whole, 12, 31)
    if "begins" in period:
        months = int(period.get("grace", 0))
        begins = county.eval(subject, f"({period['begins']}) + interval '{months} months'")
        if begins is None:
            return []
        first = max(first, begins)
    if "ends" in period:
        ends = county.eval(subject, period["ends"])
        if ends is None:
            return []
        last = min(last, ends)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def leap(year: int) -> bool:
    """Whether a year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
