"""With nothing drawn the arrays give the rating itself, whatever the rules."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mujun.analysis.stability import firmness
from mujun.analysis.stability.building import model_of
from mujun.analysis.stability.drawing import SOURCES
from mujun.errors import MujunError, RatingError
from mujun.rating import Rating, rate
from mujun.rules.model import Stability
from tests.oracle import strategies
from tests.rating.against_oracle import frame_of, ruleset_of

REFUSED = {"stability_formula", "stability_picks", "stability_fallback"}
NO_RANGE: dict[str, Any] = {s: {"default": Decimal(0)} for s in SOURCES}
STILL = Stability(**NO_RANGE, draws=2)
SEEN: Counter[str] = Counter()


def _rated(case: strategies.Case) -> Rating | None:
    try:
        previous = frame_of(case.previous, case.rules, 2021) if case.previous is not None else None
        return rate(frame_of(case.rows, case.rules, 2022), ruleset_of(case), previous)
    except MujunError:
        return None


def _refused(rating: Rating) -> set[str]:
    try:
        model_of(rating)
    except RatingError as error:
        return {p.code for p in error.problems}
    return set()


@given(strategies.cases())
@settings(
    max_examples=int(os.environ.get("MUJUN_EXAMPLES", "20")),
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_nothing_drawn_is_the_rating_itself(case: strategies.Case) -> None:
    rating = _rated(case)
    if rating is None:
        return
    refused = _refused(rating)
    SEEN.update(refused or ["tested"])
    assert refused <= REFUSED
    if refused:
        return
    found = firmness(rating, stated=STILL, variance=False, threads=1)
    ours = found.subjects.sort("subject")
    theirs = rating.subjects.filter(pl.col("treatment") == "rated", pl.col("tier").is_not_null()).sort("subject")
    assert ours["subject"].to_list() == theirs["subject"].to_list()
    assert ours["kept"].to_list() == [1.0] * ours.height
    assert ours["likely"].to_list() == theirs["tier"].to_list()
    assert ours["rank_low"].to_list() == theirs["rank"].to_list() == ours["rank_high"].to_list()


def test_enough_rule_sets_were_tested() -> None:
    """A property that refuses everything would prove nothing."""
    if not SEEN:
        pytest.skip("run alone")
    assert SEEN["tested"] >= sum(SEEN.values()) // 3
