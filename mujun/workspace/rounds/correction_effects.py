"""What a correction does to a year: rated as it stood before and with it, the firms and tiers that move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field as attribute

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.notebooks import InNotebooks
from mujun.records.succession import succession_at
from mujun.rules import RuleSet
from mujun.store import Store
from mujun.workspace.computing import YearResult, computed
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rounds.correcting import Correction, with_loaded
from mujun.workspace.runs.governing import rules_for
from mujun.workspace.tables_at import inputs_at

EFFECT_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "name": pl.String(),
    "own": pl.Boolean(),
    "score_before": pl.Decimal(38, 12),
    "score_after": pl.Decimal(38, 12),
    "rank_before": pl.Int64(),
    "rank_after": pl.Int64(),
    "tier_before": pl.String(),
    "tier_after": pl.String(),
}
"""Columns of `Effect.firms`; `own` says whether the firm's own figures were corrected."""


@dataclass(frozen=True)
class Effect(InNotebooks):
    """What a correction changes: the firms it is about, and the others whose tier moves with it."""

    year: int
    rules: str
    firms: pl.DataFrame = attribute(repr=False)

    @property
    def moved(self) -> pl.DataFrame:
        """The firms whose tier is another one now."""
        return self.firms.filter(pl.col("tier_before").ne_missing(pl.col("tier_after")))


def effect_of_batch(county: CountyFile, batch: int, rules: str | RuleSet | None = None) -> tuple[Effect, ...]:
    """What a batch changed: each of its years rated as it stood before the batch and with it.

    Args:
        batch: the batch.
        rules: a rule set; by default that of the newest run of each year. Years that have none are passed over.

    Raises:
        UsageError: there is no such batch.
    """
    with Store.open(county.path) as store:
        now = inputs_at(store, batch)
        before = inputs_at(store, batch - 1) if batch > 1 else {n: t.clear() for n, t in now.items()}
    touched: dict[int, set[str]] = {}
    for name, table in TABLES.items():
        if table.yearly and "credit_code" in table.by_name:
            for year, code in now[name].filter(pl.col("_batch") == batch).select("year", "credit_code").iter_rows():
                touched.setdefault(year, set()).add(code)
    effects = []
    for year in sorted(touched):
        ruleset = rules_for(county, rules, year)
        if ruleset is not None and before["enterprises"].filter(pl.col("year") == year).height:
            effects.append(effect_between(ruleset, year, before, now, touched[year]))
    return tuple(effects)


def effect_if(
    county: CountyFile, correction: Correction, year: int, rules: str | RuleSet | None = None
) -> Effect | None:
    """What a correction would change if it were kept; `None` where no rules are known for the year."""
    ruleset = rules_for(county, rules, year)
    if ruleset is None:
        return None
    with Store.open(county.path) as store:
        before = inputs_at(store, None)
    return effect_between(ruleset, year, before, with_loaded(before, correction.tables), {correction.credit_code})


def effect_between(
    ruleset: RuleSet,
    year: int,
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    corrected: set[str],
) -> Effect:
    """Both states rated by the same rules, and every firm of `corrected` or with another tier."""
    sides = [
        _standing(computed(ruleset, year, tables, 0), side) for tables, side in ((before, "before"), (after, "after"))
    ]
    both = sides[0].join(sides[1], on="credit_code", how="full", coalesce=True)
    # Records of the year may stand under a code that the firm has no more at its end.
    heirs = succession_at(after["aliases"], year).heirs
    mine = pl.col("credit_code").is_in(sorted(heirs[c].code if c in heirs else c for c in corrected))
    differs = pl.col("tier_before").ne_missing(pl.col("tier_after"))
    shown = both.filter(mine | differs).with_columns(
        pl.coalesce("name_after", "name_before").alias("name"), mine.alias("own")
    )
    order = shown.select(pl.col(c).cast(t) for c, t in EFFECT_SCHEMA.items())
    return Effect(year, ruleset.address, order.sort([~pl.col("own"), pl.col("credit_code")]))


def _standing(result: YearResult, side: str) -> pl.DataFrame:
    kept = ("name", "score", "rank", "tier")
    rows = result.rating.ratings.select("credit_code", *kept)
    return rows.rename({c: f"{c}_{side}" for c in kept})
