"""Statistics: one exact number per group.

Sums are sums of decimals, so their order does not matter. Means and quantiles are computed on whole numbers of 10⁻¹²
per group, exactly, and rounded half away from zero at the twelfth decimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import WIDE, round_decimal
from mujun.numbers.arrays import EXACT_POWER, FLOAT_HOLDS, floats_of
from mujun.numbers.rounding import SETTLED, twelfths
from mujun.rating.columns import IS_SCORED
from mujun.rating.groups import Groups
from mujun.rules.expressions import Compiled, as_float12, as_number
from mujun.rules.model.names import RELATIONS
from mujun.rules.names import StatisticPlan

LARGEST_AVERAGED = 1e15
"""Values at twelve decimals beyond this would overflow a sum of a million; no indicator of a firm is near it."""


ORDERED = ("median", "quantile")
"""Statistics that lie at a place in the order of values."""

KEPT_SUMS: Mapping[str, Mapping[str, str]] = {
    "ratio_of_sums": {"sum_of": "of", "sum_per": "per", "members": "n"},
    "mean": {"sum_of": "a", "members": "n"},
}
"""Statistics that come of sums, so that who comes is added and who goes taken away; how a table calls what they come
of, and how that is called while they are made."""


@dataclass(frozen=True)
class StatisticTable:
    """A statistic as computed: per group its number, its members, and what it comes of.

    Columns of `rows`: the keys, `value`, `members`, for ratios `sum_of` and `sum_per`, for means `sum_of`, for
    quantiles `low` and `high`, the values at the two places that it lies between; where the rules round it,
    `unrounded`, what it was before.
    """

    plan: StatisticPlan
    rows: pl.DataFrame
    by_code: pl.Series

    @property
    def settled(self) -> bool:
        """Whether its column, as it stands, is what would be taken of it at 12 decimals."""
        plan = self.plan
        if plan.otherwise is not None or plan.source.relation is not None or self.by_code.dtype != pl.Float64:
            return False
        # Of none there is nothing to be taken.
        return self.by_code.null_count() == self.by_code.len() or bool(
            np.nanmax(np.abs(self.by_code.to_numpy())) < SETTLED
        )


class KnownStatistics:
    """Statistics computed elsewhere, to be looked up by the keys of their groups.

    Args:
        tables: by name, the number of each group.
    """

    def __init__(self, tables: Mapping[str, StatisticTable]) -> None:
        self.tables = tables
        self._by_keys: list[tuple[tuple[str, ...], pl.DataFrame]] = []
        for name, table in tables.items():
            # Of firms that are related each has a number of its own.
            keys = table.plan.source.keys if table.plan.source.relation is None else ("credit_code",)
            self._put(keys, table.rows.select(*keys, pl.col("value").alias(name)))

    def _put(self, keys: tuple[str, ...], numbers: pl.DataFrame) -> None:
        """One more statistic, beside those of the same groups."""
        for i, (others, together) in enumerate(self._by_keys):
            if others == keys and together.select(keys).equals(numbers.select(keys)):
                self._by_keys[i] = keys, together.hstack(numbers.drop(keys))
                return
        self._by_keys.append((keys, numbers))

    def columns(self, frame: pl.DataFrame, names: Sequence[str]) -> list[pl.Series]:
        """Some of them for each row of a frame; missing where its group has none."""
        columns: dict[str, pl.Series] = {}
        for keys, numbers in self._by_keys:
            wanted = [n for n in numbers.columns if n in names]
            if not wanted:
                continue
            if not keys:
                columns |= {
                    n: pl.repeat(numbers[n][0], frame.height, dtype=numbers.schema[n], eager=True) for n in wanted
                }
                continue
            rows = frame.select(keys)
            # A key may be a decimal of another scale last year: it is the value that has to agree.
            alike = numbers.select(*(pl.col(k).cast(rows.schema[k]) for k in keys), *wanted)
            joined = rows.join(alike, on=keys, how="left", maintain_order="left")
            columns |= {n: joined[n] for n in wanted}
        return [columns[n].alias(n) for n in names]


def compute_statistics(plans: Sequence[StatisticPlan], frame: pl.DataFrame, groups: Groups) -> list[StatisticTable]:
    """Statistics that share their grouping, in one pass.

    Args:
        plans: statistics over the keys of `groups`.
        frame: subjects with every column the statistics read, and `treatment`.
        groups: the rows' groups.

    Raises:
        RatingError: a value too large to be averaged exactly.
    """
    columns: list[pl.Expr] = [pl.lit(groups.codes).alias("_group")]
    aggregates: list[pl.Expr] = []
    for plan in plans:
        name, member = plan.name, _member(plan)
        of = _summand(plan.of)
        if plan.source.stat == "ratio_of_sums":
            columns += [side.alias(f"{name}.{which}") for which, side in zip(("of", "per"), summed(plan), strict=True)]
            aggregates += [
                pl.col(f"{name}.of").sum(),
                pl.col(f"{name}.per").sum(),
                pl.col(f"{name}.of").count().cast(pl.Int64).alias(f"{name}.n"),
            ]
        elif plan.source.stat == "count":
            counted = member if plan.of is None else member & plan.of.value.expr.is_not_null()
            columns.append(counted.alias(f"{name}.of"))
            aggregates += [pl.col(f"{name}.of").sum().cast(pl.Int64).alias(f"{name}.n")]
        else:
            columns.append(pl.when(member).then(of).alias(f"{name}.of"))
            aggregates += _aggregates(plan)
    working = frame.lazy().select(columns).collect(engine="in-memory")
    _check_bounds(plans, frame)
    grouped = (
        working.lazy()
        .filter(pl.col("_group").is_not_null())
        .group_by("_group")
        .agg(aggregates)
        .collect()
        .sort("_group")
    )
    if grouped.height < groups.count:
        every = pl.DataFrame({"_group": pl.Series(range(groups.count), dtype=pl.UInt32)})
        grouped = every.join(grouped, on="_group", how="left").sort("_group")
        grouped = grouped.with_columns(pl.col(f"{plan.name}.n").fill_null(0) for plan in plans)
    return [_table(plan, grouped, groups) for plan in plans]


def moved_groups(
    tables: Sequence[StatisticTable], before: pl.DataFrame, after: pl.DataFrame, world: str
) -> dict[str, StatisticTable]:
    """Statistics of the groups whose sums become others when in each of several worlds one subject is changed.

    Args:
        tables: what they are without a change; they come of sums (`KEPT_SUMS`) and share their keys.
        before: each world's subject as it was, with a column of that name.
        after: the same as it is there.
        world: the column that tells worlds apart.

    Returns:
        By name what `compute_statistics` gives of these groups in their worlds; its keys begin with `world`.

    Raises:
        RatingError: a value too large to be averaged exactly.
    """
    plans, keys = [table.plan for table in tables], tables[0].plan.source.keys
    _check_bounds(plans, after)
    summands = [summand.alias(f"{p.name}.{kept}") for p in plans for kept, summand in _summands(p).items()]
    numbers = [summand.meta.output_name() for summand in summands]
    parts = [
        before.lazy().select(
            world, *keys, *((-summand).alias(n) for summand, n in zip(summands, numbers, strict=True))
        ),
        after.lazy().select(world, *keys, *summands),
    ]
    together = pl.concat(parts).drop_nulls(keys) if keys else pl.concat(parts)
    # A group of which one subject takes away as much as it brings is what it was.
    sums = together.group_by(world, *keys).agg(pl.col(numbers).sum()).filter(pl.any_horizontal(pl.col(numbers) != 0))
    moved = sums.sort(world, *keys).collect(engine="in-memory")
    codes = pl.Series(range(moved.height), dtype=pl.UInt32)
    groups = Groups((world, *keys), codes, moved.height, moved.select(world, *keys))
    # All are of one evaluation: a group stands at the same row of each.
    known = tables[0].rows.select(keys).with_row_index("_at") if keys else pl.DataFrame({"_at": [0]})
    at = (moved.join(known, on=keys, how="left", maintain_order="left") if keys else moved.join(known, how="cross"))[
        "_at"
    ]
    return {table.plan.name: _moved(table, moved, at, groups) for table in tables}


def _moved(table: StatisticTable, moved: pl.DataFrame, at: pl.Series, groups: Groups) -> StatisticTable:
    """A table of moved groups: the sums at some rows of what it was, and what is added to them."""
    name = table.plan.name
    grouped = pl.DataFrame(
        [
            (table.rows[kept].gather(at).fill_null(0) + moved[f"{name}.{kept}"]).alias(f"{name}.{working}")
            for kept, working in KEPT_SUMS[table.plan.source.stat].items()
        ]
    )
    return _table(table.plan, grouped, groups)


def _summands(plan: StatisticPlan) -> dict[str, pl.Expr]:
    """What a row adds to what a statistic comes of, by its name in a table; nothing where it does not count."""
    if plan.source.stat == "ratio_of_sums":
        of, per = summed(plan)
        return {"sum_of": of, "sum_per": per, "members": of.is_not_null().cast(pl.Int64)}
    value = pl.when(_member(plan)).then(_summand(plan.of))
    return {"sum_of": value, "members": value.is_not_null().cast(pl.Int64)}


def counted_by(plan: StatisticPlan) -> frozenset[str]:
    """The columns of this year's rows that a statistic is made of."""
    if plan.source.year == "previous":
        return frozenset()
    asked = [compiled.names for compiled in (plan.of, plan.per, plan.members) if compiled is not None]
    related = (RELATIONS[plan.source.relation],) if plan.source.relation is not None else ()
    return frozenset({"treatment"}).union(plan.source.keys, related, *asked)


