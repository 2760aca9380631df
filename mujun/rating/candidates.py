"""One subject's result for many values of its indicators, the others standing as they are: thousands at a time.

Where nothing of the others depends on the changed indicator, a subject can be rated again by itself: its points by the
engine's own steps, its rank by counting who is ahead, its tier by the cut and the rules. `Worlds` rates the whole
county again; the two agree wherever `stands_alone` says so, and a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.rating import columns as c
from mujun.rating.change import Change, Places, figures_of, indicators_of
from mujun.rating.evaluation import Evaluated, evaluated_again
from mujun.rating.formulas import METHOD, Formula, formulas_of
from mujun.rating.grading import graded
from mujun.rating.groups import Groups
from mujun.rating.peers import CountyPeers, Side
from mujun.rating.ranking import Cell, orders_of
from mujun.rating.result import Rating
from mujun.rating.statistics import KnownStatistics
from mujun.rules.names import FieldPlan, read_by_names

Whole = npt.NDArray[np.int64]

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
        pooled = rating.merged or self.plan.rating.population.area is not None
        self._brought = frozenset(p.name for p in fields if not p.again) if pooled else frozenset()
        subjects = rating.subjects
        also = [n for n in ("subject", "members") if n in subjects.columns and n not in rating.computed]
        self._known = subjects.select(*rating.computed, *also)
        self._row = Places(subjects["subject"])
        acts = [n for n in subjects.columns if c.ACTS.identity(n)]
        self._treated = subjects.select("subject", "cohort", "treatment", "_fixed", "_cell", *acts)
        self._rows: dict[str, Mapping[str, object]] = {}
        self._lent: dict[tuple[str, str], list[str]] = {}

    # ------------------------------------------------------------------------------------------- what may be done so

    def look_at(self, subjects: Sequence[str]) -> None:
        """Subjects that will be asked about, looked up all at once."""
        rows = self._treated[self._row.of(subjects)]
        self._rows |= zip(subjects, rows.iter_rows(named=True), strict=True)

    def close(self, subject: str, indicator: str) -> bool:
        """Whether the result is right but for what the others' points may change: enough for a first guess."""
        row = self._row_of(subject)
        formula = self._formulas.get((str(row["cohort"]), indicator))
        if formula is None or row["treatment"] != "rated" or self._picked(row):
            return False
        if row["_fixed"] is not None and self._may_loosen(indicator):
            return False
        if formula.method.asks or indicator in self._read:
            return False
        acts = row[c.ACTS.of(formula.key)]
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
        return not any(f.method.asks for f in mine) and not self._reweighs(str(row["cohort"]))

    def _row_of(self, subject: str) -> Mapping[str, object]:
        if subject not in self._rows:
            self.look_at([subject])
        return self._rows[subject]

    @cached_property
    def _formulas(self) -> dict[tuple[str, str], Formula]:
        return {(i.cohort, i.indicator): f for f in formulas_of(self.plan) for i in f.items}

    def _may_loosen(self, indicator: str) -> bool:
        """Whether a rule that fixes tiers looks at the indicator: a subject let go would take a place of the others."""
        looked_at = {indicator, f"{indicator}_points", f"{indicator}_benchmark", "score"}
        return any(when is None or when.names & looked_at for _, when in self.plan.before)

    def _picked(self, row: Mapping[str, object]) -> bool:
        cell = next((one for one in self.rating.cells if one.code == row[c.CELL.name]), None)
        return cell is None or self.plan.cuts[cell.cut].source.picks is not None

    def _reweighs(self, cohort: str) -> bool:
        mine = [f for (of, _), f in self._formulas.items() if of == cohort]
        return any(policy.kind == "reweight" for f in mine for _, policy in f.policies())

    @cached_property
    def _statistics(self) -> KnownStatistics:
        return KnownStatistics(self.rating.statistics)

    @cached_property
    def _read(self) -> frozenset[str]:
        return read_by_names(self.plan.names)

    def _lends(self, cohort: str, indicator: str, subject: str) -> bool:
        """Whether another subject of the cohort gets the mean of this indicator's points."""
        formula = self._formulas[(cohort, indicator)]
        if not formula.means:
            return False
        if (cohort, indicator) not in self._lent:
            lent = pl.col(c.ACTS.of(formula.key)).is_in(formula.means) & (pl.col("cohort") == cohort)
            # Of two one is another.
            self._lent[cohort, indicator] = (
                self._treated.select(pl.col("subject").filter(lent).head(2)).to_series().to_list()
            )
        return any(other != subject for other in self._lent[cohort, indicator])

    # ------------------------------------------------------------------------------------------------------- rating

    def rate(self, candidates: Sequence[Change]) -> pl.DataFrame:
        """Each candidate's result, a row each in their order, columns as `rating.subjects` has them.

        Args:
            candidates: subjects with other values of indicators, or with other figures.
        """
        indicators = indicators_of(candidates)
        rows = pl.Series(self._row.of([one.subject for one in candidates]), dtype=pl.UInt32)
        given = [values.alias(c.GIVEN.of(n)) for n, values in indicators.items()]
        moved = pl.Series(_MOVED, [bool(one.figures) for one in candidates], dtype=pl.Boolean)
        frame = self._with_figures(self._known[rows], candidates).with_columns(*given, moved)
        figures = {name for one in candidates for name in one.figures}
        done = evaluated_again(
            self.plan.names, frame, frozenset({*indicators, *figures}), self.plan.rating.population.special,
            tuple(cohort.id for cohort in self.plan.rating.cohorts), skip=self._brought, given=self._statistics,
        )  # fmt: skip
        graded_, _ = graded(self.plan, done, _CandidatePeers(self.rating, done, rows, list(indicators)))
        return graded_.with_columns(self.rating.subjects["subject"].gather(rows))

    @staticmethod
    def _with_figures(frame: pl.DataFrame, candidates: Sequence[Change]) -> pl.DataFrame:
        """Each candidate's own figures in their columns."""
        return frame.with_columns(pl.coalesce(values, n).alias(n) for n, values in figures_of(candidates).items())


