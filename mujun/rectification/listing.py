"""`list_enterprises`: a frame, its rating and rectification.yaml in, the list out. No files, no store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from mujun.fields import FRAME_FIELDS
from mujun.numbers import at12, half_up
from mujun.rating.evaluation import evaluate
from mujun.rating.policy_frame import counted_among, data_year, last_year, last_year_as_stood, standing
from mujun.rating.result import Rating
from mujun.rectification.parcels import on_parcels
from mujun.rectification.result import AMOUNT, Listing, of_path
from mujun.rules.expressions import Compiled, as_number
from mujun.rules.expressions.kinds import meaning_of_field
from mujun.rules.rectification_plan import ENERGY_YEARS, PATH, RectificationPlan, compile_rectification
from mujun.rules.ruleset import RuleSet


def list_enterprises(
    ruleset: RuleSet,
    frame: pl.DataFrame,
    rating: Rating | None = None,
    *,
    listed_on: date | None = None,
    previous: pl.DataFrame | None = None,
) -> Listing:
    """List the enterprises that a rule set's rectification.yaml wants dealt with.

    Args:
        ruleset: what `load_rules` gives, with rectification.yaml.
        frame: one row per enterprise, columns as in `mujun.fields.FRAME_FIELDS`.
        rating: the frame's rating; without one the frame itself gives `tier` and the like.
        listed_on: the day from which deadlines count; by default the day after the data year.
        previous: last year's frame, for statistics with `year: previous`; it may give last year's `tier`.

    Returns:
        The listing: the list itself, what triggered each reason, who was exempt and why, and every condition.

    Raises:
        RuleError: the set has no rectification.yaml, or it does not fit together.
        RatingError: the frame has columns of the wrong type, or more than one data year.
    """
    plan = compile_rectification(ruleset)
    stood = evaluated(plan, frame, rating, previous)
    year = data_year(stood, rating)
    if listed_on is None and year is not None:
        listed_on = date(year + 1, 1, 1)
    # One plan: an effect that is asked for several times within its own expression is computed once in it.
    marked = stood.lazy().with_columns(_conditions(plan)).with_columns(_kept(plan)).with_columns(_exempted_by(plan))
    if plan.by_path:
        marked = marked.with_columns(of_path(plan, "path", pl.String()).alias(PATH))
    marked = marked.with_columns(
        pl.any_horizontal([pl.col(f"kept:{r.id}") for r, _ in plan.listing]).alias("listed"),
        *_effects(plan),
    )
    rows = marked.collect(engine="in-memory")
    return Listing(plan, rating, year, listed_on, rows, counted_among(plan.policy, stood))


EFFECT_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(), "path": pl.String(), "expected_land_mu": AMOUNT, "expected_energy_tce": AMOUNT,
}  # fmt: skip
"""What a firm is expected to free on each path that may be decided."""


def effects_by_path(listing: Listing, paths: Iterable[str]) -> pl.DataFrame:
    """What each firm of a listing's frame would free on each of some paths; columns as in `EFFECT_SCHEMA`.

    Empty where the rules do not make it depend on the path.
    """
    plan = listing.plan
    if not plan.by_path:
        return pl.DataFrame(schema=EFFECT_SCHEMA)
    rows = listing.frame
    effects = [
        rows.with_columns(pl.lit(p).alias(PATH)).with_columns(*_effects(plan)).select(*EFFECT_SCHEMA) for p in paths
    ]
    return pl.concat(effects).sort("credit_code", maintain_order=True)


def evaluated(
    plan: RectificationPlan, frame: pl.DataFrame, rating: Rating | None, previous: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Every enterprise with its standing and the file's own names computed.

    Raises:
        RatingError: a statistic looks back at last year, and there is no last year's frame.
    """
    reads = plan.reads()
    for name in ("land_mu", *ENERGY_YEARS):
        reads[name] = plan.scope.meanings[name]
    by_parcel = plan.file.subject == "parcel"
    if by_parcel:
        reads |= {"parcels": meaning_of_field(FRAME_FIELDS["parcels"])}
    stood = standing(frame, rating, reads, plan.policy.inputs)
    if by_parcel:
        before = None if previous is None else on_parcels(plan, standing(previous, None, reads, plan.policy.inputs))
        own_names = on_parcels(plan, stood)
        return evaluate(plan.policy.names, own_names, previous=last_year_as_stood(plan.policy, before)).frame
    this_year = rating if plan.ruleset.rating is not None else None
    return evaluate(plan.policy.names, stood, previous=last_year(plan.policy, previous, this_year, reads)).frame


