"""Conditions that could not be told for want of a field: they count as not met, and this says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from mujun.rating import columns as c
from mujun.rating.result import Rating
from mujun.rules.expressions import Compiled
from mujun.rules.names import CasesPlan

NOTE_SCHEMA: dict[str, pl.DataType] = {"subject": pl.String(), "where": pl.String(), "missing": pl.List(pl.String())}


def notes_of(rating: Rating, subjects: Collection[str] | None = None) -> pl.DataFrame:
    """Where a condition of the rules had no answer: `subject`, `where` (the rule), `missing` (the fields it lacked).

    Args:
        rating: a rating.
        subjects: of these only; of all unless told.
    """
    frame = rating.subjects
    if subjects is not None:
        frame = frame.filter(pl.col("subject").is_in(list(subjects)))
    notes: list[pl.DataFrame] = []
    for where, column, compiled in _conditions(rating):
        if column not in frame.columns or not frame[column].null_count():
            continue
        open_ = frame.filter(
            pl.col(column).is_null()
            & (pl.col("treatment") != "out" if where != "population.scope" else pl.lit(value=True))
        )
        if not open_.height:
            continue
        names = sorted(n for n in compiled.names if n in frame.columns)
        lacking = pl.concat_list([pl.when(pl.col(n).is_null()).then(pl.lit(n)) for n in names]).list.drop_nulls()
        notes.append(open_.select(pl.col("subject"), pl.lit(where).alias("where"), lacking.alias("missing")))
    return pl.concat(notes).sort("subject", "where") if notes else pl.DataFrame(schema=NOTE_SCHEMA)


def _conditions(rating: Rating) -> Iterator[tuple[str, str, Compiled]]:
    plan = rating.plan
    for cases in plan.names.all_of(CasesPlan):
        assert isinstance(cases, CasesPlan)
        if cases.scope is not None:
            yield "population.scope", c.SCOPE.name, cases.scope
        if cases.name == "treatment":
            prefix, met, ids = "special", c.SPECIAL_MET, [s.id for s in plan.rating.population.special]
        else:
            prefix, met, ids = "cohort", c.COHORT_MET, [one.id for one in plan.rating.cohorts]
        for number, (identity, when) in enumerate(zip(ids, cases.whens, strict=True)):
            if when is not None:
                yield f"{prefix}.{identity}", met.of(number), when
    for adjustment in plan.adjustments:
        if adjustment.when is not None:
            yield f"adjustments.{adjustment.source.id}", c.ADJUSTMENT_MET.of(adjustment.source.id), adjustment.when
    for before, when in plan.before:
        if when is not None:
            yield f"before.{before.id}", c.BEFORE_MET.of(before.id), when
    for after, when in plan.after:
        if when is not None:
            yield f"after.{after.id}", c.AFTER_MET.of(after.id), when
