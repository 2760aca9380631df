"""A rating: every intermediate column, and the tables that are shown and exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from functools import cached_property

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.messages import MessageKey
from mujun.notebooks import InNotebooks
from mujun.numbers import round_decimal
from mujun.rating.digest import digest_of
from mujun.rating.members import member_columns, quantities_of, with_parts
from mujun.rating.ordering import as_results_are
from mujun.rating.ranking import Cell, share_of
from mujun.rating.statistics import StatisticTable
from mujun.rules.model.rating import FIRMS, Counting
from mujun.rules.rating_plan import RatingPlan
from mujun.rules.result_columns import result_columns

BOTH = "_both"
"""The column that says which firms are rated alone and merged."""

OTHER: tuple[str, ...] = ("subject", "members", "cohort", "score", "rank", "size", "tier")
"""What is shown of the result that does not count, in columns `other_<name>`."""


@dataclass(frozen=True)
class Verified:
    """What a document promises of a tier's share in a cell, and what came out."""

    cell: str
    tier: str
    count: int
    base: int
    least: int | None
    most: int | None

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return (self.least is None or self.count >= self.least) and (self.most is None or self.count <= self.most)

    @property
    def sentence(self) -> str:
        """Both in a sentence, in the language in force."""
        limits = [] if self.least is None else [messages.text("limit_at_least", least=self.least)]
        limits += [] if self.most is None else [messages.text("limit_at_most", most=self.most)]
        key: MessageKey = "rate_verify_kept" if self.kept else "rate_verify_broken"
        return messages.text(key, cell=self.cell, tier=self.tier, count=self.count, limit=limits)


