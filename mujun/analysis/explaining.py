"""Why an enterprise has its tier, taken from the columns that the rating kept."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.rating import Rating, notes_of


@dataclass(frozen=True)
class IndicatorStep:
    """One indicator of the subject: its value, benchmark, weight and points."""

    id: str
    label: str
    unit: str
    value: float | None
    benchmark: float | None
    weight: Decimal | None
    points: Decimal | None
    note: str | None


@dataclass(frozen=True)
class RuleStep:
    """A rule that applied, and whether it changed the tier."""

    id: str
    reason: str
    changed: bool


@dataclass(frozen=True)
class Explanation:
    """One subject's way from indicators to tier."""

    credit_code: str
    name: str
    year: int | None
    ruleset: str
    cohort: str | None
    treatment: str
    reason: str | None
    land: tuple[Decimal | None, ...]
    indicators: tuple[IndicatorStep, ...]
    adjustments: tuple[tuple[str, Decimal], ...]
    points: Decimal | None
    score: Decimal | None
    rank: int | None
    size: int | None
    tier_cut: str | None
    tier: str | None
    rules: tuple[RuleStep, ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...]


def explain(rating: Rating, credit_code: str, frame: pl.DataFrame | None = None) -> Explanation:
    """The explanation of one enterprise's result: its subject's indicators, points, rank, cut and rules.

    Args:
        rating: a rating.
        credit_code: the enterprise.
        frame: the frame that was rated, for what the rules did not read (how the land is made up).

    Raises:
        UsageError: there is no such enterprise; names the nearest code.
    """
    found = rating.of(credit_code)
    if found is None:
        codes = rating.enterprises["credit_code"].to_list()
        near = nearest(credit_code, codes) or "—"
        raise UsageError(problem("unknown_enterprise", code=credit_code, year=rating.year, near=near))
    subject = rating.subjects.filter(pl.col("subject") == found["subject"]).row(0, named=True)
    plan = rating.plan
    cohort = next((c for c in plan.rating.cohorts if c.id == subject["cohort"]), None)
    items = plan.rating.scoring[cohort.id].items if cohort else {}
    meanings = plan.scope.meanings
    indicators = tuple(
        IndicatorStep(
            name,
            meanings[name].label,
            plan.rating.indicators[name].unit or "",
            subject[name],
            subject.get(f"{name}_benchmark"),
            items[name].weight if name in items else None,
            subject.get(f"{name}_points"),
            subject.get(f"{name}_note"),
        )
        for name in plan.rating.indicators
        if name in items or subject[name] is not None
    )
    adjustments = tuple(
        (a.label or a.id, subject[f"adj_{a.id}"]) for a in plan.rating.adjustments.items if subject[f"adj_{a.id}"]
    )
    reasons = {b.id: b.reason for b, _ in plan.before} | {a.id: a.reason for a, _ in plan.after}
    rules = tuple(RuleStep(i, reasons[i], i in subject["rules_changed"]) for i in subject["rules_matched"])
    notes = notes_of(rating, subject["subject"])
    source = found if frame is None else frame.filter(pl.col("credit_code") == credit_code).row(0, named=True)
    sizes = (source.get(n) for n in ("land_mu", "owned_mu", "rented_in_mu", "rented_out_mu"))
    land = tuple(s if isinstance(s, Decimal) else None for s in sizes)
    return Explanation(
        credit_code,
        str(found["name"] or ""),
        rating.year,
        plan.rating.name,
        (cohort.label or cohort.id) if cohort else None,
        subject["treatment"],
        subject["reason"],
        land,
        indicators,
        adjustments,
        subject["score:points"],
        subject["score"],
        subject["rank"],
        subject["size"],
        subject["tier_cut"],
        subject["tier"],
        rules,
        tuple((row["where"], tuple(row["missing"])) for row in notes.iter_rows(named=True)),
    )