def summed(plan: StatisticPlan) -> tuple[pl.Expr, pl.Expr]:
    """What a row adds to the two sums of a `ratio_of_sums`; missing where it does not count."""
    of, per = _summand(plan.of), _summand(plan.per)
    both = _member(plan) & of.is_not_null() & per.is_not_null()
    return pl.when(both).then(of), pl.when(both).then(per)


def _member(plan: StatisticPlan) -> pl.Expr:
    counted = pl.repeat(value=True, n=pl.len()) if plan.source.among == "all" else IS_SCORED
    if plan.members is None:
        return counted
    return counted & plan.members.value.expr.fill_null(value=False)


def _summand(compiled: Compiled | None) -> pl.Expr:
    """A value as a decimal: exact as it is, a float taken at 12 decimals."""
    if compiled is None:
        return pl.lit(None, dtype=WIDE)
    if compiled.value.kind == "exact":
        return compiled.value.expr.cast(pl.Decimal(38, compiled.value.scale))
    # The cast takes it at 12 decimals; taking it twice would be off by one in the last of large numbers.
    number = as_number(compiled.value)
    return pl.when(number.abs() < LARGEST_AVERAGED).then(number).cast(WIDE)


def _aggregates(plan: StatisticPlan) -> list[pl.Expr]:
    column = pl.col(f"{plan.name}.of")
    counted = column.count().cast(pl.Int64).alias(f"{plan.name}.n")
    stat = plan.source.stat
    if stat in ("mean", "sum"):
        return [column.sum().alias(f"{plan.name}.a"), counted]
    if stat in ("max", "min"):
        return [(column.max() if stat == "max" else column.min()).alias(f"{plan.name}.a"), counted]
    ordered = column.drop_nulls().sort()
    low, high = _positions(plan, column.count())
    return [
        ordered.get(low, null_on_oob=True).alias(f"{plan.name}.a"),
        ordered.get(high, null_on_oob=True).alias(f"{plan.name}.b"),
        counted,
    ]