class _CandidatePeers(CountyPeers):
    """The county as it was rated, which stands still while one subject at a time is looked at with other values.

    Args:
        rating: the county's rating.
        subjects: the candidates with every name computed.
        rows: whose candidate each is, as a row of `rating.subjects`.
        names: the indicators that some of them have other values of.
    """

    def __init__(self, rating: Rating, subjects: Evaluated, rows: pl.Series, names: Sequence[str]) -> None:
        super().__init__(rating.plan, subjects)
        self.rating, self.rows, self.names = rating, rows, names
        self.before = rating.subjects[rows]

    def fit(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The points of indicators that are not given, and are not moved by other figures, stay what they were."""
        columns: list[pl.Expr] = []
        places = self.plan.rating.decimals.points
        for name in self.plan.rating.indicators:
            points = c.POINTS.of(name)
            if points not in self.before.columns:
                continue
            kept = (self.before[points].cast(pl.Decimal(38, places)) * 10**places).cast(pl.Int64)
            held = [n for n in (name, c.BENCHMARK.of(name)) if n in self.before.columns and n in frame.columns]
            other = pl.any_horizontal(pl.col(n).ne_missing(pl.lit(self.before[n])) for n in held)
            anew = pl.col(_MOVED) & other
            if name in self.names:
                anew |= pl.col(c.GIVEN.of(name)).is_not_null()
            columns.append(pl.when(anew).then(points).otherwise(pl.lit(kept)).alias(points))
        return frame.with_columns(columns)

    def with_cells(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, Groups]:
        """The cells stay what they were."""
        frame = frame.with_columns(self.before[c.CELL.name], self.before[c.IN_BASE.name])
        count = max(cell.code for cell in self.rating.cells) + 1
        return frame, Groups((), frame[c.CELL.name], count, pl.DataFrame())

    def ranks(self, frame: pl.DataFrame, side: Side) -> pl.Series:
        """How many others of the cell are ahead, or not behind, in the stead of the subject as it was rated."""
        theirs, mine = self._orders(frame)
        others = self.rating.subjects
        cell, ranked = others[c.CELL.name].to_numpy(), others[c.RANKED.name].to_numpy()
        as_rated = theirs[self.rows.to_numpy()]
        place, cells = np.zeros(frame.height, dtype=np.int64), frame[c.CELL.name].to_numpy()
        edge: Literal["left", "right"] = "left" if side == "min" else "right"
        itself = as_rated < mine if side == "min" else as_rated <= mine
        for code in {one.code for one in self.rating.cells}:
            here = cells == code
            ordered = np.sort(theirs[(cell == code) & ranked])
            place[here] = np.searchsorted(ordered, mine[here], side=edge) - itself[here] + 1
        return frame.select(pl.when(c.RANKED.col).then(pl.lit(pl.Series(place))).alias("place"))["place"]

    def _orders(self, frame: pl.DataFrame) -> tuple[Whole, Whole]:
        """What the county's subjects and the candidates are ranked by, on one scale."""
        plan, tiers = self.plan, self.plan.rating.tiers
        assert tiers is not None
        read = {n for keys in plan.rank_by.values() for k in keys for n in k.compiled.names}
        columns = sorted((read | {c.SCORE_CODE.name, c.COHORT.name}) & set(frame.columns))
        both = pl.concat([self.rating.subjects.select(columns), frame.select(columns)], how="vertical_relaxed")
        order = orders_of(plan, tiers, both).to_numpy()
        height = self.rating.subjects.height
        return order[:height], order[height:]

    def cut_cells(self, frame: pl.DataFrame, groups: Groups) -> tuple[pl.DataFrame, tuple[Cell, ...], Groups]:
        """The cells stay as large as they were."""
        return frame, self.rating.cells, groups
