"""Whether an enterprise meets the standard by which it is struck off the list."""

from __future__ import annotations

import polars as pl

from mujun.errors import RuleError, problem
from mujun.rating.result import Rating
from mujun.rating.values import values_of
from mujun.rectification.listing import evaluated
from mujun.rules.rectification_plan import compile_rectification
from mujun.rules.ruleset import RuleSet
from mujun.rules.showing_policies import policy_words


def exits(
    ruleset: RuleSet, frame: pl.DataFrame, rating: Rating | None = None, previous: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The exit rule tested on every enterprise of a frame.

    Args:
        ruleset: a rule set whose rectification.yaml has `exit:`.
        frame: newer data, one row per enterprise.
        rating: its rating.
        previous: the frame of the year before it, for statistics with `year: previous`.

    Returns:
        `credit_code, met, with_margin` (missing where it cannot be told for want of a field): whether `when` holds, and
        whether `margin` holds too (the same where the rules have none); and the values they rest on: `credit_code,
        field, label, value, unit`.

    Raises:
        RuleError: the file has no exit rule.
    """
    plan = compile_rectification(ruleset)
    if plan.exit is None:
        raise RuleError(problem("exit_none", address=ruleset.address))
    stood = evaluated(plan, frame, rating, previous).with_columns(plan.exit.value.expr.alias("met"))
    if plan.file.subject == "parcel":
        # Parcels that share a firm stand together: each is told under its own number.
        stood = stood.with_columns(pl.col("parcels").alias("credit_code")).explode("credit_code")
    over = pl.col("met") if plan.margin is None else pl.col("met") & plan.margin.value.expr
    names = plan.exit.names if plan.margin is None else plan.exit.names | plan.margin.names
    meanings = policy_words(ruleset, plan.file, plan.scope).meanings(names)
    return (
        stood.select("credit_code", "met", over.alias("with_margin")).sort("credit_code"),
        values_of(stood, meanings).sort("credit_code", "field"),
    )