def quantile_of(plan: StatisticPlan) -> Fraction:
    """Which quantile a statistic is; a median is the half."""
    return Fraction(plan.source.q) if plan.source.q is not None else Fraction(1, 2)


def _positions(plan: StatisticPlan, count: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The two places around (n − 1) · q, in whole numbers."""
    q = quantile_of(plan)
    scaled = (count.cast(pl.Int64) - 1).clip(lower_bound=0) * q.numerator
    low = scaled.floordiv(q.denominator)
    high = low + (scaled.mod(q.denominator) > 0).cast(pl.Int64)
    return low, high


def _check_bounds(plans: Sequence[StatisticPlan], frame: pl.DataFrame) -> None:
    looked_at = [
        (plan, side, as_float12(compiled.value).abs() >= LARGEST_AVERAGED)
        for plan in plans
        for side, compiled in (("of", plan.of), ("per", plan.per))
        if compiled is not None and compiled.value.kind != "exact" and plan.source.stat != "count"
    ]
    if not looked_at:
        return
    large = frame.lazy().select(too.any().alias(str(n)) for n, (_, _, too) in enumerate(looked_at)).collect().row(0)
    for (plan, side, too), occurs in zip(looked_at, large, strict=True):
        if occurs:
            code = frame.lazy().filter(too).select("credit_code").collect()["credit_code"][0]
            raise RatingError(problem("statistic_too_large", name=plan.meaning.label, side=side, code=Firm(code)))


def _table(plan: StatisticPlan, grouped: pl.DataFrame, groups: Groups) -> StatisticTable:
    name, source = plan.name, plan.source
    members = grouped[f"{name}.n"]
    behind: list[pl.Series] = []
    least = max(1, source.min_members)
    if source.stat == "ratio_of_sums":
        of, per = grouped[f"{name}.of"], grouped[f"{name}.per"]
        behind = [of.alias("sum_of"), per.alias("sum_per")]
        if (ratios := _ratios(plan, of, per)) is not None:
            there = np.isfinite(ratios) & (members.to_numpy() >= least)
            by_code = pl.Series("value", np.where(there, ratios, np.nan), nan_to_null=True)
            return _with_rows(plan, groups, by_code, members, behind)
        numbers = [
            None if a is None or b is None or b <= 0 else _at12(float(a) / float(b))
            for a, b in zip(of.to_list(), per.to_list(), strict=True)
        ]
    elif source.stat == "count":
        numbers = [Decimal(n) for n in members.to_list()]
    else:
        numbers = [_number(plan, row) for row in grouped.iter_rows(named=True)]
        if source.stat == "mean":
            behind = [grouped[f"{name}.a"].alias("sum_of")]
        elif source.stat in ORDERED:
            behind = [grouped[f"{name}.a"].alias("low"), grouped[f"{name}.b"].alias("high")]
    if (places := source.round) is not None:
        behind.append(pl.Series("unrounded", numbers))
        numbers = [None if v is None else round_decimal(v, places) for v in numbers]
    kept = [None if n < least else v for v, n in zip(numbers, members.to_list(), strict=True)]
    if plan.meaning.kind == "exact":
        by_code = pl.Series("value", kept, dtype=pl.Decimal(38, plan.meaning.scale))
    else:
        by_code = pl.Series("value", [None if v is None else float(v) for v in kept], dtype=pl.Float64)
    return _with_rows(plan, groups, by_code, members, behind)


def _with_rows(
    plan: StatisticPlan, groups: Groups, by_code: pl.Series, members: pl.Series, behind: Sequence[pl.Series]
) -> StatisticTable:
    told = [by_code, members.alias("members"), *behind]
    return StatisticTable(plan, groups.keys.hstack(told) if groups.names else pl.DataFrame(told), by_code)


def _ratios(plan: StatisticPlan, of: pl.Series, per: pl.Series) -> npt.NDArray[np.float64] | None:
    """Ratios of sums at 12 decimals, NaN for none; `None` where they are to be rounded or floats do not hold them.

    The sums are whole numbers of their last decimal. Where a float holds these, and the ratio in 10⁻¹², every step
    gives the number next to the exact one, as one by one by decimals.
    """
    if plan.source.round is not None or plan.meaning.kind == "exact":
        return None
    sides = []
    for side in (of, per):
        scale = side.dtype.scale if isinstance(side.dtype, pl.Decimal) else 0
        number = floats_of(side)
        if scale > EXACT_POWER or np.any(np.abs(number) * 10.0**scale >= FLOAT_HOLDS / 2):
            return None
        sides.append(number)
    above, below = sides
    with np.errstate(invalid="ignore"):
        twelfths = np.divide(above, below, out=np.full(above.size, np.nan), where=below > 0) * 1e12
        if np.any(np.abs(twelfths) >= FLOAT_HOLDS):
            return None
        # Adding zero makes nothing of a nothing below zero.
        ratios: npt.NDArray[np.float64] = np.rint(twelfths) / 1e12 + 0.0
    return ratios


def _at12(value: float) -> Decimal:
    return Decimal(round(value * 1e12)).scaleb(-12)


def _number(plan: StatisticPlan, row: dict[str, object]) -> Decimal | None:
    first, count = row[f"{plan.name}.a"], row[f"{plan.name}.n"]
    if not isinstance(first, Decimal) or not isinstance(count, int) or count == 0:
        return None
    stat = plan.source.stat
    if stat == "mean":
        return twelfths(Fraction(first) / count)
    if stat in ("sum", "max", "min"):
        return first
    second = row[f"{plan.name}.b"]
    assert isinstance(second, Decimal)
    return twelfths(_interpolated(plan, Fraction(first), Fraction(second), count))


def _interpolated(plan: StatisticPlan, low: Fraction, high: Fraction, count: int) -> Fraction:
    part = ((count - 1) * quantile_of(plan)) % 1
    kind = plan.source.interpolation
    if kind == "lower":
        return low
    if kind == "higher":
        return high
    if kind == "nearest":
        return high if part >= Fraction(1, 2) else low
    if kind == "midpoint":
        return (low + high) / 2 if part else low
    return low + (high - low) * part
