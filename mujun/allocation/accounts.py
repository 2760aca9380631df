"""Amounts on the account numbers of an office: each to the 分, and in all exactly what the measure comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from mujun.allocation.result import Allocation
from mujun.allocation.sharing import by_weight
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.rules.allocation_plan import UTILITY_OF_OFFICE
from mujun.rules.model.allocation import Office

_MICRO = Decimal("0.000001")

LINES: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "name": pl.String(),
    "township": pl.String(),
    "tier": pl.String(),
    "account": pl.String(),
    "measure": pl.String(),
    "label": pl.String(),
    "kind": pl.String(),
    "quantity": pl.Decimal(38, 6),
    "rate": pl.Decimal(38, 12),
    "per": pl.String(),
    "amount": pl.Decimal(38, 6),
    "from": pl.Date(),
    "until": pl.Date(),
    "split": pl.String(),
    "rates": pl.List(pl.String()),
    "basis": pl.String(),
    "days": pl.Int64(),
    "covered_days": pl.Int64(),
    "capped": pl.Boolean(),
    "document": pl.String(),
}


@dataclass(frozen=True)
class OfficeList:
    """What one office has to charge or relieve.

    Attributes:
        office: which.
        lines: a row per enterprise, measure and account, columns as in `LINES`; amounts in 万元, none of them 0, of
            binding measures; `account` is missing where the firm has none.
        open: rows of the allocation whose amount could not be computed.
    """

    office: Office
    lines: pl.DataFrame = field(repr=False)
    open: pl.DataFrame = field(repr=False)

    @property
    def without_account(self) -> pl.DataFrame:
        """The lines of firms that have no account number; a list without accounts has none."""
        if self.office not in UTILITY_OF_OFFICE:
            return self.lines.clear()
        return self.lines.filter(pl.col("account").is_null())

    @property
    def partly(self) -> pl.DataFrame:
        """The lines that are charged by usage records which do not cover every day: the other days are not charged."""
        return self.lines.filter(pl.col("basis") == "usage", pl.col("covered_days") < pl.col("days"))

    @property
    def totals(self) -> pl.DataFrame:
        """Per measure: `measure, label, kind, enterprises, accounts, amount, without` (the part without account)."""
        lacking = pl.col("account").is_null()
        return self.lines.group_by("measure", "label", "kind", maintain_order=True).agg(
            pl.col("credit_code").n_unique().cast(pl.Int64).alias("enterprises"),
            pl.col("account").count().cast(pl.Int64).alias("accounts"),
            pl.col("amount").sum(),
            pl.col("amount").filter(lacking).sum().alias("without"),
        )


def not_computed() -> pl.Expr:
    """Whether an amount is lacking that should be there: of a note, or at a rate of 0, none is."""
    charged = (pl.col("rate") != 0).fill_null(value=True) & (pl.col("notes").list.len() == 0)
    return pl.col("amount").is_null() & pl.col("exempt").is_null() & charged


def offices_of(allocation: Allocation) -> tuple[Office, ...]:
    """The offices that a rule set's measures with amounts concern, in a fixed order."""
    taxing = {m.office for m in allocation.plan.measures if m.source.kind in ("surcharge", "relief")}
    order: tuple[Office, ...] = ("power", "water", "gas", "heat", "tax")
    return tuple(o for o in order if o in taxing)


def office_list(allocation: Allocation, office: Office, accounts: pl.DataFrame) -> OfficeList:
    """The amounts of an office's measures on the accounts of each firm.

    Args:
        allocation: what `allocate` gave.
        office: whose measures.
        accounts: `credit_code, utility, account`, and `account_use` where the yearly use of each is known.

    Returns:
        The list. A firm's amount and quantity are shared among its accounts in proportion to their yearly use where
        all of them have one, else in equal parts, by largest remainders.

    Raises:
        UsageError: no measure concerns this office.
    """
    measures = [
        m.name for m in allocation.plan.measures if m.office == office and m.source.kind in ("surcharge", "relief")
    ]
    if not measures:
        known = offices_of(allocation)
        raise UsageError(problem("office_nothing", office=office, known=known or "—"))
    rows = allocation.rows.filter(pl.col("measure").is_in(measures), pl.col("binding"), pl.col("unit") == "万元")
    # A tax that was paid back may leave an amount below zero: it is in the totals, and so in the list.
    charged = rows.filter(pl.col("amount") != 0)
    lacking = rows.filter(not_computed())
    utility = UTILITY_OF_OFFICE.get(office)
    owned = _accounts(accounts, utility) if utility is not None else {}
    rates = _rates(allocation, measures)
    lines: list[dict[str, Any]] = []
    for row in charged.iter_rows(named=True):
        lines += _split(row, owned.get(row["credit_code"], ()), rates, by_account=utility is not None)
    return OfficeList(office, pl.DataFrame(lines, schema=LINES, orient="row"), lacking)


def _accounts(accounts: pl.DataFrame, utility: str) -> Mapping[str, Sequence[tuple[str, Decimal | None]]]:
    use = pl.col("account_use") if "account_use" in accounts.columns else pl.lit(None, dtype=pl.Decimal(38, 6))
    ours = accounts.filter(pl.col("utility") == utility).select("credit_code", "account", use.alias("use"))
    by_firm: dict[str, list[tuple[str, Decimal | None]]] = {}
    for code, account, used in ours.unique(["credit_code", "account"]).sort("credit_code", "account").iter_rows():
        by_firm.setdefault(code, []).append((account, used))
    return by_firm


def _rates(allocation: Allocation, measures: Sequence[str]) -> Mapping[tuple[str, str], list[tuple[Any, ...]]]:
    """The rates of a firm under a measure where they change within the period, with their days."""
    several = allocation.segments.filter(pl.col("measure").is_in(measures), pl.col("rate").is_not_null())
    rates: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for code, measure, first, last, rate in (
        several.sort("from").select("credit_code", "measure", "from", "until", "rate").iter_rows()
    ):
        rates.setdefault((code, measure), []).append((first, last, rate))
    return rates


def _split(
    row: Mapping[str, Any],
    accounts: Sequence[tuple[str, Decimal | None]],
    rates: Mapping[tuple[str, str], list[tuple[Any, ...]]],
    *,
    by_account: bool,
) -> list[dict[str, Any]]:
    """An amount over a firm's accounts; `split` is how: `one` account, `by_use` of the year, `equal` parts, `none`."""
    held: Sequence[tuple[str | None, Decimal | None]] = accounts or [(None, None)]
    uses = [use for _, use in held]
    known = [u for u in uses if u is not None]
    by_use = len(held) > 1 and len(known) == len(held) and sum(known) > 0
    weights = [Fraction(u) for u in known] if by_use else [1] * len(held)
    # Six decimals of a 万元 are 分: amounts are whole numbers of them.
    amounts = by_weight(int(row["amount"] / _MICRO), weights)
    quantity = row["quantity"]
    quantities = by_weight(int(quantity / _MICRO), weights) if quantity is not None else [None] * len(held)
    manner = "one" if len(held) == 1 else "by_use" if by_use else "equal"
    if by_account and not accounts:
        manner = "none"
    several = rates.get((row["credit_code"], row["measure"]), [])
    pieces = [f"{a} — {b}: {r.normalize():f}" for a, b, r in several] if len(several) > 1 else []
    return [
        {
            **{n: row[n] for n in LINES if n in row},
            "account": account,
            "quantity": None if q is None else q * _MICRO,
            "amount": amount * _MICRO,
            "split": manner,
            "rates": pieces,
        }
        for (account, _), amount, q in zip(held, amounts, quantities, strict=True)
    ]
