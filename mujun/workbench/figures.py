"""Money as views show it: two decimals with thousands apart, all its digits at hand."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from mujun import messages
from mujun.dataclass import dataclass

MONEY = ("万元", "元", "亿元")
"""Units of money."""


@dataclass(frozen=True)
class Money:
    """An amount.

    >>> str(Money(Decimal("1234567.005"))), Money(Decimal("1234567.005")).whole
    ('1,234,567.01', '1234567.005')
    >>> str(Money(Decimal("-0.001")))
    '0.00'
    """

    value: Decimal

    def __str__(self) -> str:
        return f"{self.value.quantize(Decimal('0.01'), ROUND_HALF_UP) + 0:,.2f}"

    @property
    def whole(self) -> str:
        """All its digits."""
        return messages.show(self.value)


def money(value: object) -> object:
    """An amount as `Money`; what is none, as it is."""
    return Money(value) if isinstance(value, Decimal) else value
