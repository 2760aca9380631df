"""What a rule set asks of a frame: which columns it reads, and how many earlier years it looks back."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import LAGS
from mujun.rules.frame_columns import CARRIED, HISTORY, Step, asked_by
from mujun.rules.ruleset import RuleSet
from mujun.spark.checks import STANDING


@dataclass(frozen=True)
class Needs:
    """What one step of a rule set asks of a frame that has certain columns.

    Attributes:
        columns: the columns of the frame that are brought along.
        lags: earlier years' values that the frame does not have and its earlier years give: by name the column and how
            many years back it stands.
        previous: whether a statistic looks at last year's frame.
        standing: which of the columns tell what rules that rate nobody go by: a tier, a rank.
    """

    columns: tuple[str, ...]
    lags: dict[str, tuple[str, int]]
    previous: bool
    standing: tuple[str, ...] = ()

    @property
    def years_back(self) -> int:
        """How many earlier years' rows a year's result rests on."""
        return max((back for _, back in self.lags.values()), default=0) + (1 if self.previous else 0)


def needs_of(ruleset: RuleSet, step: Step, have: Collection[str]) -> Needs:
    """What a step asks of a frame with the columns `have`.

    Raises:
        RuleError: the rule set does not have that step, or does not fit together.
        UsageError: the rules look at tiers, of the year or of earlier ones, and the frame does not bring them.
    """
    asked = asked_by(ruleset, step)
    if (tiers := sorted(asked.names & set(HISTORY))) and not set(have) & set(HISTORY):
        raise UsageError(problem("spark_needs_tiers", rules=ruleset.address, names=tiers, columns=HISTORY))
    graded = asked.names & set(STANDING) if ruleset.rating is None else frozenset()
    standing = tuple(c for c in have if c in graded)
    if graded and not standing:
        raise UsageError(problem("spark_needs_standing", rules=ruleset.address, names=sorted(graded)))
    lags = _lags(asked.names, have)
    kept = set(have) if asked.everything else asked.names | set(CARRIED) | {column for column, _ in lags.values()}
    return Needs(tuple(c for c in have if c in kept), lags, asked.previous, standing)


def _lags(reads: Iterable[str], have: Collection[str]) -> dict[str, tuple[str, int]]:
    """Which names are an earlier year's value of a column that is there, and are not there themselves."""
    lags: dict[str, tuple[str, int]] = {}
    for name in sorted(set(reads) - set(have)):
        for suffix, back in LAGS.items():
            column = name.removesuffix(suffix)
            if column != name and column in have and column not in ("year", "credit_code", "as_of"):
                lags[name] = (column, back)
    return lags
