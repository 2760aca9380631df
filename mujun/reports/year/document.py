"""A year as its workbook shows it: the rating and what follows from it, gathered once for all sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

import polars as pl

from mujun.dataclass import dataclass
from mujun.rating.result import Rating
from mujun.reports.drawing.exporting import TRIAL, ladder_of
from mujun.reports.drawing.labels import Heading, headings
from mujun.reports.drawing.wording import STATUSES
from mujun.reports.year.summary import Facts, facts_of
from mujun.rules import RuleSet


@dataclass(frozen=True)
class YearDocument:
    """Everything that a year's workbook is made from.

    Attributes:
        rating: the rating.
        frame: the frame it was made from.
        rectification: the list, columns as in `mujun.rectification.COLUMNS`; `None` where the rules have none.
        allocation: the amounts, columns as in `mujun.allocation.COLUMNS` and perhaps those of `Allocation.rows`.
        findings: columns as in `mujun.records.FINDING_SCHEMA`.
        run: the run's number, where it was kept.
        energy_basis: the basis on which freed energy is counted: `equivalent` or `calorific`.
    """

    rating: Rating
    frame: pl.DataFrame = field(repr=False)
    rectification: pl.DataFrame | None = field(repr=False)
    allocation: pl.DataFrame | None = field(repr=False)
    findings: pl.DataFrame = field(repr=False)
    run: int | None = None
    energy_basis: str = "equivalent"

    @property
    def ruleset(self) -> RuleSet:
        """The rules."""
        return self.rating.plan.ruleset

    @property
    def year(self) -> str:
        """The data year as text."""
        return "" if self.rating.year is None else str(self.rating.year)

    @property
    def title(self) -> str:
        """What the rating is called, with its year."""
        name = self.rating.plan.rating.name
        return name if not self.year or self.year in name else f"{self.year}年度{name}"

    @property
    def trial(self) -> str:
        """What every page says of a trial year; empty for a binding one."""
        return "" if self.rating.binding else TRIAL

    @property
    def ladder(self) -> tuple[str, ...]:
        """The tiers that cuts give, best first."""
        return ladder_of(self.rating.plan.rating)

    @property
    def origin(self) -> str:
        """Which rules and which run: one line for every sheet."""
        status = STATUSES[self.rating.plan.rating.status]
        run = f"　第 {self.run} 次评价" if self.run is not None else ""
        return (
            f"数据年度 {self.year}　规则集 {self.ruleset.address}（{status}）{run}　结果摘要 {self.rating.digest[:12]}"
        )

    @cached_property
    def facts(self) -> Facts:
        """What summaries add up."""
        return facts_of(self.rating, self.frame, self.rectification, self.allocation)

    @cached_property
    def headings(self) -> Mapping[str, Heading]:
        """The headings of the exported ratings."""
        return headings(self.rating.ratings.schema, what="ratings", ruleset=self.ruleset)

    @cached_property
    def tier_labels(self) -> Mapping[str, str]:
        """What each tier is called, where the rules say so."""
        tiers = self.rating.plan.rating.tiers
        return {c.id: c.label or "" for c in tiers.classes} if tiers is not None else {}
