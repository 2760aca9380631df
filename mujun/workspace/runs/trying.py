"""Rules tried by hand: the numbers of a rule set changed, and the year rated anew from the frame at once.

What `runs.whatif` tells whole, this tells fast: the baseline's frame is at hand, nothing is read from the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal

import polars as pl

from mujun.analysis.comparison import Comparison
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS
from mujun.notebooks import InNotebooks
from mujun.rating import rate
from mujun.rules.variants import setting_of, variant
from mujun.store import Store
from mujun.workspace.computing import YearResult, rated_from
from mujun.workspace.county_file import CountyFile
from mujun.workspace.frames_at import OF_USAGE, usage_at
from mujun.workspace.runs.past import recalled
from mujun.workspace.runs.scenarios import compare_results


@dataclass(frozen=True)
class Ready(InNotebooks):
    """A past run at hand for trying.

    Attributes:
        result: the run, rated again from what it kept.
        usage: the bills that its amounts rest on; `None` where its rules have none.
    """

    result: YearResult = field(repr=False)
    usage: pl.DataFrame | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Standing(InNotebooks):
    """Where a firm stands: its score, its rank among so many, and its tier; missing where it has none."""

    score: Decimal | None
    rank: int | None
    size: int | None
    tier: str | None


@dataclass(frozen=True)
class FirmTried(InNotebooks):
    """A firm with other figures: where it stands, where it would stand, and how many other firms would change tier."""

    before: Standing
    after: Standing
    others: int


def ready_to_try(county: CountyFile, run: int | None = None) -> Ready:
    """A past run at hand for trying.

    Args:
        county: the county.
        run: which run; the newest where none is named.

    Raises:
        UsageError: there is no such run.
    """
    result = recalled(county, run)
    if result.ruleset.allocation is None:
        return Ready(result)
    with Store.open(county.path) as store:
        usage = usage_at(store.tables(OF_USAGE, as_of_batch=result.batch or None), result.year)
    return Ready(result, usage)


def tried(ready: Ready, settings: Mapping[str, str], *, label: str = "") -> Comparison:
    """The year by changed rules, beside the year as it is: tiers, list and amounts.

    Args:
        ready: what `ready_to_try` gave.
        settings: the changed values by their paths, as `whatif --set` takes them.
        label: what the changed rules are called.

    Raises:
        UsageError: nothing is changed, or a path leads nowhere.
        RuleError, RatingError: the changed rules do not fit together, or cannot rate the year.
    """
    if not settings:
        raise UsageError(problem("whatif_nothing"))
    before = ready.result
    rules = variant(before.ruleset, "tried", [setting_of(f"{path}={value}") for path, value in settings.items()])
    after = rated_from(rules, before.year, before.frame, before.previous, usage=ready.usage)
    return compare_results(before, after, label)


def firm_tried(ready: Ready, credit_code: str, values: Mapping[str, Decimal]) -> FirmTried:
    """Where a firm would stand with other figures; peers' benchmarks move with them, as the rules say.

    Args:
        ready: what `ready_to_try` gave.
        credit_code: the firm.
        values: its figures of the year by field, in the field's own unit.

    Raises:
        UsageError: the firm is not in the year, or a field is no figure of the frame.
    """
    result = ready.result
    frame = result.frame
    if not (frame["credit_code"] == credit_code).any():
        raise UsageError(problem("explain_not_there", code=credit_code, year=result.year))
    for name in values:
        if name not in frame.columns or name not in FRAME_FIELDS or not frame.schema[name].is_numeric():
            raise UsageError(problem("tried_no_figure", field=name))
    mine = pl.col("credit_code") == credit_code
    changed = frame.with_columns(
        pl.when(mine).then(pl.lit(value).cast(frame.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )
    after = rate(changed, result.ruleset, result.previous).enterprises.sort("credit_code")
    before = result.rating.enterprises.sort("credit_code")
    both = before.select("credit_code", "tier").join(
        after.select("credit_code", pl.col("tier").alias("then")), on="credit_code", how="left"
    )
    others = both.filter(~mine, pl.col("tier").ne_missing(pl.col("then"))).height
    return FirmTried(_standing(before, credit_code), _standing(after, credit_code), others)


def _standing(rated: pl.DataFrame, code: str) -> Standing:
    row = rated.filter(pl.col("credit_code") == code).select("score", "rank", "size", "tier").row(0)
    return Standing(*row)
