"""Every world is a rating: the oracle, given the figures of a draw, ranks and tiers the firms alike."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from mujun.analysis.stability import drawing
from mujun.analysis.stability.building import model_of
from mujun.analysis.stability.worlds import Worlds
from mujun.rating import rate
from mujun.rating.ranking import share_of, shares_of
from mujun.rules.model import Stability
from tests.oracle import rater, strategies
from tests.rating.against_oracle import frame_of, ruleset_of

D = Decimal
DRAWS = 60


def rules(rank_by: list[str], cut: dict[str, Any], **item: Any) -> dict[str, Any]:
    return {
        "cohorts": [{"id": "all", "when": "true"}],
        "indicators": {"tax": {"of": "tax_paid", "per": "land_mu"}, "value": {"of": "value_added", "per": "land_mu"}},
        "scoring": {"all": {"tax": {"weight": 60, **item}, "value": {"weight": 40, "benchmark": 10, "cap": 1}}},
        "tiers": {
            "classes": [{"id": "A"}, {"id": "B"}, {"id": "C"}], "rank_by": rank_by, "cells": ["cohort"],
            "cut": {"default": cut},
        },
    }  # fmt: skip


SHARES = {"shares": {"A": 30, "B": 70, "C": 100}}
RATIO = {"method": "ratio", "benchmark": 10, "cap": 1}
CASES = {
    # All have the most there is: the second key, whose figures move as all figures do, decides.
    "equal scores": rules(["score", "tax"], SHARES, **RATIO),
    "an indicator first": rules(["value", "score"], SHARES, **RATIO),
    "extremes": rules(["score"], SHARES, method="minmax"),
    "places": rules(["score"], SHARES, method="percentile"),
    "thresholds": rules(["score"], {"thresholds": {"A": 99, "B": 80}, "rest": "C"}, **{**RATIO, "benchmark": 11}),
    "thresholds of a value": rules(["score"], {"by": "tax", "thresholds": {"A": 12, "B": 11}, "rest": "C"}, **RATIO),
}


@pytest.mark.parametrize("name", CASES)
def test_the_oracle_ranks_every_world_alike(name: str) -> None:
    figures = [(12, 11), (11.8, 12), (11.5, 10.5), (11.4, 11), (11, 13), (10.8, 10.6), (10.5, 11.2)]
    rows: list[dict[str, Any]] = [
        {"credit_code": f"E{i}", "tax_paid": D(str(t)), "value_added": D(str(v)), "land_mu": D(1)}
        for i, (t, v) in enumerate(figures)
    ]
    case = strategies.Case(CASES[name], rows, None, {})
    model = model_of(rate(frame_of(rows, case.rules, 2022), ruleset_of(case)))
    still: dict[str, Any] = {s: {"default": D(0)} for s in drawing.SOURCES}
    ranges = drawing.ranges_of(model, Stability(**{**still, "inputs": {"default": D(8), "land_mu": D(0)}}, draws=DRAWS))
    draws = [drawing.draw_of(ranges, {}, (0, k)) for k in range(DRAWS)]
    # Figures have six decimals: the factors are such that the oracle gets the very same ones.
    drawn = [f if f is None else np.round(f, 4) for f in drawing.factors(ranges, [d.inputs for d in draws])]
    placed = Worlds(model, DRAWS).placed(draws, drawn)
    codes = model.frame["credit_code"].to_list()
    columns = {text: drawn[n] for n, text in enumerate(model.expressions)}
    for k in range(DRAWS):
        moved = [dict(row) for row in rows]
        for row in moved:
            for text in ("tax_paid", "value_added"):
                factor = columns[text]
                assert factor is not None
                row[text] *= D(repr(float(factor[k, codes.index(row["credit_code"])])))
        expected = {s["credit_code"]: s for s in rater.rate(moved, case.rules).subjects}
        assert placed.ranks[k].tolist() == [expected[code]["rank"] for code in codes]
        assert [model.plan.tier_ids[t] for t in placed.tiers[k]] == [expected[code]["tier"] for code in codes]


@pytest.mark.parametrize("rounding", ["half_up", "floor", "ceil"])
def test_shares_of_many_bases_are_those_of_each(rounding: str) -> None:
    shares = ["0", "5", "12.5", "33.333333333", "20", "99.999999999", "100"]
    bases = [0, 1, 2, 3, 8, 40, 2_988, 60_000_000]
    several = shares_of(np.array([float(s) for s in shares]), np.array(bases), rounding)
    assert several.tolist() == [[share_of(D(s), base, rounding) for s in shares] for base in bases]
