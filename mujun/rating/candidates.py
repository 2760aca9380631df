"""One subject's result for many values of its indicators, the others standing as they are: thousands at a time.

Where nothing of the others depends on the changed indicator, a subject can be rated again by itself: its points by the
engine's own steps, its rank by counting who is ahead, its tier by the cut and the rules. `Worlds` rates the whole
county again; the two agree wherever `stands_alone` says so, and a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import polars as pl

from mujun.fields import FRAME_FIELDS
from mujun.numbers import QUANTITY
from mujun.rating.adjusting import with_score
from mujun.rating.change import Change
from mujun.rating.evaluation import GIVEN, evaluate
from mujun.rating.groups import Groups
from mujun.rating.ranking import RANKED, orders_of
from mujun.rating.rate import with_outcome
from mujun.rating.result import Rating
from mujun.rating.scoring import METHOD, Formula, formulas_of, scored
from mujun.rating.tiering import with_after, with_cut, with_fixed
from mujun.rules.model.rating import FIRMS
from mujun.rules.names import FieldPlan, read_by_names

ALONE_METHODS: frozenset[str] = frozenset({"ratio", "inverse", "linear", "steps", "formula"})
"""Methods that look at the subject alone; the others hold it against its cohort."""

_MOVED = "_moved"
"""Whether a candidate has other figures."""


class Candidates:
    """A rated county, of which one subject at a time is looked at with other values.

    Args:
        rating: the county's rating.
    """

    def __init__(self, rating: Rating) -> None:
        self.rating, self.plan = rating, rating.plan
        fields = [p for p in self.plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan)]
        area = self.plan.rating.population.area is not None
        pooled = rating.merged or area
        self._brought = frozenset(p.name for p in fields if not p.again) if pooled else frozenset()
        inputs = {p.name for p in fields if p.compiled is None}
        subjects = rating.subjects
        counted = {FIRMS} if area else set()
        raw = [c for c in subjects.columns if c in FRAME_FIELDS or c in inputs | self._brought | counted]
        also = [c for c in ("subject", "members") if c in subjects.columns]
        self._raw = subjects.select(*raw, *also)
        self._row = {s: i for i, s in enumerate(subjects["subject"].to_list())}

    # ------------------------------------------------------------------------------------------- what may be done so

    def close(self, subject: str, indicator: str) -> bool:
        """Whether the result is right but for what the others' points may change: enough for a first guess."""
        row = self._row_of(subject)
        formula = self._formulas.get((str(row["cohort"]), indicator))
        if formula is None or row["treatment"] != "rated" or self._picked(row):
            return False
        if row["_fixed"] is not None and self._may_loosen(indicator):
            return False
        if formula.model.method not in ALONE_METHODS or indicator in self._read:
            return False
        acts = row[f"{formula.indicator}@{formula.items[0].cohort}:acts"]
        kinds = {code: policy.kind for code, policy in formula.policies()}
        # Weights that move to the others would change their points.
        return "reweight" not in kinds.values() and (acts == METHOD or not self._reweighs(str(row["cohort"])))

    def stands_alone(self, subject: str, indicator: str) -> bool:
        """Whether the result is exactly what rating the whole county again would give."""
        return self.close(subject, indicator) and not self._lends(
            str(self._row_of(subject)["cohort"]), indicator, subject
        )

    def close_by_figures(self, subject: str) -> bool:
        """Whether other figures give nearly the right result: all but what they change of the others' points."""
        row = self._row_of(subject)
        if self.rating.merged or self.plan.rating.population.area is not None:
            return False
        if row["treatment"] != "rated" or row["_fixed"] is not None or self._picked(row):
            return False
        mine = [f for (cohort, _), f in self._formulas.items() if cohort == row["cohort"]]
        return all(f.model.method in ALONE_METHODS for f in mine) and not self._reweighs(str(row["cohort"]))

    def _row_of(self, subject: str) -> Mapping[str, object]:
        return self._rows[self._row[subject]]

    @cached_property
    def _rows(self) -> list[dict[str, object]]:
        acts = [c for c in self.rating.subjects.columns if c.endswith(":acts")]
        wanted = self.rating.subjects.select("subject", "cohort", "treatment", "_fixed", "_cell", *acts)
        return wanted.to_dicts()

    @cached_property
    def _formulas(self) -> dict[tuple[str, str], Formula]:
        return {(i.cohort, i.indicator): f for f in formulas_of(self.plan) for i in f.items}

    def _may_loosen(self, indicator: str) -> bool:
        """Whether a rule that fixes tiers looks at the indicator: a subject let go would take a place of the others."""
        looked_at = {indicator, f"{indicator}_points", f"{indicator}_benchmark", "score"}
        return any(when is None or when.names & looked_at for _, when in self.plan.before)

    def _picked(self, row: Mapping[str, object]) -> bool:
        cell = next((c for c in self.rating.cells if c.code == row["_cell"]), None)
        return cell is None or self.plan.cuts[cell.cut].source.picks is not None

    def _reweighs(self, cohort: str) -> bool:
        mine = [f for (c, _), f in self._formulas.items() if c == cohort]
        return any(policy.kind == "reweight" for f in mine for _, policy in f.policies())

    @cached_property
    def _read(self) -> frozenset[str]:
        return read_by_names(self.plan.names)

    def _lends(self, cohort: str, indicator: str, subject: str) -> bool:
        """Whether another subject of the cohort gets the mean of this indicator's points."""
        formula = self._formulas[(cohort, indicator)]
        codes = {code for code, policy in formula.policies() if policy.kind == "cohort_mean"}
        if not codes:
            return False
        key = f"{formula.indicator}@{formula.items[0].cohort}:acts"
        return any(r["cohort"] == cohort and r[key] in codes and r["subject"] != subject for r in self._rows)

    # ------------------------------------------------------------------------------------------------------- rating

    def rate(self, candidates: Sequence[Change]) -> pl.DataFrame:
        """Each candidate's result, a row each in their order, columns as `rating.subjects` has them.

        Args:
            candidates: subjects with other values of indicators, or with other figures.
        """
        names = list(dict.fromkeys(n for c in candidates for n in c.indicators))
        rows = pl.Series([self._row[c.subject] for c in candidates], dtype=pl.UInt32)
        given = [pl.Series(GIVEN + n, [c.indicators.get(n) for c in candidates], dtype=pl.Float64) for n in names]
        moved = pl.Series(_MOVED, [bool(c.figures) for c in candidates], dtype=pl.Boolean)
        frame = self._with_figures(self._raw.select(pl.all().gather(rows)), candidates).with_columns(*given, moved)
        specials = self.plan.rating.population.special
        cohorts = tuple(c.id for c in self.plan.rating.cohorts)
        done = evaluate(self.plan.names, frame, specials, cohorts, skip=self._brought, given=self.rating.statistics)
        before = self.rating.subjects.select(pl.all().gather(rows))
        frame = with_score(self.plan, self._with_others_points(scored(self.plan, done), before, names))
        frame = with_fixed(self.plan, frame).with_columns(before["_cell"], before["_in_base"])
        frame = self._placed(frame.with_columns(RANKED.alias("_ranked")), rows)
        codes = max(c.code for c in self.rating.cells) + 1
        groups = Groups((), frame["_cell"], codes, pl.DataFrame())
        frame = with_cut(self.plan, frame, list(self.rating.cells), groups)
        return with_outcome(self.plan, with_after(self.plan, frame)).with_columns(before["subject"])

    @staticmethod
    def _with_figures(frame: pl.DataFrame, candidates: Sequence[Change]) -> pl.DataFrame:
        """Each candidate's own figures in their columns."""
        return frame.with_columns(
            pl.coalesce(pl.Series([c.figures.get(n) for c in candidates], dtype=QUANTITY), pl.col(n)).alias(n)
            for n in dict.fromkeys(n for c in candidates for n in c.figures)
        )

    def _with_others_points(self, frame: pl.DataFrame, before: pl.DataFrame, given: Sequence[str]) -> pl.DataFrame:
        """The points of indicators that are not given, and are not moved by other figures, stay what they were."""
        columns: list[pl.Expr] = []
        unit = 10**self.plan.rating.decimals.points
        for name in self.plan.rating.indicators:
            points = f"{name}_points"
            if points not in before.columns:
                continue
            kept = (before[points].cast(pl.Decimal(38, self.plan.rating.decimals.points)) * unit).cast(pl.Int64)
            held = [n for n in (name, f"{name}_benchmark") if n in before.columns and n in frame.columns]
            other = pl.any_horizontal(pl.col(n).ne_missing(pl.lit(before[n])) for n in held)
            anew = pl.col(_MOVED) & other
            if name in given:
                anew |= pl.col(GIVEN + name).is_not_null()
            columns.append(pl.when(anew).then(points).otherwise(pl.lit(kept)).alias(points))
        return frame.with_columns(columns)

    def _placed(self, frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
        """`rank`, `_rank_worse` and `size`: how many others of the cell are ahead, or not behind."""
        plan, tiers = self.plan, self.plan.rating.tiers
        assert tiers is not None
        read = {n for keys in plan.rank_by.values() for k in keys for n in k.compiled.names}
        columns = sorted((read | {"_score", "cohort"}) & set(frame.columns))
        others = self.rating.subjects
        both = pl.concat([others.select(columns), frame.select(columns)], how="vertical_relaxed")
        order = orders_of(plan, tiers, both).to_numpy()
        theirs, mine = order[: others.height], order[others.height :]
        cell, ranked = others["_cell"].to_numpy(), others["_ranked"].to_numpy()
        as_rated = theirs[rows.to_numpy()]
        ahead, level = np.zeros(frame.height, dtype=np.int64), np.zeros(frame.height, dtype=np.int64)
        cells = frame["_cell"].to_numpy()
        for code in {c.code for c in self.rating.cells}:
            here = cells == code
            sorted_orders = np.sort(theirs[(cell == code) & ranked])
            ahead[here] = np.searchsorted(sorted_orders, mine[here], side="left") - (as_rated[here] < mine[here])
            level[here] = np.searchsorted(sorted_orders, mine[here], side="right") - (as_rated[here] <= mine[here])
        sizes = {c.code: c.size for c in self.rating.cells}
        size = pl.Series([sizes.get(c) for c in frame["_cell"].to_list()], dtype=pl.Int64)
        return frame.with_columns(
            pl.when("_ranked").then(pl.lit(pl.Series(ahead + 1))).alias("rank"),
            pl.when("_ranked").then(pl.lit(pl.Series(level + 1))).alias("_rank_worse"),
            pl.when("_ranked").then(pl.lit(size)).alias("size"),
        )
