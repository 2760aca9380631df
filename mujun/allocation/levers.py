"""The quarterly ledger: what each lever came to in every quarter, in the eleven lines that a bureau reports.

An amount of a whole period is spread over its quarters by what was used in each where usage records gave the amount,
else by the days; what was rounded, capped or excluded keeps its sum to the 分.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import polars as pl

from mujun.allocation.accounts import not_computed
from mujun.allocation.charging import BY_BILLS, charge, shared_by
from mujun.allocation.periods import Span, span_of
from mujun.allocation.result import Allocation
from mujun.allocation.sharing import in_turn
from mujun.allocation.usage import checked_usage
from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.rules.allocation_plan import LEVER_UNITS, MeasurePlan
from mujun.rules.model.allocation import Lever

FOR_BETTER: tuple[Lever, ...] = (
    "land_tax_relief", "award", "power_market", "new_land", "energy_quota", "emission_quota",
)  # fmt: skip
"""The lines for A and B; the others are for C and D."""

WhyBlank = Literal["lever_no_measure", "lever_trial", "lever_no_data"]
"""The messages that say why a line is blank."""

TIERS: Mapping[bool, tuple[str, ...]] = {True: ("A", "B"), False: ("C", "D")}

SPREAD: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "tier": pl.String(),
    "quarter": pl.String(),
    "amount": pl.Decimal(38, 6),
}

_MICRO = Decimal("0.000001")


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a calendar year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def span(self) -> Span:
        """Its days."""
        month = 3 * self.number
        last = date(self.year, month, 31 if self.number in (1, 4) else 30)
        return Span(date(self.year, month - 2, 1), last)


@dataclass(frozen=True)
class LeverLine:
    """One of the eleven lines.

    Attributes:
        lever: which.
        unit: 万元, 亩, 吨标煤 or 吨.
        amounts: per quarter; empty where nothing could be computed.
        enterprises: how many have an amount in any quarter.
        measures: the labels of the measures that are counted here.
        why: a message's key that says why the line is blank; none where it is not.
        open: enterprises whose amount could not be computed.
        others: what other tiers than the line's come to, and is not counted.
    """

    lever: Lever
    unit: str
    amounts: Mapping[Quarter, Decimal] = field(default_factory=dict)
    enterprises: int = 0
    measures: tuple[str, ...] = ()
    why: WhyBlank | None = None
    open: int = 0
    others: Decimal = Decimal(0)

    @property
    def for_better(self) -> bool:
        """Whether it is for A and B."""
        return self.lever in FOR_BETTER

    @property
    def total(self) -> Decimal | None:
        """All quarters together."""
        return sum(self.amounts.values(), Decimal(0)) if self.amounts else None


@dataclass(frozen=True)
class LeverLedger(InNotebooks):
    """The eleven lines over the quarters that any measure touches."""

    quarters: tuple[Quarter, ...]
    lines: tuple[LeverLine, ...]
    outside: tuple[str, ...]
    """Labels of measures with amounts that belong to none of the lines."""


def quarters_of(span: Span) -> Iterator[Quarter]:
    """The quarters that a span touches."""
    at = Quarter(span.first.year, (span.first.month + 2) // 3)
    while at.span.first <= span.last:
        yield at
        at = Quarter(at.year + 1, 1) if at.number == 4 else Quarter(at.year, at.number + 1)


def by_quarter(allocation: Allocation, measure: str, usage: pl.DataFrame | None = None) -> pl.DataFrame:
    """A measure's amounts per enterprise and quarter: `credit_code, tier, quarter` (as `2023Q1`) and `amount`.

    Args:
        allocation: what `allocate` gave.
        measure: the measure's name.
        usage: the usage records it was given.

    Returns:
        Rows of enterprises with an amount. A lump sum counts in the quarter in which the period begins, what is given
        back in the one in which it ends.
    """
    plan = allocation.measure(measure)
    rows = allocation.rows.filter(pl.col("measure") == measure, pl.col("amount") != 0)
    span = span_of(plan.source.period, allocation.year)
    if span is None or rows.is_empty():
        return pl.DataFrame(schema=SPREAD)
    quarters = list(quarters_of(span))
    weights = _weights(allocation, plan, span, quarters, rows, usage)
    shares: list[tuple[str, str | None, str, Decimal]] = []
    for code, tier, amount in rows.select("credit_code", "tier", "amount").iter_rows():
        parts = in_turn(int(amount / _MICRO), weights[code])
        shares += [(code, tier, str(q), p * _MICRO) for q, p in zip(quarters, parts, strict=True) if p]
    return pl.DataFrame(shares, schema=SPREAD, orient="row")


def _weights(
    allocation: Allocation,
    plan: MeasurePlan,
    span: Span,
    quarters: Sequence[Quarter],
    rows: pl.DataFrame,
    usage: pl.DataFrame | None,
) -> Mapping[str, Sequence[int | Fraction]]:
    """What each quarter would have come to alone."""
    if plan.of is None:
        one = [int(i == (len(quarters) - 1 if plan.refunds is not None else 0)) for i in range(len(quarters))]
        return dict.fromkeys(rows["credit_code"], one)
    records = checked_usage(usage)
    metered = set(rows.filter(pl.col("basis").is_in(BY_BILLS))["credit_code"])
    days: list[int | Fraction] = []
    computed: dict[str, list[int | Fraction]] = {c: [] for c in rows["credit_code"]}
    stood = allocation.frames[plan.part].filter(pl.col("credit_code").is_in(rows["credit_code"].implode()))
    for quarter in quarters:
        part = span.within(quarter.span.first, quarter.span.last)
        assert part is not None
        days.append(part.years)
        charged = charge(plan, part, stood, records, allocation.year)
        told = charged.rows.select("credit_code", "computed", shared_by("basis", charged.shared))
        seen = {c: (n, b) for c, n, b in told.iter_rows()}
        for code, weights in computed.items():
            amount, basis = seen.get(code, (None, None))
            counts = amount is not None and (basis in BY_BILLS) == (code in metered)
            weights.append(Fraction(amount) if counts else 0)
    # What is too little for a 分 in any quarter goes by the days.
    return {code: weights if any(weights) else days for code, weights in computed.items()}


def lever_ledger(allocation: Allocation, usage: pl.DataFrame | None = None) -> LeverLedger:
    """The quarterly ledger of an allocation.

    Args:
        allocation: what `allocate` gave.
        usage: the usage records it was given.
    """
    measures = [m for m in allocation.plan.measures if m.source.kind != "note"]
    spans = [span_of(m.source.period, allocation.year) for m in measures if m.source.lever is not None]
    quarters = sorted({q for s in spans if s is not None for q in quarters_of(s)})
    lines = tuple(_line(allocation, lever, measures, quarters, usage) for lever in LEVER_UNITS)
    outside = tuple(m.source.label for m in measures if m.source.lever is None)
    return LeverLedger(tuple(quarters), lines, outside)


def _line(
    allocation: Allocation,
    lever: Lever,
    measures: Sequence[MeasurePlan],
    quarters: Sequence[Quarter],
    usage: pl.DataFrame | None,
) -> LeverLine:
    unit = LEVER_UNITS[lever]
    ours = [m for m in measures if m.source.lever == lever]
    labels = tuple(m.source.label for m in ours)
    if not ours:
        return LeverLine(lever, unit, why="lever_no_measure")
    trial = allocation.rows.filter(pl.col("measure").is_in([m.name for m in ours]), ~pl.col("binding"))
    binding = [m for m in ours if m.name not in set(trial["measure"])]
    if not binding:
        return LeverLine(lever, unit, measures=labels, why="lever_trial")
    spread = pl.concat([by_quarter(allocation, m.name, usage) for m in binding])
    tiers = TIERS[lever in FOR_BETTER]
    counted = spread.filter(pl.col("tier").is_in(tiers))
    rows = allocation.rows.filter(
        pl.col("measure").is_in([m.name for m in binding]), not_computed(), pl.col("tier").is_in(tiers)
    )
    open_ = rows["credit_code"].n_unique()
    if counted.is_empty() and open_:
        return LeverLine(lever, unit, measures=labels, why="lever_no_data", open=open_)
    sums = dict(counted.group_by("quarter").agg(pl.col("amount").sum()).iter_rows())
    others = spread.filter(~pl.col("tier").is_in(tiers).fill_null(value=False))["amount"].sum()
    return LeverLine(
        lever,
        unit,
        {q: sums.get(str(q), Decimal(0)) for q in quarters},
        counted["credit_code"].n_unique(),
        labels,
        None,
        open_,
        Decimal(others),
    )
