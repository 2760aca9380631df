"""The columns that a rating adds to a frame, stage by stage: what each is called, what type it has, what it tells.

They are the explanation of a result and stay with it. A name with `{}` stands for a family of columns, one per
indicator, rule or cohort. Whoever reads or writes one of these columns takes its name from here.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.rules.rating_plan import SCORED as SCORED_AS

Stage = Literal["names", "scoring", "score", "ranking", "tiers"]


@dataclass(frozen=True)
class StageColumn:
    """A column of a stage, or a family of them."""

    stage: Stage
    name: str
    dtype: pl.DataType
    tells: str

    def of(self, identity: str | int) -> str:
        """The column of one indicator, rule or cohort."""
        return self.name.replace("{}", str(identity))

    @property
    def col(self) -> pl.Expr:
        """The column in an expression."""
        return pl.col(self.name)

    def identity(self, column: str) -> str | None:
        """Whose column this is; `None` where it is none of the family. The empty text for a column by itself."""
        before, family, after = self.name.partition("{}")
        if not family:
            return "" if column == self.name else None
        inside = len(column) > len(before) + len(after) and column.startswith(before) and column.endswith(after)
        return column[len(before) : len(column) - len(after)] if inside else None


_BOOLEAN, _TEXT, _FLOAT, _INT64, _INT32, _INT8 = (
    pl.Boolean(), pl.String(), pl.Float64(), pl.Int64(), pl.Int32(), pl.Int8(),
)  # fmt: skip
_TEXTS, _CODE = pl.List(pl.String()), pl.UInt32()
DECIMAL = pl.Decimal(18, 4)
"""Points and scores; the scale is the rule set's."""

NOTES = ("floored", "capped", "missing", "zero_denominator", "negative")
"""What is noted of points; beside them `fallback:<indicator>` for each indicator that stands in for another."""

# ------------------------------------------------------------------------------------------------------------ names

SCOPE = StageColumn("names", "scope:0", _BOOLEAN, "whether the scope holds; missing where it cannot be told")
SPECIAL_MET = StageColumn("names", "special:{}", _BOOLEAN, "whether the special case of this number holds")
SPECIAL = StageColumn("names", "_special", _INT32, "the first special case that holds, by number")
TREATMENT = StageColumn("names", "treatment", _TEXT, "rated, out, or what a special case says")
COHORT_MET = StageColumn("names", "cohort:{}", _BOOLEAN, "whether the condition of the cohort of this number holds")
COHORT_CODE = StageColumn("names", "_cohort", _INT32, "the first cohort whose condition holds, by number")
COHORT = StageColumn("names", "cohort", _TEXT, "the same by its id")
UNDIVIDED = StageColumn("names", "{}:undivided", _BOOLEAN, "whether a denominator is there and not above zero")
GIVEN = StageColumn("names", "given:{}", _FLOAT, "an indicator's value in place of what its sides come to")

# ---------------------------------------------------------------------------------------------------------- scoring

SCORED = StageColumn("scoring", "_scored", _CODE, "the cohort by number, of who gets points")
ACTS = StageColumn("scoring", "{}:acts", _INT8, "0 the method, 1 missing, 2 zero denominator, 3 negative")
VALUE = StageColumn("scoring", "{}:value", _FLOAT, "the value that is scored, where it may be another than its own")
FALLBACK = StageColumn("scoring", "{}:fallback", _INT8, "which fallback gave the value, from 1; 0 for none")
OF = StageColumn("scoring", "{}:of", _FLOAT, "the benchmark, where a formula reads it")
WEIGHT = StageColumn("scoring", "{}:weight", _FLOAT, "the weight after reweighting, where a formula reads it")
LEFT = StageColumn("scoring", "_left", _INT64, "what reweighting leaves of the cohort's weights, in units")
UNIT = StageColumn("scoring", "_unit", _INT32, "how many of those units are one point")
POINTS = StageColumn("scoring", "{}_points", DECIMAL, "the points of an indicator")
BENCHMARK = StageColumn("scoring", "{}_benchmark", _FLOAT, "what its value was held against")
NOTE = StageColumn(
    "scoring", "{}_note", pl.Enum(NOTES), "what acted instead of the plain method: floored, capped, missing, …"
)