def _conditions(plan: RectificationPlan) -> list[pl.Expr]:
    """Each condition as it came out, missing where it could not be told."""
    conditions = [_holds(plan.limits).alias("scope:")] if plan.limits else [pl.lit(value=True).alias("scope:")]
    conditions += [_holds(when).alias(f"listing:{reason.id}") for reason, when in plan.listing]
    conditions += [_holds(when).alias(f"exempt:{exempt.id}") for exempt, when in plan.exempt]
    conditions += [_holds(when).alias(f"path:{path.id}") for path, when in plan.paths]
    return conditions


def _holds(when: Compiled | None) -> pl.Expr:
    return pl.lit(value=False) if when is None else when.value.expr


def _kept(plan: RectificationPlan) -> list[pl.Expr]:
    """Per reason: whether it was met inside the scope (`met:`), and whether no exemption took it away (`kept:`)."""
    inside = pl.col("scope:").fill_null(value=False)
    columns: list[pl.Expr] = []
    for reason, _ in plan.listing:
        met = inside & pl.col(f"listing:{reason.id}").fill_null(value=False)
        free = [
            ~pl.col(f"exempt:{e.id}").fill_null(value=False) for e, _ in plan.exempt if not e.of or reason.id in e.of
        ]
        columns += [met.alias(f"met:{reason.id}"), pl.all_horizontal(met, *free).alias(f"kept:{reason.id}")]
    return columns


def _exempted_by(plan: RectificationPlan) -> list[pl.Expr]:
    """Per reason that an exemption took away: the number of the first one that did."""
    columns: list[pl.Expr] = []
    for reason, _ in plan.listing:
        taken = [
            pl.when(pl.col(f"exempt:{e.id}")).then(pl.lit(number, dtype=pl.Int32))
            for number, (e, _) in enumerate(plan.exempt)
            if not e.of or reason.id in e.of
        ]
        first = pl.coalesce(taken) if taken else pl.lit(None, dtype=pl.Int32)
        columns.append(pl.when(pl.col(f"met:{reason.id}")).then(first).alias(f"exempted:{reason.id}"))
    return columns


def _effects(plan: RectificationPlan) -> list[pl.Expr]:
    land = _amount(plan.effects["land_mu"]) if "land_mu" in plan.effects else pl.col("land_mu").cast(AMOUNT)
    energy = _amount(plan.effects["energy_tce"]) if "energy_tce" in plan.effects else _mean_energy()
    return [land.alias("expected_land_mu"), energy.alias("expected_energy_tce")]


def _amount(compiled: Compiled) -> pl.Expr:
    """An expected effect, 四舍五入 at the sixth decimal like every quantity."""
    value = compiled.value
    if value.kind == "exact":
        wide = value.expr.cast(pl.Decimal(38, max(value.scale, 6)))
    else:
        taken = at12(as_number(value))
        wide = pl.when(taken.abs() < 1e15).then(taken).cast(pl.Decimal(38, 12))
    return half_up(wide, 6).cast(AMOUNT)


def _mean_energy() -> pl.Expr:
    """The exact mean of the years that were reported."""
    columns = [pl.col(n) for n in ENERGY_YEARS]
    total = pl.sum_horizontal([c.fill_null(0).cast(pl.Decimal(38, 12)) for c in columns]).cast(pl.Decimal(38, 12))
    count = pl.sum_horizontal([c.is_not_null().cast(pl.Int32) for c in columns])
    # Division by 2 is exact at 12 decimals; a third is not, but its twelfth decimal never decides the sixth.
    third = total / pl.lit(3, dtype=pl.Decimal(38, 12))
    mean = (
        pl.when(count == 1)
        .then(total)
        .when(count == 2)
        .then(total / pl.lit(2, dtype=pl.Decimal(38, 12)))
        .when(count == 3)
        .then(third)
    )
    return half_up(mean.cast(pl.Decimal(38, 12)), 6).cast(AMOUNT)
