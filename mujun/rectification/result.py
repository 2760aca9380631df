"""A listing: the list as a document has it, and everything that it rests on."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from functools import cached_property

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.rating.counted_words import counted_in_words
from mujun.rating.policy_frame import CountedAmong, in_order
from mujun.rating.result import Rating
from mujun.rating.values import VALUE_SCHEMA, values_of
from mujun.rules.expressions import Compiled
from mujun.rules.in_words import Words
from mujun.rules.rectification_plan import RectificationPlan
from mujun.rules.showing_policies import effects_in_words, policy_words

AMOUNT = pl.Decimal(38, 6)
"""Expected effects: 亩 and tce at six decimals."""

COLUMNS: tuple[str, ...] = (
    "year", "credit_code", "name", "township", "industry", "scale", "land_mu", "tier", "score", "reasons",
    "reason_text", "path", "deadline", "expected_land_mu", "expected_energy_tce", "state",
)  # fmt: skip

COLUMNS_OF_PARCELS: tuple[str, ...] = (
    "year", "parcel", "parcels", "members", *(c for c in COLUMNS if c not in ("year", "credit_code", "score")),
)  # fmt: skip
"""Of a list of parcels: parcels that share a firm are one row, under the smallest number; `members` are the firms."""

FIRST_STATE = "screened"

_COUNTED: dict[str, pl.DataType] = {
    "reason": pl.String(),
    "reason_text": pl.String(),
    "met": pl.Int64(),
    "exempted": pl.Int64(),
    "listed": pl.Int64(),
}
_NOTED: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "where": pl.String(),
    "missing": pl.List(pl.String()),
}


def of_path(plan: RectificationPlan, what: str, dtype: pl.DataType) -> pl.Expr:
    """A property of the first path whose condition holds."""
    if not plan.paths:
        return pl.lit(None, dtype=dtype)
    return pl.coalesce(
        [pl.when(pl.col(f"path:{p.id}")).then(pl.lit(getattr(p, what), dtype=dtype)) for p, _ in plan.paths]
    )


@dataclass(frozen=True)
class Listing(InNotebooks):
    """Who is listed, why, and what is to be done.

    Attributes:
        plan: the rules, compiled.
        rating: the rating it rests on, if there was one.
        year: the data year.
        listed_on: the day from which deadlines count.
        frame: every enterprise with each condition: `listing:<id>`, `exempt:<id>`, `path:<id>` as they came out,
            `met:<id>` inside the scope, `kept:<id>` after exemptions, `exempted:<id>` the number of the exemption,
            `listed`, and the expected effects.
        counted: among whom the statistics of the rules were computed, if they have any.
    """

    plan: RectificationPlan
    rating: Rating | None = field(repr=False)
    year: int | None
    listed_on: date | None
    frame: pl.DataFrame = field(repr=False)
    counted: CountedAmong | None = None

    @property
    def effects(self) -> tuple[tuple[str, str], ...]:
        """How each expected effect that the rules have is computed, by its name: in Chinese words, or as written."""
        if messages.language() == "zh":
            return effects_in_words(self.plan)
        return tuple((name, effect.text) for name, effect in self.plan.file.effects.items())

    @property
    def of_parcels(self) -> bool:
        """Whether parcels are listed, with all firms on them, rather than enterprises."""
        return self.plan.file.subject == "parcel"

    @property
    def binding(self) -> bool:
        """Whether the rating it rests on has effect; a list from a trial year says that it is one."""
        return self.rating is None or self.rating.binding

    @property
    def energy_basis(self) -> str:
        """On which basis freed energy is counted: `equivalent` (等价值) or `calorific` (当量值)."""
        return self.plan.energy_basis

    @cached_property
    def words(self) -> Words:
        """The names of the conditions in words; a statistic without a label by what it is."""
        return policy_words(self.plan.ruleset, self.plan.file, self.plan.scope)

    @property
    def counted_in_words(self) -> str:
        """Among whom the statistics were computed, and how many they are; empty where there are none."""
        return counted_in_words(self.counted, self.words)

    @cached_property
    def rectification(self) -> pl.DataFrame:
        """The list, columns as in `COLUMNS` (of parcels `COLUMNS_OF_PARCELS`), sorted as every result is."""
        listed = in_order(self.frame.filter("listed"), self.rating)
        return listed.with_columns(
            pl.lit(self.year, dtype=pl.Int32).alias("year"),
            self._reasons().alias("reasons"),
            self._reason_text().alias("reason_text"),
            self._path("path", pl.String()).alias("path"),
            self._deadline().alias("deadline"),
            pl.lit(FIRST_STATE).alias("state"),
            *([pl.col("credit_code").alias("parcel")] if self.of_parcels else []),
        ).select(COLUMNS_OF_PARCELS if self.of_parcels else COLUMNS)

    @cached_property
    def triggers(self) -> pl.DataFrame:
        """What triggered each reason of the listed: `credit_code, reason, condition, field, label, value, unit`.

        A row per name that the condition mentions; `condition` is the condition as the rules write it, with its
        thresholds.
        """
        return self._behind(self.frame, "kept")

    def values_behind(self, rows: pl.DataFrame) -> pl.DataFrame:
        """As `triggers`, for some rows of `frame` and for every condition that is met, exempted or not."""
        return self._behind(rows, "met")

    def _behind(self, rows: pl.DataFrame, mark: str) -> pl.DataFrame:
        frames = [
            self._values(rows.filter(pl.col(f"{mark}:{reason.id}")), when, reason.id)
            for reason, when in self.plan.listing
            if when is not None
        ]
        return self._gathered(frames, [r.id for r, _ in self.plan.listing])

    @cached_property
    def exempted(self) -> pl.DataFrame:
        """Reasons that were met and taken away: `credit_code, name, reason, exempt, exempt_reason`."""
        ids = pl.lit(pl.Series([e.id for e, _ in self.plan.exempt], dtype=pl.String))
        texts = pl.lit(pl.Series([e.reason for e, _ in self.plan.exempt], dtype=pl.String))
        frames = []
        for reason, _ in self.plan.listing:
            number = pl.col(f"exempted:{reason.id}").cast(pl.UInt32)
            frames.append(
                self.frame.filter(number.is_not_null()).select(
                    "credit_code",
                    "name",
                    pl.lit(reason.id).alias("reason"),
                    ids.gather(number).alias("exempt"),
                    texts.gather(number).alias("exempt_reason"),
                )
            )
        return pl.concat(frames).sort("credit_code", maintain_order=True)

    @cached_property
    def notes(self) -> pl.DataFrame:
        """Conditions that could not be told for want of a field, and so count as not met.

        `credit_code, where, missing`: the condition (`listing.<id>`, `exempt.<id>`, `scope`) and the fields it lacked.
        """
        conditions: list[tuple[str, str, Compiled | None]] = [("scope", "scope:", self.plan.limits)]
        conditions += [(f"listing.{r.id}", f"listing:{r.id}", when) for r, when in self.plan.listing]
        conditions += [(f"exempt.{e.id}", f"exempt:{e.id}", when) for e, when in self.plan.exempt]
        conditions += [(f"paths.{p.id}", f"path:{p.id}", when) for p, when in self.plan.paths]
        frames: list[pl.DataFrame] = []
        for where, column, compiled in conditions:
            names = sorted(n for n in compiled.names if n in self.frame.columns) if compiled else []
            open_ = self.frame.filter(pl.col(column).is_null())
            if where != "scope":
                open_ = open_.filter(pl.col("scope:"))
            if not names or not open_.height:
                continue
            lacking = pl.concat_list([pl.when(pl.col(n).is_null()).then(pl.lit(n)) for n in names]).list.drop_nulls()
            frames.append(open_.select("credit_code", pl.lit(where).alias("where"), lacking.alias("missing")))
        return pl.concat(frames).sort("credit_code", maintain_order=True) if frames else pl.DataFrame(schema=_NOTED)

    @cached_property
    def paths(self) -> pl.DataFrame:
        """What each path is expected to bring: `path, count, land_mu, expected_land_mu, expected_energy_tce, untold`.

        `land_mu` is all the land that the enterprises use; `untold` how many of them have an effect that could not be
        computed for want of a figure. In the order of the rules' paths.
        """
        order = list(dict.fromkeys(p.path for p, _ in self.plan.paths))
        untold = pl.any_horizontal(pl.col("expected_land_mu").is_null(), pl.col("expected_energy_tce").is_null())
        counts = self.rectification.group_by("path").agg(
            pl.len().alias("count"),
            pl.col("land_mu", "expected_land_mu", "expected_energy_tce").sum(),
            untold.sum().alias("untold"),
        )
        rank = pl.col("path").replace_strict({p: i for i, p in enumerate(order)}, default=None, return_dtype=pl.Int32)
        return counts.sort(rank, nulls_last=True)

    @cached_property
    def counts(self) -> pl.DataFrame:
        """How many each reason lists: `reason, reason_text, met, exempted, listed`; one firm may have several."""
        kept = self.frame.select(
            [pl.col(f"met:{r.id}").sum() for r, _ in self.plan.listing]
            + [pl.col(f"kept:{r.id}").sum() for r, _ in self.plan.listing]
        ).row(0, named=True)
        return pl.DataFrame(
            [
                {
                    "reason": r.id,
                    "reason_text": r.reason,
                    "met": kept[f"met:{r.id}"],
                    "exempted": kept[f"met:{r.id}"] - kept[f"kept:{r.id}"],
                    "listed": kept[f"kept:{r.id}"],
                }
                for r, _ in self.plan.listing
            ],
            schema=_COUNTED,
        )

    # ------------------------------------------------------------------------------------------------------ pieces

    def _reasons(self) -> pl.Expr:
        return pl.concat_list(
            [pl.when(pl.col(f"kept:{r.id}")).then(pl.lit(r.id)) for r, _ in self.plan.listing]
        ).list.drop_nulls()

    def _reason_text(self) -> pl.Expr:
        texts = [pl.when(pl.col(f"kept:{r.id}")).then(pl.lit(r.reason)) for r, _ in self.plan.listing]
        return pl.concat_str(texts, separator="；", ignore_nulls=True)

    def _path(self, what: str, dtype: pl.DataType) -> pl.Expr:
        return of_path(self.plan, what, dtype)

    def _deadline(self) -> pl.Expr:
        if self.listed_on is None:
            return pl.lit(None, dtype=pl.Date)
        months = self._path("months", pl.Int32())
        shifted = pl.lit(self.listed_on).dt.offset_by(pl.format("{}mo", months.fill_null(0)))
        return pl.when(months.is_not_null()).then(shifted)

    def _values(self, rows: pl.DataFrame, when: Compiled, reason: str) -> pl.DataFrame:
        names = self.plan.policy.names.with_what_tables_ask(when.names)
        return values_of(rows, self.words.meanings(names)).with_columns(
            pl.lit(reason).alias("reason"), pl.lit(when.source.text).alias("condition")
        )

    def _gathered(self, frames: list[pl.DataFrame], order: list[str]) -> pl.DataFrame:
        columns = ["credit_code", "reason", "condition", "field", "label", "value", "unit"]
        if not frames:
            return pl.DataFrame(schema={c: VALUE_SCHEMA.get(c, pl.String()) for c in columns})
        rank = pl.col("reason").replace_strict({r: i for i, r in enumerate(order)}, return_dtype=pl.Int32)
        return pl.concat(frames).sort("credit_code", rank, "field").select(columns)