@dataclass(frozen=True)
class Rating(InNotebooks):
    """One rating of one year.

    Attributes:
        plan: the rules, compiled.
        year: the data year.
        enterprises: a row per enterprise of the frame, with its own indicators and its subject's result, and every
            intermediate column.
        subjects: a row per subject, likewise; the same rows as `enterprises` where each is its own subject.
        statistics: every statistic by name, with the number, members and sums of each group.
        cells: the cells in which subjects were ranked, with size, base and cut.
        counting: which result of the firms that are rated both ways counts here; `None` where there are none.
        other: the same year rated with the other way counting, for its result to be shown beside this one.
        unplaced: where areas are rated by their firms, how many firms belong to none.
        computed: the columns of `subjects` that were there before anybody was graded.
    """

    plan: RatingPlan
    year: int | None
    enterprises: pl.DataFrame = field(repr=False)
    subjects: pl.DataFrame = field(repr=False)
    statistics: Mapping[str, StatisticTable] = field(repr=False)
    cells: tuple[Cell, ...] = field(repr=False)
    counting: Counting | None = None
    other: Rating | None = field(default=None, repr=False)
    unplaced: int = 0
    computed: tuple[str, ...] = field(default=(), repr=False)

    @property
    def merged(self) -> bool:
        """Whether some subjects may be several firms together."""
        return "members" in self.subjects.columns

    @property
    def binding(self) -> bool:
        """Whether the result has effect; a trial year's has none and everything printed says so."""
        return self.plan.rating.binding

    @property
    def columns(self) -> tuple[str, ...]:
        """The exported columns of `ratings` in order."""
        columns = list(self._own_columns)
        if self.other is not None:
            columns += ["counted_as", "other_as", *(f"other_{name}" for name in OTHER)]
        if self.merged:
            columns += ["members", *member_columns(self.plan)]
        return tuple(columns)

    @property
    def _own_columns(self) -> tuple[str, ...]:
        """The columns that a firm's and a subject's result have alike."""
        return tuple(result_columns(self.plan.rating))

    @cached_property
    def ratings(self) -> pl.DataFrame:
        """The result as exported: a row per enterprise, sorted by cohort, rank, subject, credit code."""
        if not self.merged:
            return self._exported(self.enterprises, self.columns)
        return self._exported(with_parts(self.plan, self.enterprises, self.subjects), self.columns)

    @cached_property
    def subject_ratings(self) -> pl.DataFrame:
        """The result as exported, a row per subject; with its members and their quantities added up, if it has any."""
        if not self.merged and self.other is None and self.plan.rating.population.area is None:
            return self.ratings  # every enterprise is its own subject
        added = ("members", *quantities_of(self.plan)) if self.merged else ()
        if self.plan.rating.population.area is not None:
            added = (FIRMS,)
        return self._exported(self.subjects, (*self._own_columns, *added))

    def _exported(self, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        run = [] if "run" in frame.columns else [pl.lit(None, dtype=pl.Int64).alias("run")]
        wanted = dict.fromkeys((*columns, "cohort", "rank", "subject", "credit_code"))
        # Notes are words by number, which is a sixteenth of the memory; whoever is handed a table gets texts.
        shown = frame.with_columns(run).select(list(wanted)).with_columns(pl.col(pl.Enum).cast(pl.String))
        return as_results_are(shown, [c.id for c in self.plan.rating.cohorts]).select(columns)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the sorted result without its run number: same inputs, same rules, same digest."""
        areas = self.plan.rating.population.area is not None
        return digest_of((self.subject_ratings if areas else self.ratings).drop("run"))

    @cached_property
    def tiers(self) -> pl.DataFrame:
        """Counts per cohort and tier: `cohort`, `label`, `tier`, `subjects`, `share` (% of the cohort)."""
        rows: list[dict[str, object]] = []
        rated = self.subjects.select("treatment", "cohort", "tier").filter(pl.col("treatment") == "rated")
        counts = {
            (r["cohort"], r["tier"]): r["n"]
            for r in rated.group_by("cohort", "tier").agg(pl.len().alias("n")).iter_rows(named=True)
        }
        for cohort in self.plan.rating.cohorts:
            total = sum(n for (c, _), n in counts.items() if c == cohort.id)
            for tier in self.plan.tier_ids:
                count = counts.get((cohort.id, tier), 0)
                if count:
                    share = Fraction(count * 100, total)
                    rows.append(
                        {
                            "cohort": cohort.id,
                            "label": cohort.label or cohort.id,
                            "tier": tier,
                            "subjects": count,
                            "share": float(round_decimal(share, 2)),
                        }
                    )
        return pl.DataFrame(
            rows,
            schema={
                "cohort": pl.String,
                "label": pl.String,
                "tier": pl.String,
                "subjects": pl.Int64,
                "share": pl.Float64,
            },
        )

    @cached_property
    def treatments(self) -> pl.DataFrame:
        """How many subjects had each treatment, and why: `treatment`, `reason`, `subjects`."""
        return (
            self.subjects.group_by("treatment", "reason")
            .agg(pl.len().alias("subjects"))
            .sort("treatment", "reason", nulls_last=True)
        )

    @cached_property
    def verified(self) -> tuple[Verified, ...]:
        """What the rules' `verify` says of each cell, after all rules."""
        tiers = self.plan.rating.tiers
        if tiers is None or not tiers.verify:
            return ()
        rated = self.subjects.select("treatment", "_cell", "tier").filter(pl.col("treatment") == "rated")
        counts = {
            (r["_cell"], r["tier"]): r["n"]
            for r in rated.group_by("_cell", "tier").agg(pl.len().alias("n")).iter_rows(named=True)
        }
        figures: list[Verified] = []
        labels = {c.id: c.label or c.id for c in self.plan.rating.cohorts}
        for cell in self.cells:
            if not cell.base:
                continue
            rounding = self.plan.cuts[cell.cut].source.rounding if cell.cut in self.plan.cuts else "half_up"
            shown = "、".join("—" if v is None else labels.get(str(v), str(v)) for v in cell.keys.values())
            for tier, promise in tiers.verify.items():
                least = None if promise.min is None else share_of(promise.min, cell.base, rounding)
                most = None if promise.max is None else share_of(promise.max, cell.base, rounding)
                figures.append(Verified(shown, tier, counts.get((cell.code, tier), 0), cell.base, least, most))
        return tuple(figures)

    def of(self, credit_code: str) -> dict[str, object] | None:
        """Everything known of one enterprise, column by column; `None` where it is not in the frame."""
        rows = self.enterprises.filter(pl.col("credit_code") == credit_code)
        return rows.row(0, named=True) if rows.height else None
