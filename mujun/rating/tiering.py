"""From ranks to tiers: what is fixed before, the cut, what changes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.rating import columns as c
from mujun.rating.groups import Groups, numbered, rows_of
from mujun.rating.peers import Peers
from mujun.rating.ranking import Cell, order_of, share_of
from mujun.rules.expressions import Compiled, as_float12
from mujun.rules.model import After, Cut
from mujun.rules.rating_plan import CutPlan, PickPlan, RatingPlan

# Tiers are whole numbers, 0 the best, in the order of `classes`.

NOBODY_PASSED = 2**62
"""A last rank beyond every rank: of a cell that another cut divides."""


def with_fixed(plan: RatingPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """`before:<id>` per rule and `_fixed`, the number of the first that holds for a rated subject."""
    conditions = {b.id: (when.value.expr if when else pl.lit(value=False)) for b, when in plan.before}
    frame = (
        frame.lazy()
        .with_columns([w.alias(c.BEFORE_MET.of(i)) for i, w in conditions.items()])
        .collect(engine="in-memory")
    )
    if not conditions:
        return frame.with_columns(pl.lit(None, dtype=pl.Int32).alias(c.FIXED.name))
    first = np.full(frame.height, -1, dtype=np.int32)
    for number, identity in reversed(list(enumerate(conditions))):
        first[rows_of(frame[c.BEFORE_MET.of(identity)])] = number
    fixed = pl.lit(pl.Series(first))
    return frame.with_columns(pl.when(c.TREATMENT.col == "rated", fixed >= 0).then(fixed).alias(c.FIXED.name))


def with_cut(
    plan: RatingPlan, frame: pl.DataFrame, cells: Sequence[Cell], groups: Groups, peers: Peers
) -> pl.DataFrame:
    """`_tier_cut`, the tier by rank, threshold or pick, or as fixed before, for rated subjects; as a number."""
    position = {t: i for i, t in enumerate(plan.tier_ids)}
    code = pl.repeat(None, frame.height, dtype=pl.Int8, eager=True)
    for name, cut in plan.cuts.items():
        mine = [cell for cell in cells if cell.cut == name]
        if not mine:
            continue
        tiers = _cut_tiers(cut, frame, mine, groups, position, peers)
        if len(mine) == len(cells):
            # Who is in no cell is not ranked, and gets no tier below.
            code = tiers
            continue
        here = pl.Series([cell.code for cell in mine], dtype=pl.UInt32)
        code = frame.select(
            pl.when(c.CELL.col.is_in(here.implode())).then(pl.lit(tiers)).otherwise(pl.lit(code)).alias("_by_cut")
        )["_by_cut"]
    fixed = (
        pl.lit(pl.Series([position[b.set] for b, _ in plan.before], dtype=pl.Int8)).gather(c.FIXED.col.cast(pl.UInt32))
        if plan.before
        else pl.lit(None, dtype=pl.Int8)
    )
    rated = c.TREATMENT.col == "rated"
    cut_code = pl.when(c.RANKED.col).then(pl.lit(code))
    return frame.with_columns(pl.when(rated).then(pl.coalesce(fixed, cut_code)).alias(c.TIER_CUT_CODE.name))


def _cut_tiers(
    cut: CutPlan,
    frame: pl.DataFrame,
    cells: Sequence[Cell],
    groups: Groups,
    position: Mapping[str, int],
    peers: Peers,
) -> pl.Series:
    if cut.source.shares is not None:
        return _by_shares(cut.source, frame, cells, groups, position, peers)
    if cut.source.thresholds is not None:
        return _by_thresholds(cut, frame, position, peers)
    return _by_picks(cut, frame, cells, groups, position, peers)


def _by_shares(
    cut: Cut,
    frame: pl.DataFrame,
    cells: Sequence[Cell],
    groups: Groups,
    position: Mapping[str, int],
    peers: Peers,
) -> pl.Series:
    assert cut.shares is not None
    rank = frame[(c.RANK_WORSE if cut.ties == "worse" else c.RANK).name]
    ranks, cell = rank.fill_null(0).to_numpy(), frame[c.CELL.name].fill_null(0).to_numpy()
    place = np.zeros(frame.height, dtype=np.uint8)
    for last in peers.last_ranks(cut, cells, groups):
        place += ranks > last.fill_null(NOBODY_PASSED).to_numpy()[cell]
    tiers = pl.Series(np.array([position[t] for t in cut.shares], dtype=np.int8)[place])
    return pl.select(pl.when(rank.is_not_null()).then(tiers).alias("tier"))["tier"]


def _by_thresholds(cut: CutPlan, frame: pl.DataFrame, position: Mapping[str, int], peers: Peers) -> pl.Series:
    source = cut.source
    assert source.thresholds is not None
    assert source.rest is not None
    assert cut.by is not None
    value = cut.by.value
    held = value.expr if value.kind == "exact" else as_float12(value)
    tier = pl.lit(position[source.rest], dtype=pl.Int8)
    for name in reversed(source.thresholds):
        tier = pl.when(held >= peers.threshold(cut, name)).then(pl.lit(position[name], dtype=pl.Int8)).otherwise(tier)
    return frame.select(tier.alias("t"))["t"]


def _by_picks(
    cut: CutPlan,
    frame: pl.DataFrame,
    cells: Sequence[Cell],
    groups: Groups,
    position: Mapping[str, int],
    peers: Peers,
) -> pl.Series:
    assert cut.source.rest is not None
    rest = position[cut.source.rest]
    tier = pl.repeat(None, frame.height, dtype=pl.Int8, eager=True)
    for pick in cut.picks:
        better = position[pick.source.tier] <= rest
        taken = _picked(pick, cut, frame, tier, cells, groups, peers, better=better)
        tier = pl.select(
            pl.when(taken).then(pl.lit(position[pick.source.tier], dtype=pl.Int8)).otherwise(tier).alias("tier")
        )["tier"]
    return tier.fill_null(rest)


def _picked(
    pick: PickPlan,
    cut: CutPlan,
    frame: pl.DataFrame,
    tier: pl.Series,
    cells: Sequence[Cell],
    groups: Groups,
    peers: Peers,
    *,
    better: bool,
) -> pl.Series:
    """Whom a pick takes: equals at the limit all for a good tier, none for a bad one."""
    among = pick.among.value.expr.fill_null(value=False) if pick.among else pl.lit(value=True)
    ordered = frame.with_columns(pl.lit(order_of(pick.by, frame)).alias("_by"), pl.lit(tier.is_null()).alias("_left"))
    ordered = ordered.with_columns(pl.when(c.RANKED.col & pl.col("_left") & among).then("_by").alias("_by"))
    rank = pl.lit(peers.picked(ordered, "_by", "min" if better else "max"))
    takes = {cell.code: share_of(pick.source.take, cell.base, cut.source.rounding) for cell in cells}
    limit = pl.lit(numbered(groups, takes)).gather(c.CELL.col)
    return ordered.select((rank <= limit).fill_null(value=False).alias("taken"))["taken"]


# ---------------------------------------------------------------------------------------------------------- after rules


def with_after(plan: RatingPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """`after:<id>` per rule, `changed:<id>` where the tier became another, and `_tier`, as a number.

    Rules run in order and each sees, as `tier`, what the one before left. A rule that another one bars (`unless`) has
    not matched.
    """
    frame = frame.with_columns(
        c.TIER_CUT_CODE.col.alias(c.TIER_CODE.name), _tier_text(plan, c.TIER_CUT_CODE.name).alias(c.TIER_CUT.name)
    )
    position = {t: i for i, t in enumerate(plan.tier_ids)}
    ladders, ladder = _ladders(plan, frame, position)
    rated = frame[c.TIER_CUT_CODE.name].is_not_null()
    # A rule concerns few rows: the tiers stand in one place, and only of those whom it meets are they looked at.
    tier = frame[c.TIER_CUT_CODE.name].fill_null(0).to_numpy().copy()
    seen: dict[str, pl.Series] = {
        b.id: frame[c.BEFORE_MET.of(b.id)].fill_null(value=False) & (frame[c.FIXED.name] == n).fill_null(value=False)
        for n, (b, _) in enumerate(plan.before)
    }
    # Conditions that do not look at the tier are computed together; the others one by one, each with the tier so far.
    early = {a.id: when for a, when in plan.after if when is not None and c.TIER.name not in when.names}
    conditions = [when.value.expr.alias(c.AFTER_MET.of(identity)) for identity, when in early.items()]
    frame = frame.lazy().with_columns(conditions).collect(engine="in-memory")
    nobody = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    columns: list[pl.Series] = []
    for after, condition in plan.after:
        if after.id in early:
            met = frame[c.AFTER_MET.of(after.id)]
        else:
            met = nobody if condition is None else _met(condition, plan, frame, _where(rated, tier))
        met = met & rated if met.dtype == pl.Boolean else met
        for other in after.unless:
            met = met & ~seen[other]
        holds, changed = met.fill_null(value=False), nobody
        rows = rows_of(holds)
        if rows.size:
            steps = np.array([rung_after(after, rungs, position) for rungs in ladders], dtype=np.int8)
            before, by = tier[rows], 0 if ladder is None else ladder[rows]
            tier[rows] = steps[by, before]
            changed = _marks(rows[tier[rows] != before], nobody)
        columns += [met.alias(c.AFTER_MET.of(after.id)), changed.alias(c.CHANGED.of(after.id))]
        seen[after.id] = holds
    return frame.with_columns([*columns, _where(rated, tier).alias(c.TIER_CODE.name)])


def _where(there: pl.Series, tier: npt.NDArray[np.int8]) -> pl.Series:
    """Tiers as a column, missing where there is none."""
    return pl.select(pl.when(there).then(pl.Series(tier.copy())).alias("tier"))["tier"]


def _marks(rows: npt.NDArray[np.uint32], nobody: pl.Series) -> pl.Series:
    """Some rows as a column that is true there; of none the column that is there already."""
    if not rows.size:
        return nobody
    marks = np.zeros(nobody.len(), dtype=bool)
    marks[rows] = True
    return pl.Series(marks)


def _tier_text(plan: RatingPlan, column: str) -> pl.Expr:
    return pl.lit(pl.Series(list(plan.tier_ids), dtype=pl.String)).gather(pl.col(column).cast(pl.UInt32))


def _met(condition: Compiled, plan: RatingPlan, frame: pl.DataFrame, tier: pl.Series) -> pl.Series:
    now = frame.with_columns(tier.alias("_now")).with_columns(_tier_text(plan, "_now").alias("tier"))
    return now.select(condition.value.expr.alias("met"))["met"]


def _ladders(
    plan: RatingPlan, frame: pl.DataFrame, position: Mapping[str, int]
) -> tuple[list[list[int]], npt.NDArray[np.int8] | None]:
    """The rungs of each cut's ladder, and which each row stands on; `None` where there is only one.

    Of several the last has no rungs: on it stands who has no cohort.
    """
    cohorts = [cohort.id for cohort in plan.rating.cohorts]
    by_cohort = plan.rating.tiers is not None and "cohort" in plan.rating.tiers.cells
    names = list(plan.cuts)
    rungs = [rungs_of(plan.cuts[n].source, position) for n in names]
    if len(names) == 1:
        return rungs, None
    which = [
        names.index(name) if by_cohort and name in plan.cuts else (names.index("default") if "default" in names else 0)
        for name in cohorts
    ]
    by_row = pl.Series(which, dtype=pl.Int8).gather(frame[c.COHORT_CODE.name].cast(pl.UInt32))
    return [*rungs, []], by_row.fill_null(len(rungs)).to_numpy()


def rungs_of(cut: Cut, position: Mapping[str, int]) -> list[int]:
    """The tiers of a cut by number, best first."""
    named = list(cut.shares or cut.thresholds or [p.tier for p in cut.picks or ()])
    return sorted({position[t] for t in (*named, *([cut.rest] if cut.rest else []))})


def rung_after(after: After, rungs: Sequence[int], position: Mapping[str, int]) -> list[int]:
    """What a rule after the cut makes of each tier; a tier off the ladder is only changed by `set`.

    Args:
        after: the rule.
        rungs: the tiers of the ladder, best first (`rungs_of`).
        position: every tier's number.
    """
    if after.set is not None:
        return [position[after.set]] * len(position)
    tiers = list(range(len(position)))
    for place, rung in enumerate(rungs):
        if after.move is not None:
            tiers[rung] = rungs[min(max(place - after.move, 0), len(rungs) - 1)]
        elif after.at_most is not None:
            tiers[rung] = max(rung, position[after.at_most])
        elif after.at_least is not None:
            tiers[rung] = min(rung, position[after.at_least])
    return tiers