# ------------------------------------------------------------------------------------------------------------ score

ADJUSTMENT_MET = StageColumn("score", "adj:{}", _BOOLEAN, "whether an adjustment's condition holds")
ADJUSTMENT = StageColumn("score", "adj_{}", DECIMAL, "what it gives before its family's limit")
FAMILY = StageColumn("score", "family:{}", DECIMAL, "what a family of adjustments gives")
UNADJUSTED = StageColumn("score", "score:points", DECIMAL, "the sum of the points before adjustments")
SCORE_CODE = StageColumn("score", "_score", _INT64, "the score as a whole number of its last decimal")
SCORE = StageColumn("score", "score", DECIMAL, "the score")

# ---------------------------------------------------------------------------------------------------------- ranking

BEFORE_MET = StageColumn("ranking", "before:{}", _BOOLEAN, "whether a rule before the cut holds")
FIXED = StageColumn("ranking", "_fixed", _INT32, "the first such rule that holds for a rated subject, by number")
CELL = StageColumn("ranking", "_cell", _CODE, "the cell in which a subject is ranked, or counts in the base")
HOME = StageColumn("ranking", "_home", _CODE, "the cell in which a visitor is ranked, where `_cell` is its own")
IN_BASE = StageColumn("ranking", "_in_base", _BOOLEAN, "whether a special case puts it into the base of shares")
RANKED = StageColumn("ranking", "_ranked", _BOOLEAN, "whether a subject takes part in the ranking")
ORDER = StageColumn("ranking", "_order", _INT64, "what it is ranked by, as a whole number; smaller is better")
RANK = StageColumn("ranking", "rank", _INT64, "1 and how many of the cell are strictly ahead")
RANK_WORSE = StageColumn("ranking", "_rank_worse", _INT64, "how many are ahead or level, itself among them")
SIZE = StageColumn("ranking", "size", _INT64, "how many are ranked in the cell")

# ------------------------------------------------------------------------------------------------------------ tiers

TIER_CUT_CODE = StageColumn("tiers", "_tier_cut", _INT8, "the tier by the cut or as fixed, by number, 0 the best")
TIER_CUT = StageColumn("tiers", "tier_cut", _TEXT, "the same by its id")
AFTER_MET = StageColumn("tiers", "after:{}", _BOOLEAN, "whether a rule after the cut holds, and no other bars it")
CHANGED = StageColumn("tiers", "changed:{}", _BOOLEAN, "whether it changed the tier")
TIER_CODE = StageColumn("tiers", "_tier", _INT8, "the tier after all rules, by number")
TIER = StageColumn("tiers", "tier", _TEXT, "the tier as published")
MANAGED_AS = StageColumn("tiers", "managed_as", _TEXT, "the tier whose policies apply, where it is another")
REASON = StageColumn("tiers", "reason", _TEXT, "why a subject is treated or tiered otherwise")
RULES_MATCHED = StageColumn("tiers", "rules_matched", _TEXTS, "the rules before and after the cut that met")
RULES_CHANGED = StageColumn("tiers", "rules_changed", _TEXTS, "those of them that gave or changed the tier")

STAGE_COLUMNS: tuple[StageColumn, ...] = tuple(v for v in list(globals().values()) if isinstance(v, StageColumn))
"""All of them, in the order in which a rating adds them."""


IS_SCORED: pl.Expr = pl.any_horizontal([TREATMENT.col == treatment for treatment in SCORED_AS])
"""Whether a subject gets points and a rank, and counts in statistics; of texts it takes half the time of `is_in`."""


def peer_column(asked: str, number: int) -> str:
    """What the scoring method of a formula asks of peers (`ScoringMethod.asks`), as a column.

    Args:
        asked: the name of what is asked.
        number: the formula's number among the rating's.
    """
    return f"_{asked}{number}"


def explained(column: str) -> StageColumn | None:
    """What a column of a rating is; `None` for one of the frame or one that the rules name themselves."""
    whole = next((c for c in STAGE_COLUMNS if c.identity(column) == ""), None)
    return whole or next((c for c in STAGE_COLUMNS if c.identity(column)), None)
