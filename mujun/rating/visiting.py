"""Subjects measured against the standards of another frame: what their own figures get among those peers.

The standards of a rating are everything in it that comes from many subjects: its statistics (benchmarks), extremes,
cohort means, the order of its subjects, and its cuts. A visitor is measured by them as they stand, his own old part in
them included; only where subjects are counted one by one (rank, size, percentile, base of the shares) he takes the
place of his own resident, so that nobody is counted twice. A visitor who has not changed gets exactly what he had.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from mujun.fields import FRAME_FIELDS
from mujun.rating import columns as c
from mujun.rating.evaluation import evaluate
from mujun.rating.formulas import METHOD, formulas_of
from mujun.rating.grading import graded
from mujun.rating.groups import Groups
from mujun.rating.peers import CountyPeers, Side
from mujun.rating.ranking import Cell, cells_of
from mujun.rating.rate import merges
from mujun.rating.result import Rating
from mujun.rating.scoring import unusable
from mujun.rating.statistics import KnownStatistics
from mujun.rating.visitors import OWN, VISITS, group_sizes, places
from mujun.rules.names import FieldPlan
from mujun.rules.rating_plan import RatingPlan


def visiting(visitors: Rating, hosts: Rating) -> pl.DataFrame:
    """The subjects of one rating, each measured alone against the standards of another by the same rules.

    Args:
        visitors: whose subjects are measured; of it only their own figures count.
        hosts: whose statistics, ranking and cuts they are held against.

    Returns:
        The visitors' subjects in their order with every column that a rating has: indicators, benchmarks, points,
        score, rank, size, tier. A visitor for whom the hosts have no benchmark has no score.

    Raises:
        ValueError: the two ratings are not by the same rules.
    """
    plan = hosts.plan
    if visitors.plan is not plan:
        raise ValueError("visitors and hosts must be rated by the same rule set object")
    fields = [p for p in plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan)]
    pooled = merges(plan, hosts.counting)
    brought = {p.name for p in fields if not p.again} if pooled else set[str]()
    given = brought | {p.name for p in fields if p.compiled is None} | {"subject", "members"}
    base = [name for name in hosts.subjects.columns if name in FRAME_FIELDS or name in given]
    together = _together(hosts.subjects.select(base), visitors.subjects.select(base))
    cohorts = tuple(cohort.id for cohort in plan.rating.cohorts)
    done = evaluate(
        plan.names,
        together,
        plan.rating.population.special,
        cohorts,
        skip=frozenset(brought),
        given=KnownStatistics(hosts.statistics),
    )
    frame, _ = graded(plan, done, VisitorPeers(plan, done))
    return frame.filter(VISITS).drop(VISITS, OWN, c.HOME.name)


def _together(hosts: pl.DataFrame, visitors: pl.DataFrame) -> pl.DataFrame:
    rows = hosts.select("subject").with_row_index(OWN)
    own_rows = visitors.select("subject").join(rows, on="subject", how="left", maintain_order="left")[OWN]
    return pl.concat(
        [
            hosts.with_columns(pl.lit(value=False).alias(VISITS), pl.lit(None, dtype=pl.UInt32).alias(OWN)),
            visitors.with_columns(pl.lit(value=True).alias(VISITS), own_rows.cast(pl.UInt32)),
        ]
    )


class VisitorPeers(CountyPeers):
    """Residents and visitors in one frame: residents set the standards, visitors are held against them."""

    @property
    def counted(self) -> pl.Expr:
        """Which rows set standards for others: the residents."""
        return ~pl.col(VISITS)

    def fit(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Visitors who would be held against a benchmark that the hosts do not have get no score."""
        checked = [f for f in formulas_of(self.plan) if f.method.divides]
        lacking = [unusable(f, c.BENCHMARK.of(f.indicator), METHOD) for f in checked]
        lost = pl.col(VISITS) & pl.any_horizontal(lacking) if lacking else pl.lit(value=False)
        return frame.with_columns(pl.when(~lost).then(c.SCORED.col).alias(c.SCORED.name))

    def place(self, frame: pl.DataFrame, by: str, over: str, side: Side) -> pl.Series:
        """The place among residents; a visitor's is the one he would have in the stead of his resident."""
        return places(frame, by, over, side)

    def group_size(self, frame: pl.DataFrame, by: str, over: str) -> pl.Series:
        """How many residents there are; for a visitor with him in the stead of his resident."""
        return group_sizes(frame, by, over)

    def picked(self, frame: pl.DataFrame, by: str, side: Side) -> pl.Series:
        """The place in the cell that is home, whatever its base is with a visitor in it."""
        return self.place(frame, by, c.HOME.name, side)

    def cut_cells(self, frame: pl.DataFrame, groups: Groups) -> tuple[pl.DataFrame, tuple[Cell, ...], Groups]:
        """A cell for every way in which visitors change one by taking their residents' place in it."""
        return _with_own_cells(self.plan, frame, groups)


