"""What a store would have refused before a year is computed: rules for other years, figures that cannot be or are gone.

On one PC a year's figures come through reading, and a rating through a gate. A frame comes from anywhere, so that here
the rest is asked of each county's year.
"""

from __future__ import annotations

import polars as pl

from mujun.errors import RatingError, problem
from mujun.fields import FRAME_FIELDS, LAGS, TABLES, label_of
from mujun.messages import Firm
from mujun.rating.policy_frame import GIVEN
from mujun.rules.ruleset import RuleSet

STANDING = tuple(name for name in GIVEN if name != "treatment")
"""What rules that rate nobody themselves may go by of a rating that was made elsewhere."""

_OF_LAND = frozenset({"land_mu", "floor_area_m2", "plot_ratio"})
"""Figures that follow from leases: below zero for single firms that let out more than they are on record with."""


def check_figures(frame: pl.DataFrame) -> None:
    """See that no figure is below zero that cannot be: none of those that reading keeps out of a store.

    Land that follows from leases is rated locally where a firm lets out more than it has; for more than half of a
    county it is a mistake here.

    Raises:
        RatingError: there are such figures; a sentence for each column, with one of the firms.
    """
    wrong = []
    for name, dtype in frame.schema.items():
        field = FRAME_FIELDS.get(name)
        if field is None or field.kind != "quantity" or field.negative or not dtype.is_numeric():
            continue
        count = int((frame[name] < 0).sum())
        if count and (_without_lag(name) not in _OF_LAND or count * 2 > frame[name].count()):
            row = frame.filter(pl.col(name) < 0).select("credit_code", name).sort("credit_code").row(0)
            values = {"label": label_of(name), "field": name, "code": Firm(row[0] or "—"), "value": row[1]}
            wrong.append(problem("spark_below_zero", count=count, **values))
    if wrong:
        raise RatingError(wrong)


def check_usage(usage: pl.DataFrame) -> None:
    """See that readings are above zero and of something that is metered, as reading asks of them.

    Raises:
        RatingError: some are not; a sentence for either, with one of the firms.
    """
    metered = TABLES["usage"].by_name["utility"].choices
    below = usage.filter(pl.col("quantity") < 0)
    unknown = usage.filter(~pl.col("utility").is_in(metered, nulls_equal=True))
    wrong = []
    if below.height:
        row = below.sort("credit_code", "utility", "from").row(0, named=True)
        told = {"code": Firm(row["credit_code"] or "—"), "utility": row["utility"] or "—", "value": row["quantity"]}
        wrong.append(problem("spark_reading_below_zero", count=below.height, **told))
    if unknown.height:
        seen = unknown["utility"].fill_null("—").unique().sort().to_list()
        wrong.append(problem("spark_reading_of_what", count=unknown.height, seen=seen, known=list(metered)))
    if wrong:
        raise RatingError(wrong)


def _without_lag(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in LAGS if name.endswith(suffix)), name)


def check_standing(ruleset: RuleSet, names: tuple[str, ...], frame: pl.DataFrame) -> None:
    """See that somebody has what rules that rate nobody go by.

    Raises:
        RatingError: nobody has a tier or the like.
    """
    if names and all(frame[name].null_count() == frame.height for name in names):
        raise RatingError(problem("spark_nobody_graded", rules=ruleset.address, names=list(names)))
