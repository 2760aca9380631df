"""`rate`: a frame and a rule set in, a rating out. No files, no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from mujun.errors import Place, RuleError, problem
from mujun.fields import FRAME_FIELDS, LAGS
from mujun.rating.evaluation import Evaluated, PreviousYear, evaluate
from mujun.rating.frames import prepared
from mujun.rating.grading import graded
from mujun.rating.pooling import USUAL_POOL, pooled, subjects_of
from mujun.rating.result import BOTH, OTHER, Rating
from mujun.rating.statistics import KnownStatistics, StatisticTable
from mujun.rules.expressions import Meaning
from mujun.rules.last_year import LAST_YEAR
from mujun.rules.model.rating import AREAS, FIRMS, Counting
from mujun.rules.names import FieldPlan
from mujun.rules.rating_plan import (
    FIRMS_MEANING,
    RatingPlan,
    columns_read,
    compile_rating,
    names_of_last_year,
)
from mujun.rules.ruleset import RuleSet


def rate(frame: pl.DataFrame, ruleset: RuleSet, previous: pl.DataFrame | None = None) -> Rating:
    """Rate every enterprise of a frame by a rule set.

    Args:
        frame: one row per enterprise, columns as in `mujun.fields.FRAME_FIELDS`; columns that are not there count as
            missing. Quantities are best `Decimal(18, 6)`; whole numbers and floats are taken as such.
        ruleset: what `load_rules` gives.
        previous: last year's frame, for statistics with `year: previous`.

    Returns:
        The rating, with every intermediate column. Row order, threads and chunks of the frame do not change it.

    Raises:
        RuleError: the rule set has no rating, is only a base, or does not fit together.
        RatingError: the data cannot be rated by these rules: a benchmark is missing, a subject is in no cohort.
    """
    plan = compile_rating(ruleset)
    if plan.rating.status == "abstract":
        raise RuleError(problem("rules_abstract", address=ruleset.address))
    counting = plan.rating.population.counting
    if counting is None:
        return _rated(plan, frame, previous, None)
    # The other result is the whole rating once more with the other way counting: nobody stands in one ranking twice.
    counted = _rated(plan, frame, previous, counting)
    return _beside(counted, _rated(plan, frame, previous, "merged" if counting == "alone" else "alone"))


def _rated(plan: RatingPlan, frame: pl.DataFrame, previous: pl.DataFrame | None, counting: Counting | None) -> Rating:
    """The rating in which the firms that `both` names count as `counting` says."""
    enterprises, subjects, statistics = _evaluated(plan, frame, previous, counting)
    result, cells = graded(plan, subjects)
    year, computed = result["year"][0] if result.height else None, tuple(subjects.frame.columns)
    if not merges(plan, counting):
        result = result.with_columns(pl.col("credit_code").alias("subject"))
        unplaced = subjects.unplaced
        return Rating(plan, year, result, result, statistics, cells, counting, unplaced=unplaced, computed=computed)
    of_members = _for_members(enterprises, result)
    return Rating(plan, year, of_members, result, statistics, cells, counting, computed=computed)


def merges(plan: RatingPlan, counting: Counting | None) -> bool:
    """Whether several firms may be one subject."""
    return plan.rating.population.subject in ("group", "parcel") or counting == "merged"


def _beside(rating: Rating, other: Rating) -> Rating:
    """A rating with the other result of the firms that are rated both ways in columns of their own."""
    there = other.enterprises
    if other.merged:
        members = other.subjects.select("subject", "members")
        there = there.join(members, on="subject", how="left", maintain_order="left")
    else:
        there = there.with_columns(pl.concat_list("credit_code").alias("members"))
    shown = there.select(
        "credit_code", *(pl.col(name).alias(f"other_{name}") for name in OTHER), pl.lit(other.counting).alias("_way")
    )
    joined = rating.enterprises.join(shown, on="credit_code", how="left", maintain_order="left")
    both = pl.col(BOTH).fill_null(value=False)
    told = joined.with_columns(
        pl.when(both).then(pl.lit(rating.counting)).alias("counted_as"),
        pl.when(both).then("_way").alias("other_as"),
        *(pl.when(both).then(f"other_{name}").alias(f"other_{name}") for name in OTHER),
    ).drop("_way")
    return replace(rating, enterprises=told, other=other)


# ------------------------------------------------------------------------------------------------- fields to indicators


def _evaluated(
    plan: RatingPlan, frame: pl.DataFrame, previous: pl.DataFrame | None, counting: Counting | None
) -> tuple[pl.DataFrame, Evaluated, Mapping[str, StatisticTable]]:
    """Enterprises and subjects with every name computed, and the statistics."""
    ready = made_ready(plan, frame, counting)
    specials = plan.rating.population.special
    cohorts = tuple(c.id for c in plan.rating.cohorts)
    ask = last_year_of(plan, previous, counting)
    if plan.rating.population.area is not None:
        together, brought = gathered(plan, ready)
        done = evaluate(plan.names, together, specials, cohorts, skip=brought, previous=ask)
        done = replace(done, unplaced=_unplaced(plan, ready))
        return done.frame, done, done.statistics
    if not merges(plan, counting):
        done = evaluate(plan.names, ready, specials, cohorts, previous=ask)
        done = replace(done, frame=_marked(plan, done.frame))
        return done.frame, done, done.statistics
    own_fields, subject, together, brought = put_together(plan, ready, counting)
    done = evaluate(plan.names, together, specials, cohorts, skip=brought, previous=ask)
    carried = own_fields.with_columns(subject).join(
        done.frame.select("subject", "treatment", "cohort", "_cohort", "_special"),
        on="subject",
        how="left",
        maintain_order="left",
    )
    evaluated = evaluate(
        plan.names,
        carried,
        specials,
        cohorts,
        skip=brought | {"treatment", "cohort"},
        given=KnownStatistics(done.statistics),
    )
    return evaluated.frame, done, done.statistics


def made_ready(plan: RatingPlan, frame: pl.DataFrame, counting: Counting | None) -> pl.DataFrame:
    """The columns of a frame that the rules read, typed, a row per enterprise."""
    inputs = [p.meaning for p in _fields(plan) if p.compiled is None]
    needed = set(columns_read(plan))
    area = plan.rating.population.area
    if area is not None:
        needed |= {AREAS[area], "land_mu", *(("floor_area_m2",) if "plot_ratio" in needed else ())}
        inputs += [FIRMS_MEANING] if FIRMS in frame.columns else []
        if "credit_code" not in frame.columns and AREAS[area] in frame.columns:
            # A frame of areas with figures from elsewhere: who each is stands in the area's own column.
            frame = frame.with_columns(pl.col(AREAS[area]).alias("credit_code"))
    if merges(plan, counting):
        needed |= {"land_mu", "group_code", "parcels"} | (set(frame.columns) & set(FRAME_FIELDS))
    return prepared(frame, sorted(needed), inputs)


def gathered(plan: RatingPlan, ready: pl.DataFrame) -> tuple[pl.DataFrame, frozenset[str]]:
    """The areas that are rated by the sums of their firms, a row per area, and the rules' fields that they bring.

    A firm that belongs to no area, or that `members` leaves out, counts in none.
    """
    area = plan.rating.population.area
    assert area is not None
    key = AREAS[area]
    firms = _own_fields(plan, _fields(plan), ready)
    if plan.members is not None:
        firms = firms.filter(plan.members.value.expr.fill_null(value=False))
    firms = firms.filter(pl.col(key).is_not_null())
    ways = _ways_of_pooling(plan)
    if FIRMS in firms.columns:
        ways |= {FIRMS: ("sum", FIRMS_MEANING)}
    together = pooled(firms, firms[key], ways)
    if FIRMS not in firms.columns:
        together = together.with_columns(pl.col("members").list.len().cast(FIRMS_MEANING.dtype).alias(FIRMS))
    named = together.with_columns(pl.col("credit_code").alias("name")).drop("members", "subject")
    return named, frozenset(ways)


def _unplaced(plan: RatingPlan, ready: pl.DataFrame) -> int:
    """How many firms belong to no area."""
    area = plan.rating.population.area
    assert area is not None
    placed = _own_fields(plan, _fields(plan), ready)[AREAS[area]]
    return placed.null_count()


def put_together(
    plan: RatingPlan, ready: pl.DataFrame, counting: Counting | None
) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame, frozenset[str]]:
    """Enterprises pooled into subjects: their own fields, the subject of each, the subjects, and what these bring."""
    own_fields = _marked(plan, _own_fields(plan, _fields(plan), ready))
    subject = _subjects(plan, own_fields, counting)
    ways = _ways_of_pooling(plan)
    return own_fields, subject, pooled(own_fields, subject, ways), frozenset(ways)


def put_together_as(plan: RatingPlan, ready: pl.DataFrame, subject: pl.Series) -> pl.DataFrame:
    """Enterprises pooled into the subjects that each is said to belong to, sorted by subject."""
    return pooled(_marked(plan, _own_fields(plan, _fields(plan), ready)), subject, _ways_of_pooling(plan))


def _ways_of_pooling(plan: RatingPlan) -> dict[str, tuple[str, Meaning]]:
    return {p.name: (p.pool or USUAL_POOL[p.meaning.kind], p.meaning) for p in _fields(plan) if not p.again}


def last_year_of(plan: RatingPlan, previous: pl.DataFrame | None, counting: Counting | None) -> PreviousYear | None:
    """Last year's statistics, computed when they are first asked for; `None` where there is no last year's frame."""
    if previous is None:
        return None
    cache: list[Mapping[str, StatisticTable]] = []

    def last_year() -> Mapping[str, StatisticTable]:
        if not cache:
            cache.append(_previous_statistics(plan, previous, counting))
        return cache[0]

    return last_year


def _fields(plan: RatingPlan) -> list[FieldPlan]:
    return [p for p in plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan)]


def _own_fields(plan: RatingPlan, fields: list[FieldPlan], ready: pl.DataFrame) -> pl.DataFrame:
    """The enterprises with the rules' fields that are pooled as they are, computed firm by firm."""
    frame = ready
    for field in fields:
        if field.again or field.compiled is None:
            continue
        strange = field.compiled.names - set(frame.columns)
        if strange:
            raise RuleError(
                problem("field_pools_again", _stands(plan, field.name), name=field.name, needs=sorted(strange))
            )
        frame = frame.with_columns(field.compiled.value.expr.cast(field.meaning.dtype).alias(field.name))
    return frame