def _with_own_cells(
    plan: RatingPlan, frame: pl.DataFrame, groups: Groups
) -> tuple[pl.DataFrame, tuple[Cell, ...], Groups]:
    hosts = cells_of(plan, frame.filter(~pl.col(VISITS)), groups)
    known = {cell.code: cell for cell in hosts}
    in_base = {i: b.set for i, (b, _) in enumerate(plan.before) if b.in_base}
    own_rows = frame[OWN]
    part = {
        "cell": frame["_cell"],
        "ranked": frame["_ranked"].fill_null(value=False),
        "added": frame["_in_base"].fill_null(value=False),
        "fixed": frame.select(pl.when(pl.col("treatment") == "rated").then(pl.col("_fixed")).alias("f"))["f"],
    }
    changes = pl.DataFrame(dict(part)).with_columns([s.gather(own_rows).alias(f"own_{n}") for n, s in part.items()])
    changes = (
        changes.with_columns(frame[VISITS]).with_row_index("at").filter(pl.col(VISITS), pl.col("cell").is_not_null())
    )
    keys = [name for name in changes.columns if name not in ("at", VISITS)]
    cells = list(hosts)
    codes = frame["_cell"].to_list()
    key_rows = [groups.keys.row(i, named=True) if groups.names else {} for i in range(groups.count)]
    named = list(key_rows)
    for values, rows in changes.group_by(keys, maintain_order=True):
        change = dict(zip(keys, values, strict=True))
        code = groups.count + len(cells) - len(hosts)
        cells.append(_changed(plan, known, change, code, key_rows, in_base))
        named.append(key_rows[int(str(change["cell"]))])
        for at in rows["at"].to_list():
            codes[at] = code
    own_code = pl.Series("_cell", codes, dtype=pl.UInt32)
    spread = pl.DataFrame(named, schema=groups.keys.schema) if groups.names else groups.keys
    wider = replace(groups, codes=own_code, count=groups.count + len(cells) - len(hosts), keys=spread)
    return frame.with_columns(c.CELL.col.alias(c.HOME.name), own_code), tuple(cells), wider


def _changed(
    plan: RatingPlan,
    known: dict[int, Cell],
    change: dict[str, object],
    code: int,
    keys: list[dict[str, object]],
    in_base: dict[int, str],
) -> Cell:
    """The cell with the resident taken out, if he was in it, and the visitor put in."""
    home = int(str(change["cell"]))
    cut = str(keys[home].get("cohort"))
    empty = Cell(home, keys[home], cut if cut in plan.cuts else "default", 0, 0, {})
    cell = known.get(home, empty)
    size, base, fixed = cell.size, cell.base, dict(cell.fixed)
    for prefix, step in (("own_", -1), ("", 1)):
        if change[f"{prefix}cell"] != home:
            continue
        ranked, added = bool(change[f"{prefix}ranked"]), bool(change[f"{prefix}added"])
        tier = in_base.get(change[f"{prefix}fixed"])  # type: ignore[call-overload]
        size += step * ranked
        base += step * (ranked + added + (tier is not None))
        if tier is not None:
            fixed[tier] = fixed.get(tier, 0) + step
    return Cell(code, cell.keys, cell.cut, size, base, fixed)
