"""Whole units shared out in proportion, so that the parts add up to the whole exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def by_weight(whole: int, weights: Sequence[int | Fraction]) -> list[int]:
    """A whole number of units in parts proportional to weights; what is left over goes to the largest remainders.

    Of equal remainders the earlier comes first. Without any weight above zero the parts are equal.

    >>> by_weight(100, [1, 1, 1])
    [34, 33, 33]
    >>> by_weight(7, [0, 0])
    [4, 3]
    """
    total = sum(weights, Fraction(0))
    if total <= 0:
        weights, total = [1] * len(weights), Fraction(len(weights))
    exact = [Fraction(whole) * w / total for w in weights]
    parts = [e.numerator // e.denominator for e in exact]
    over = whole - sum(parts)
    largest = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in largest[:over]:
        parts[i] += 1
    return parts


def in_turn(whole: int, weights: Sequence[int | Fraction]) -> list[int]:
    """A whole number of units in parts that follow one another in time: what has been given by then is rounded.

    The parts add up to the whole, and so do those of any first quarters to their share, rounded half up.

    >>> in_turn(10, [1, 1, 1])
    [3, 4, 3]
    """
    total = sum(weights, Fraction(0))
    if total <= 0:
        weights, total = [1] * len(weights), Fraction(len(weights))
    shares: list[int] = []
    gone, before = Fraction(0), 0
    for weight in weights:
        gone += weight
        share = Fraction(whole) * gone / total
        until = (2 * share.numerator + share.denominator) // (2 * share.denominator)
        shares.append(until - before)
        before = until
    return shares
