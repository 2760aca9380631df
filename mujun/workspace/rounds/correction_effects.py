"""What a correction does to a year: rated as it stood before and with it, the firms and tiers that move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field as attribute

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.messages import MessageKey
from mujun.notebooks import InNotebooks
from mujun.records.succession import succession_at
from mujun.rules import RuleSet
from mujun.steps import step
from mujun.store import Store
from mujun.workspace.computing import YearResult, computed
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rounds.correcting import Correction, with_loaded
from mujun.workspace.runs.governing import Governing, governing
from mujun.workspace.tables_at import said_by, year_at

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
    """What a correction changes: the firms it is about, and the others whose tier moves with it.

    Attributes:
        year: the data year.
        rules: the rules that it was computed by.
        firms: columns `EFFECT_SCHEMA`.
        run, final: the run that the rules were taken from, and whether it is final; none where rules were named.
    """

    year: int
    rules: str
    firms: pl.DataFrame = attribute(repr=False)
    run: int | None = None
    final: bool = False

    @property
    def rated_by(self) -> str:
        """By which rules of which run it was computed, and whether that is a trial, in the language in force."""
        code: MessageKey = "effect_head"
        if self.run is not None:
            code = "effect_head_final" if self.final else "effect_head_trial"
        return messages.text(code, year=self.year, rules=self.rules, run=self.run)

    @property
    def moved(self) -> pl.DataFrame:
        """The firms whose tier is another one now."""
        return self.firms.filter(pl.col("tier_before").ne_missing(pl.col("tier_after")))


def effect_of_batch(county: CountyFile, batch: int, rules: str | RuleSet | None = None) -> tuple[Effect, ...]:
    """What a batch changed: each of its years rated as it stood before the batch and with it.

    Args:
        batch: the batch.
        rules: a rule set; by default those of each year's final runs, of its newest run where none is final. Years
            that have none are passed over.

    Returns:
        An effect for each year, and for each of its final runs that rates one of the firms or moves another.

    Raises:
        UsageError: there is no such batch.
    """
    step("step_tables")
    touched: dict[int, set[str]] = {}
    effects: list[Effect] = []
    with county.kept_open(), Store.open(county.path) as store:
        for name, rows in said_by(store, batch).items():
            if TABLES[name].yearly and "credit_code" in TABLES[name].by_name:
                for year, code in rows.select("year", "credit_code").iter_rows():
                    touched.setdefault(year, set()).add(code)
        for year in sorted(touched):
            now = year_at(store, year, batch)
            before = year_at(store, year, batch - 1) if batch > 1 else {n: t.clear() for n, t in now.items()}
            if before["enterprises"].filter(pl.col("year") == year).height:
                effects += _effects(governing(county, rules, year), year, before, now, touched[year])
    return tuple(effects)


def effect_if(
    county: CountyFile, correction: Correction, year: int, rules: str | RuleSet | None = None
) -> tuple[Effect, ...]:
    """What a correction would change if it were kept, as `effect_of_batch` tells it; nothing without any rules."""
    known = governing(county, rules, year)
    if not known:
        return ()
    step("step_tables")
    with Store.open(county.path) as store:
        before = year_at(store, year)
    return tuple(_effects(known, year, before, with_loaded(before, correction.tables), {correction.credit_code}))


def _effects(
    known: Sequence[Governing],
    year: int,
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    corrected: set[str],
) -> list[Effect]:
    """The effect by each of the rules that count; of several, which rate other firms each, those that it touches."""
    effects = [effect_between(g, year, before, after, corrected) for g in known]
    touched = [
        e for e in effects if e.firms.drop_nulls("tier_before").height or e.firms.drop_nulls("tier_after").height
    ]
    return touched or effects[-1:]


def effect_between(
    known: Governing,
    year: int,
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    corrected: set[str],
) -> Effect:
    """Both states rated by the same rules, and every firm of `corrected` or with another tier."""
    step("step_effects")
    sides = [
        _standing(computed(known.rules, year, tables, 0), side)
        for tables, side in ((before, "before"), (after, "after"))
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
    sorted_ = order.sort([~pl.col("own"), pl.col("credit_code")])
    return Effect(year, known.rules.address, sorted_, known.run, known.final)


def _standing(result: YearResult, side: str) -> pl.DataFrame:
    kept = ("name", "score", "rank", "tier")
    rows = result.rating.ratings.select("credit_code", *kept)
    return rows.rename({c: f"{c}_{side}" for c in kept})
