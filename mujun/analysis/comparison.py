"""A comparison of two results as one object: what the reports draw and the command line prints."""

from __future__ import annotations

from dataclasses import field

import polars as pl

from mujun.analysis.comparing import ENTERED, LEFT, SAME, effects, movers
from mujun.dataclass import dataclass
from mujun.errors import Problem
from mujun.notebooks import InNotebooks
from mujun.rules import RuleSet
from mujun.rules.differing import Difference


@dataclass(frozen=True)
class Side:
    """One of two results that are compared.

    Attributes:
        name: what it is called in tables.
        year, rules, batch: what it was computed from; `rules` is the address.
        number: of the run, where it is one.
        label: what the bureau calls it.
        digest: of its ratings.
    """

    name: str
    year: int
    rules: str
    batch: int
    number: int | None
    label: str
    digest: str


@dataclass(frozen=True)
class Comparison(InNotebooks):
    """Two results of one county.

    Attributes:
        before, after: the sides.
        ruleset: the later rules, for labels.
        earlier: the earlier rules.
        ladder: the tiers that can be told better from worse.
        firms: what `mujun.analysis.comparing.compare_ratings` gives.
        lists, amounts: what the list and the measures say differently; `None` where one side's rules have none.
        rules: what the two rule sets say differently.
        causes: what `mujun.analysis.causes.causes` gives; `None` where they could not be told or were not asked for.
        untold: why they could not be told.
        parts: of the movers, of what the change of score is made.
        inputs: which own figures changed, of the movers and of whom a batch between the two speaks.
        batches: the files loaded between the two: `number, file, loaded_at, who, reason, document, firms` (of whom it
            speaks), `moved` (those of them whose tier is another), `changed` (those with other figures, where told).
        touched: `batch, credit_code` of these batches.
    """

    before: Side
    after: Side
    ruleset: RuleSet = field(repr=False)
    earlier: RuleSet = field(repr=False)
    ladder: tuple[str, ...]
    firms: pl.DataFrame = field(repr=False)
    lists: pl.DataFrame | None = field(repr=False)
    amounts: pl.DataFrame | None = field(repr=False)
    rules: tuple[Difference, ...] = field(repr=False)
    causes: pl.DataFrame | None = field(default=None, repr=False)
    untold: Problem | None = None
    parts: pl.DataFrame | None = field(default=None, repr=False)
    inputs: pl.DataFrame | None = field(default=None, repr=False)
    batches: pl.DataFrame | None = field(default=None, repr=False)
    touched: pl.DataFrame | None = field(default=None, repr=False)

    @property
    def movers(self) -> pl.DataFrame:
        """Who changed tier, with causes where they are told: those who fell furthest first."""
        moved = movers(self.firms)
        if self.causes is None:
            return moved
        return moved.join(self.causes, on="credit_code", how="left", maintain_order="left")

    @property
    def changed(self) -> pl.DataFrame:
        """Whose own figures changed though their tier did not, the largest change of score first, then by code."""
        moved = [] if self.inputs is None else self.inputs["credit_code"].unique().to_list()
        still = self.firms.filter(pl.col("direction") == SAME, pl.col("credit_code").is_in(moved))
        rows = still if self.causes is None else still.join(self.causes, on="credit_code", how="left")
        return rows.sort(pl.col("score_change").abs() * -1, "credit_code", nulls_last=True)

    def effects(self, by: str | None = None) -> pl.DataFrame:
        """Everything that differs, counted by group; see `mujun.analysis.comparing.effects`."""
        return effects(self.firms, self.lists, self.amounts, by)

    @property
    def entered(self) -> int:
        """How many are there only afterwards."""
        return int((self.firms["presence"] == ENTERED).sum())

    @property
    def left(self) -> int:
        """How many are there only before."""
        return int((self.firms["presence"] == LEFT).sum())

    @property
    def moved(self) -> bool:
        """Whether anybody's tier is another."""
        return bool((self.firms["direction"] != SAME).any())

    @property
    def differs(self) -> bool:
        """Whether anybody's tier, listing or amount is another."""
        return self.moved or any(t is not None and t.height > 0 for t in (self.lists, self.amounts))

    @property
    def tiers(self) -> tuple[str, ...]:
        """All tiers of both rule sets, best first as the later one has them."""
        names: dict[str, None] = {}
        for rules in (self.ruleset, self.earlier):
            if rules.rating is not None and rules.rating.tiers is not None:
                names |= dict.fromkeys(c.id for c in rules.rating.tiers.classes)
        seen = {t for s in ("before", "after") for t in self.firms[f"tier_{s}"].drop_nulls().unique()}
        return tuple(n for n in names if n in seen) + tuple(sorted(seen - set(names)))

    @property
    def cohorts(self) -> dict[str, str]:
        """The cohorts' labels."""
        ratings = [r.rating for r in (self.earlier, self.ruleset) if r.rating is not None]
        return {c.id: c.label or c.id for rating in ratings for c in rating.cohorts}

    def word_of_part(self, part: str, name: str) -> str | None:
        """An indicator's, an adjustment's or a family's name in words; `None` for what has none."""
        for rules in (self.ruleset, self.earlier):
            rating = rules.rating
            if rating is None:
                continue
            if part == "indicator" and name in rating.indicators:
                return rating.indicators[name].label or name
            for a in rating.adjustments.items:
                if part == "adjustment" and a.id == name:
                    return a.label or a.id
        return name or None