def _stands(plan: RatingPlan, name: str) -> Place:
    """Where a field is declared; an earlier year's where its field is."""
    lagged = next((name.removesuffix(s) for s in LAGS if name.endswith(s) and name not in plan.rating.fields), name)
    return plan.rating.fields[lagged].stands


def _marked(plan: RatingPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """`_both`: whether a firm is rated both ways."""
    return frame if plan.both is None else frame.with_columns(plan.both.value.expr.alias(BOTH))


def _subjects(plan: RatingPlan, firms: pl.DataFrame, counting: Counting | None) -> pl.Series:
    """The subject of each firm, where some are merged."""
    population = plan.rating.population
    apart = _apart(plan, firms)
    if counting is None:
        return subjects_of(firms, population.merges_by, apart)
    both = firms[BOTH].fill_null(value=False)
    if counting == "alone":
        return subjects_of(firms, population.merges_by, both if apart is None else apart.fill_null(value=False) | both)
    together = subjects_of(firms, population.merges_by, apart)
    if population.subject != "enterprise":
        return together
    # Of firms that count for themselves only those that are rated both ways merge, with whom they share.
    touched = together.is_in(together.filter(both).implode())
    return pl.select(pl.when(touched).then(together).otherwise(firms["credit_code"]).alias("subject"))["subject"]


def _apart(plan: RatingPlan, frame: pl.DataFrame) -> pl.Series | None:
    condition = plan.apart
    return None if condition is None else frame.select(condition.value.expr.alias("apart"))["apart"]


def _previous_statistics(
    plan: RatingPlan, previous: pl.DataFrame, counting: Counting | None
) -> Mapping[str, StatisticTable]:
    """Last year's statistics: the same fields, population, cohorts and indicators on last year's frame."""
    _, _, statistics = _evaluated_last_year(plan, previous, counting)
    return {n.removesuffix(LAST_YEAR): t for n, t in statistics.items() if n.endswith(LAST_YEAR)}


def _evaluated_last_year(
    plan: RatingPlan, previous: pl.DataFrame, counting: Counting | None
) -> tuple[pl.DataFrame, Evaluated, Mapping[str, StatisticTable]]:
    return _evaluated(replace(plan, names=names_of_last_year(plan)), previous, None, counting)


def enterprises_last_year(rating: Rating, previous: pl.DataFrame) -> pl.DataFrame:
    """Last year's enterprises with every field, indicator and statistic of a rating's rules, treatment and cohort.

    What looks back itself is missing, and nobody has points, a rank or a tier.
    """
    return _evaluated_last_year(rating.plan, previous, rating.counting)[0]


def _for_members(enterprises: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """Each enterprise with its own fields and indicators, and everything else of its subject."""
    kept = set(enterprises.columns)
    shared = [c for c in subjects.columns if c not in kept and c != "members"]
    return enterprises.join(subjects.select("subject", *shared), on="subject", how="left", maintain_order="left")
