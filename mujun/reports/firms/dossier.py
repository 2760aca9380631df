"""一企一档: all that a county has of a firm over the years, around the explanation of its newest tier.

What stands here is data; `dossier_page` draws it.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal

from mujun.analysis.explanation import Explanation
from mujun.dataclass import dataclass
from mujun.numbers import round_decimal

Figure = Decimal | float | int | None


@dataclass(frozen=True)
class YearLine:
    """A figure or an indicator in each year.

    Attributes:
        label: what it is called.
        unit: its unit.
        values: one for each year of the dossier; what is missing is missing, not zero.
    """

    label: str
    unit: str
    values: tuple[Figure, ...]

    @property
    def change(self) -> Decimal | None:
        """By how many per cent the last year lies above the one before; of what was not above zero there is none.

        >>> YearLine("税收", "万元", (Decimal(100), Decimal(110))).change
        Decimal('10.0')
        """
        if len(self.values) < 2:
            return None
        before, now = (None if v is None else Decimal(str(v)) for v in self.values[-2:])
        if before is None or now is None or before <= 0:
            return None
        return round_decimal((now - before) * 100 / before, 1)


@dataclass(frozen=True)
class TierOfYear:
    """The tier of a year.

    Attributes:
        year: the data year.
        tier: the tier in force; missing where the year has none.
        score: the score that went with it, where it is known.
        rank, size: the place among how many.
        whence: `run` where this very run gave it, `earlier` where an earlier run or a file did, `tried` where it is the
            year by this year's rules only.
    """

    year: int
    tier: str | None
    score: Figure
    rank: int | None
    size: int | None
    whence: str


@dataclass(frozen=True)
class Charged:
    """What a measure came to in a year before: that which was executed."""

    year: int
    measure: str
    amount: Decimal | None


@dataclass(frozen=True)
class LoopStep:
    """A step on the rectification list."""

    on: date | None
    action: str
    state: str
    path: str
    deadline: date | None
    document: str


@dataclass(frozen=True)
class Dossier:
    """A firm's dossier.

    Attributes:
        explanation: the newest result, from record to tier.
        years: the data years with a record of the firm's roll, oldest first; the newest is the result's.
        figures: what departments reported, year by year.
        indicators: the rules' indicators, each year by this year's rules.
        tiers: the tier of each year, newest first.
        charged: what measures came to in the years before.
        steps: what happened on the rectification list, oldest first.
    """

    explanation: Explanation
    years: tuple[int, ...]
    figures: tuple[YearLine, ...] = field(repr=False)
    indicators: tuple[YearLine, ...] = field(repr=False)
    tiers: tuple[TierOfYear, ...] = ()
    charged: tuple[Charged, ...] = ()
    steps: tuple[LoopStep, ...] = ()

    @property
    def state(self) -> str | None:
        """Where the firm stands on the rectification list; `None` where it never was on it."""
        return self.steps[-1].state if self.steps else None
