"""A county's year as its papers need it: this year's result, the year before by the same rules, and who moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date
from functools import cached_property

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import divided
from mujun.reports.charts.parcel_map import Shapes
from mujun.reports.year.document import YearDocument
from mujun.reports.year.summary import Facts, only

LARGE = 10_000
"""Firms of a county from which on its pages list and draw a part: a browser holds so much, and so does a folder."""


@dataclass(frozen=True)
class CountyYear:
    """A county's year, or a part of it: a township, an industry, a park.

    Attributes:
        document: the year's result with its list and amounts.
        last: the year before, computed by this year's rules so that both can be compared; `None` where it has no
            records or the rules cannot rate it.
        tiers_last: `credit_code, tier`: the tiers of the year before, those in force where there are any.
        tried_last: whether these are not the tiers in force but the year before by this year's rules.
        day: the day on which the newest of the records was loaded.
        part: what the part is called; empty for the county.
        codes: the enterprises of the part; `None` for all.
        parcels: the parcels for the map, columns as in `charts.parcel_map.MAP_SCHEMA`; `None` where there are none.
        outlines: the outlines of townships by name, as the text of their shapes.
        whole: the county that this is a part of; `None` for the county itself.
        shapes: the parcels' shapes that were read already, by their texts; shared by all parts.
    """

    document: YearDocument
    last: YearDocument | None
    tiers_last: pl.DataFrame = field(repr=False)
    tried_last: bool = False
    day: date | None = None
    part: str = ""
    codes: pl.Series | None = field(default=None, repr=False)
    parcels: pl.DataFrame | None = field(default=None, repr=False)
    outlines: Mapping[str, str] = field(default_factory=dict, repr=False)
    whole: CountyYear | None = field(default=None, repr=False)
    shapes: Shapes = field(default_factory=Shapes, repr=False)

    @property
    def rows_at_most(self) -> int:
        """How many enterprises a table of a page lists; the workbook has them all."""
        return 300 if self._large else 3_000

    @property
    def parcels_at_most(self) -> int:
        """How many parcels a map draws, the largest first."""
        if self.whole is None:
            return 5_000 if self._large else 10_000
        return 500 if self._large else 10_000

    @property
    def _large(self) -> bool:
        return (self.whole or self).document.rating.enterprises.height > LARGE

    @property
    def place(self) -> str:
        """What the paper is about: the part, or the place that the rules name."""
        return self.part or self.document.rating.plan.rating.place or "全县"

    @property
    def year(self) -> str:
        """The data year as text."""
        return self.document.year

    @property
    def last_words(self) -> str:
        """What the tiers of the year before are."""
        return "上年按本年规则试算的档次" if self.tried_last else "上年档次"

    @property
    def ladder(self) -> tuple[str, ...]:
        """The tiers that cuts give, best first."""
        return self.document.ladder

    @cached_property
    def facts(self) -> Facts:
        """What summaries add up."""
        return self._of(self.document.facts)

    @cached_property
    def facts_last(self) -> Facts | None:
        """What summaries of the year before add up, by the same rules."""
        if self.last is None:
            return None
        # A firm is where it was: last year's own township and industry, among this part by its own records then.
        return self._of(self.last.facts)

    @cached_property
    def firms(self) -> pl.DataFrame:
        """A row per enterprise of this year.

        The columns of `Facts.rows`, and `name, park, score, rank, size, tier_last`, each ratio by its name.
        """
        if self.whole is not None and self.codes is not None:
            return self.whole.firms.filter(pl.col("credit_code").is_in(self.codes.implode()))
        ratings = self.document.rating.enterprises
        ruled = [r.name for r in self.facts.ratios if r.name in ratings.columns]
        named = ratings.select(
            "credit_code", "name", "park", "score", "rank", "size", *(pl.col(n).cast(pl.Float64) for n in ruled)
        )
        last = self.tiers_last.select("credit_code", pl.col("tier").alias("tier_last"))
        rows = self.facts.rows.join(named, on="credit_code", how="left", maintain_order="left")
        rows = rows.join(last, on="credit_code", how="left", maintain_order="left")
        return rows.with_columns(
            pl.when(pl.col(f"{r.name}:per") > 0)
            .then(divided(pl.col(f"{r.name}:of").cast(pl.Float64), pl.col(f"{r.name}:per").cast(pl.Float64)))
            .alias(r.name)
            for r in self.facts.ratios
            if r.name not in ruled
        )

    @cached_property
    def rated(self) -> pl.DataFrame:
        """The rows of `firms` that were rated and have a tier of the ladder."""
        return self.firms.filter(pl.col("treatment") == "rated", pl.col("tier").is_in(list(self.ladder)))

    def about(self, part: str, codes: pl.Series) -> CountyYear:
        """The same for some enterprises only."""
        parcels = self.parcels
        if parcels is not None:
            parcels = parcels.filter(pl.col("codes").list.eval(pl.element().is_in(codes.implode())).list.any())
        return replace(self, part=part, codes=codes, parcels=parcels, whole=self.whole or self)

    def _of(self, facts: Facts) -> Facts:
        return facts if self.codes is None else only(facts, pl.col("credit_code").is_in(self.codes.implode()))
