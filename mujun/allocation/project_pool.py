"""Freed energy shared out among projects as a rule file says: who comes first, by which weight, who gets nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from mujun.allocation.exactly import exact
from mujun.allocation.pool import Project, SharedPool, share_pool
from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.notebooks import InNotebooks
from mujun.numbers import QUANTITY, round_decimal
from mujun.rules.pool_plan import OF_FIRM, PoolPlan

SHARES: dict[str, pl.DataType] = {
    "project": pl.String(),
    "project_name": pl.String(),
    "credit_code": pl.String(),
    "name": pl.String(),
    "tier": pl.String(),
    "project_kind": pl.String(),
    "need_tce": pl.Decimal(18, 6),
    "priority": pl.Int32(),
    "order": pl.String(),
    "weight": pl.Decimal(38, 12),
    "given": pl.Decimal(38, 6),
    "shortfall": pl.Decimal(38, 6),
    "why": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class ProjectPool(InNotebooks):
    """A pool shared out among projects.

    Attributes:
        plan: the rules.
        freed: what it is taken from: the amount that the rules or the office state, or what was freed and no
            substitution has spent.
        amount: what there is to share: the part of `freed` that the rules set aside, whole units.
        shared: who got what.
        rows: a row per project, columns as in `SHARES`, served ones in their order, then the others; `why` is
            `served`, `refused` (with the rule's reason), `no_order`, `met`, `no_need` or `no_weight`.
    """

    plan: PoolPlan
    freed: Decimal
    amount: Decimal
    shared: SharedPool
    rows: pl.DataFrame = field(repr=False)

    @property
    def given(self) -> Decimal:
        """What was given in all."""
        return self.shared.given

    @property
    def left(self) -> Decimal:
        """What is left when all needs are met."""
        return self.shared.left

    @property
    def short(self) -> pl.DataFrame:
        """The projects that were served and get less than they need."""
        return self.rows.filter(pl.col("why") == "served", pl.col("shortfall") > 0)


def share_among_projects(plan: PoolPlan, projects: pl.DataFrame, firms: pl.DataFrame, freed: Decimal) -> ProjectPool:
    """A pool shared out by its rules.

    Args:
        plan: the pool, compiled.
        projects: rows of the `projects` table, with `had_tce` where projects have had a part of their need before.
        firms: `credit_code, tier, scale, township` of the rated firms; a project whose firm is not among them has none.
        freed: 吨标煤 from which the pool is taken.

    Returns:
        The shares. Order and weight go by the need that was reported; `need_tce` of the shares is what is left of it,
        cut to whole units of `step`, so that nobody gets more than he needs.
    """
    step = plan.source.step
    amount = _whole(freed * plan.source.share, step)
    ranked = _ranked(plan, _with_firms(projects, firms))
    wanting: list[Project] = []
    rows: list[dict[str, Any]] = []
    for row in ranked.sort("project").iter_rows(named=True):
        why, had = row["why"], row.pop("had_tce") or Decimal(0)
        if row["need_tce"] is not None:
            row["need_tce"] = max(row["need_tce"] - had, Decimal(0))
        need: Decimal = row["need_tce"] or Decimal(0)
        if why == "served" and need <= 0:
            why = "met" if had else "no_need"
        if why == "served" and (row["weight"] is None or row["weight"] <= 0):
            why = "no_weight"
        if why == "served":
            wanting.append(Project(row["project"], _whole(need, step), row["priority"], row["weight"]))
        rows.append({**row, "why": why})
    shared = share_pool(amount, wanting, step=step)
    given = {s.project.id: s.given for s in shared.shares}
    place = {s.project.id: i for i, s in enumerate(shared.shares)}
    for row in rows:
        row["given"] = given.get(row["project"])
        served = row["given"] is not None
        row["shortfall"] = row["need_tce"] - row["given"] if served else None
        row["priority"] = row["priority"] if served else None
    rows.sort(key=lambda r: (place.get(r["project"], len(place)), r["project"]))
    return ProjectPool(plan, freed, amount, shared, pl.DataFrame(rows, schema=SHARES, orient="row"))


def _whole(value: Decimal, step: Decimal) -> Decimal:
    units = Fraction(value) / Fraction(step)
    return round_decimal(Fraction(units.numerator // units.denominator) * Fraction(step), 6)


def _with_firms(projects: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    had = pl.col("had_tce") if "had_tce" in projects.columns else pl.lit(None, dtype=QUANTITY).alias("had_tce")
    typed = projects.select([*(pl.col(f.name).cast(f.dtype) for f in TABLES["projects"].fields), had])
    joined = typed.join(firms.select("credit_code", *OF_FIRM), on="credit_code", how="left", suffix="_firm")
    # Where the firm stands counts; of one that is not on the roll yet, where the project is to stand.
    return joined.with_columns(pl.coalesce("township_firm", "township").alias("township")).drop("township_firm")


def _ranked(plan: PoolPlan, projects: pl.DataFrame) -> pl.DataFrame:
    """The first rank that holds for each project, its weight, and whether it is refused."""
    columns: list[pl.Expr] = []
    for i, (_, when) in enumerate(plan.refuse):
        columns.append(_holds(when).alias(f"_r{i}"))
    for i, order in enumerate(plan.order):
        columns.append(_holds(order.when).alias(f"_o{i}"))
        weight = exact(order.weight.value) if order.weight is not None else pl.lit(1, dtype=pl.Decimal(38, 12))
        columns.append(weight.cast(pl.Decimal(38, 12)).alias(f"_w{i}"))
    weighed = projects.lazy().with_columns(columns).collect(engine="in-memory")
    rows: list[dict[str, Any]] = []
    for row in weighed.iter_rows(named=True):
        rows.append({**{n: row.get(n) for n in (*SHARES, "had_tce")}, **_rank(plan, row)})
    return pl.DataFrame(rows, schema={**SHARES, "had_tce": QUANTITY}, orient="row")


def _holds(when: Any) -> pl.Expr:
    holds: pl.Expr = when.value.expr.fill_null(value=False) if when is not None else pl.lit(value=False)
    return holds


def _rank(plan: PoolPlan, row: Mapping[str, Any]) -> dict[str, Any]:
    for i, (refusal, _) in enumerate(plan.refuse):
        if row[f"_r{i}"]:
            return {"why": "refused", "reason": refusal.reason, "priority": None, "order": None, "weight": None}
    for i, order in enumerate(plan.order):
        if row[f"_o{i}"]:
            rank = {"priority": i + 1, "order": order.source.id, "weight": row[f"_w{i}"]}
            return {"why": "served", "reason": None, **rank}
    return {"why": "no_order", "reason": None, "priority": None, "order": None, "weight": None}
