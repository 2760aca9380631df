"""What a change of rules makes in money: two allocations of the same firms held against each other."""

from __future__ import annotations

from dataclasses import field

import polars as pl

from mujun.allocation import Allocation
from mujun.dataclass import dataclass

MONEY = pl.Decimal(38, 6)


@dataclass(frozen=True)
class MoneyChange:
    """Two allocations compared; amounts in 万元, of binding measures that come to money.

    Attributes:
        firms: a row per enterprise that any of the two touches: `credit_code, name, township, tier_before, tier`,
            `surcharge_before, surcharge, relief_before, relief`, and `change`: what it pays more, net of reliefs.
        measures: `measure, label, kind, firms_before, firms, before, after, change`.
    """

    firms: pl.DataFrame = field(repr=False)
    measures: pl.DataFrame = field(repr=False)

    @property
    def losers(self) -> pl.DataFrame:
        """Enterprises that pay more, most first."""
        return self.firms.filter(pl.col("change") > 0).sort("change", "credit_code", descending=[True, False])

    @property
    def winners(self) -> pl.DataFrame:
        """Enterprises that pay less, most first."""
        return self.firms.filter(pl.col("change") < 0).sort("change", "credit_code")

    def by(self, *names: str) -> pl.DataFrame:
        """Sums by `tier`, `township` or another column of `firms`: both amounts, winners, losers, `change`."""
        columns = ("surcharge_before", "surcharge", "relief_before", "relief", "change")
        return (
            self.firms.group_by(names)
            .agg(
                pl.len().cast(pl.Int64).alias("firms"),
                (pl.col("change") > 0).sum().cast(pl.Int64).alias("losers"),
                (pl.col("change") < 0).sum().cast(pl.Int64).alias("winners"),
                *(pl.col(c).sum() for c in columns),
            )
            .sort(names, nulls_last=True)
        )


def money_change(before: Allocation, after: Allocation) -> MoneyChange:
    """Two allocations held against each other.

    Args:
        before, after: allocations of the same enterprises; measures are matched by name.
    """
    old, new = _money(before), _money(after)
    sums = [_firms(rows, suffix) for rows, suffix in ((old, "_before"), (new, ""))]
    firms = sums[0].join(sums[1], on="credit_code", how="full", coalesce=True)
    zero = pl.lit(0, dtype=MONEY)
    amounts = ("surcharge_before", "surcharge", "relief_before", "relief")
    firms = firms.with_columns(pl.col(c).fill_null(zero) for c in amounts).with_columns(
        pl.coalesce("name", "name_before").alias("name"),
        pl.coalesce("township", "township_before").alias("township"),
    )
    net = pl.col("surcharge") - pl.col("relief") - pl.col("surcharge_before") + pl.col("relief_before")
    # A measure that touches a firm in one of the two only says nothing of its tier in the other.
    tiers = _tiers(before, "tier_before").join(_tiers(after, "tier"), on="credit_code", how="full", coalesce=True)
    firms = (
        firms.with_columns(net.alias("change"))
        .join(tiers, on="credit_code", how="left")
        .select("credit_code", "name", "township", "tier_before", "tier", *amounts, "change")
        .sort("credit_code")
    )
    return MoneyChange(firms, _measures(old, new))


def _money(allocation: Allocation) -> pl.DataFrame:
    return allocation.rows.filter(
        pl.col("binding"), pl.col("kind").is_in(["surcharge", "relief"]), pl.col("unit") == "万元"
    )


def _firms(rows: pl.DataFrame, suffix: str) -> pl.DataFrame:
    kinds = [
        pl.col("amount").filter(pl.col("kind") == kind).sum().cast(MONEY).alias(f"{kind}{suffix}")
        for kind in ("surcharge", "relief")
    ]
    named = [pl.col(n).first().alias(f"{n}{suffix}") for n in ("name", "township")]
    return rows.group_by("credit_code").agg(*named, *kinds)


def _tiers(allocation: Allocation, name: str) -> pl.DataFrame:
    """The tier that policies go by of every enterprise, touched or not."""
    return allocation.frames[0].select("credit_code", pl.col("tier").alias(name))


def _measures(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    sums = [
        rows.group_by("measure", "kind").agg(
            pl.col("label").first().alias(f"label{suffix}"),
            pl.col("order").first().alias(f"order{suffix}"),
            (pl.col("amount") > 0).sum().cast(pl.Int64).alias(f"firms{suffix}"),
            pl.col("amount").sum().cast(MONEY).alias(name),
        )
        for rows, suffix, name in ((old, "_before", "before"), (new, "", "after"))
    ]
    joined = sums[0].join(sums[1], on=["measure", "kind"], how="full", coalesce=True)
    zero = pl.lit(0, dtype=MONEY)
    return (
        joined.with_columns(
            pl.coalesce("label", "label_before").alias("label"),
            pl.coalesce("order", "order_before").alias("order"),
            pl.col("firms_before", "firms").fill_null(0),
            pl.col("before", "after").fill_null(zero),
        )
        .with_columns((pl.col("after") - pl.col("before")).alias("change"))
        .sort("order", "measure", "kind")
        .select("measure", "label", "kind", "firms_before", "firms", "before", "after", "change")
    )
