"""What chance alone gives, against every way of dealing groups out, and against what resampling must contain."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import permutations
from math import sqrt

import polars as pl

from mujun.analysis.fairness.chance import of_association, of_weights


def cramer(groups: tuple[str, ...], tiers: tuple[str, ...]) -> float:
    """√(χ² ÷ (n × (the lesser of rows and columns − 1))), written out."""
    n, total = len(groups), 0.0
    for g in set(groups):
        for t in set(tiers):
            seen = sum(a == g and b == t for a, b in zip(groups, tiers, strict=True))
            expected = groups.count(g) * tiers.count(t) / n
            total += (seen - expected) ** 2 / expected
    return sqrt(total / (n * (min(len(set(groups)), len(set(tiers))) - 1)))


def test_against_every_way_of_dealing_groups_out() -> None:
    groups, tiers = tuple("aaabbbcc"), tuple("AABABBAB")
    every = [cramer(p, tiers) for p in permutations(groups)]
    here = cramer(groups, tiers)
    exact = sum(v >= here - 1e-12 for v in every) / len(every)
    found = of_association(pl.Series(groups), pl.Series(tiers), 4, stream=0)
    assert found is not None
    # A thousand draws of a share p err by √(p(1 − p) ÷ 1000), at most 0.016; three times that.
    assert abs(float(found.as_large) - exact) < 0.05
    beyond = sum(v > float(found.up_to) + 1e-4 for v in every) / len(every)
    assert beyond <= 0.05 + 0.02


def test_groups_that_decide_the_tier_are_not_chance() -> None:
    groups = pl.Series(["甲镇"] * 50 + ["乙镇"] * 50)
    found = of_association(groups, pl.Series(["A"] * 50 + ["D"] * 50), 4, stream=3)
    assert found is not None
    assert found.as_large == Decimal("0.0010")  # the county itself, of a thousand
    assert found.up_to < Decimal("0.25")


def test_one_group_or_one_tier_has_no_association() -> None:
    assert of_association(pl.Series(["a", "a"]), pl.Series(["A", "B"]), 4, stream=0) is None
    assert of_association(pl.Series(["a", "b"]), pl.Series(["A", "A"]), 4, stream=0) is None


def test_the_range_of_effective_weights_holds_what_is_true() -> None:
    draw = random.Random(7)
    # Two independent parts of which one varies twice as much: 4 ÷ 5 and 1 ÷ 5 of the variance of their sum.
    one = [draw.randint(-2000, 2000) for _ in range(2000)]
    other = [draw.randint(-1000, 1000) for _ in range(2000)]
    score = [a + b for a, b in zip(one, other, strict=True)]
    found = of_weights(pl.DataFrame({"one": one, "other": other, "score": score}), 4, stream=1)
    assert found is not None
    (low, high), (below, above) = found
    assert low < Decimal("0.8") < high
    assert below < Decimal("0.2") < above
    assert high - low < Decimal("0.06")


def test_the_same_draws_the_same_digits() -> None:
    parts = pl.DataFrame({"one": range(40), "score": [k * k for k in range(40)]})
    assert of_weights(parts, 4, stream=0) == of_weights(parts, 4, stream=0)
    assert of_weights(parts, 4, stream=0) != of_weights(parts, 4, stream=1)
