"""An item's points as a sum that a reader can check: the figures as printed, and the words around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.messages import text


@dataclass(frozen=True)
class Figures:
    """What an item's points come from, as a document prints it.

    Attributes:
        weight: the weight in words, with how others' weight came to it.
        scale: the weight as a number.
        value, benchmark: printed with as many decimals as the sum needs, `—` where there is none.
        parameters: what `ScoringMethod.parameters` gives.
        words: the method in words.
        shown: how a value is printed.
        number: how any other number is printed.
    """

    weight: str
    scale: Decimal
    value: str
    benchmark: str
    parameters: Mapping[str, float]
    words: str
    shown: Callable[[float], str]
    number: Callable[[object], str]


@dataclass(frozen=True)
class Working:
    """A sum in words, and what a calculator makes of its printed figures; `None` where it is no plain sum."""

    words: str
    result: Decimal | None


def told(figures: Figures) -> Working:
    """The method in words beside what it was given, where that is no plain sum."""
    given = [f"{text('explain_value')} {figures.value}"]
    given += [f"{text('explain_base')} {figures.benchmark}"] if figures.benchmark != "—" else []
    return Working(text("explain_formula", words=figures.words, given=given), None)


def times(scale: Decimal, *terms: str) -> Decimal | None:
    """A product and quotient of printed figures; `None` where one of them is missing or divides by zero."""
    result, divides = scale, False
    for term in terms:
        if term == "÷":
            divides = True
            continue
        if term == "—" or (divides and Decimal(term) == 0):
            return None
        result = result / Decimal(term) if divides else result * Decimal(term)
        divides = False
    return result
