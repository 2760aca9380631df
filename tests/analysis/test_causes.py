"""Causes of a change: by hand on two firms, and in sum on random counties; the parts add up with nothing left over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.analysis.causes import STEPS, causes, changed_inputs, score_parts
from mujun.rating import Rating, rate
from mujun.rules import load_rules
from mujun.rules.ruleset import RuleSet
from tests.rating.given import frame_of, rules_of
from tests.rating.test_visiting import PEERS, random_county

D = Decimal


def firms(*taxes: float) -> pl.DataFrame:
    return frame_of([{"industry_division": "17", "land_mu": 1, "tax_paid": t} for t in taxes])


def row(found: pl.DataFrame, code: str) -> dict[str, Any]:
    return found.filter(pl.col("credit_code") == code).row(0, named=True)


def test_two_firms_by_hand() -> None:
    # Earlier: taxes 10 and 30 on one mu each, benchmark 20, weight 100: E1 50 points, second, tier B.
    # Own: E1 pays 30 against the benchmark 20: 150 points, first beside E2 (150), tier A.
    # Peers: E2 pays 60, the benchmark is 45: E1 66.67 points, second, tier B.
    # Rules: weight 120: E1 80.00 points, still second.
    old, new = (
        rules_of(PEERS),
        rules_of(
            PEERS.replace("weight: 100", "weight: 120").replace("scoring: {all: {", "scoring: {all: {total: 120, ")
        ),
    )
    before, moved, after = rate(firms(10, 30), old), rate(firms(30, 60), old), rate(firms(30, 60), new)
    found = row(causes(before, moved, after), "E1")
    assert [found[f"score_{i}"] for i in range(4)] == [D(50), D(150), D("66.67"), D(80)]
    assert [found[f"score_{s}"] for s in (*STEPS, "joint")] == [D(100), D("-83.33"), D("13.33"), None]
    assert [found[f"rank_{i}"] for i in range(4)] == [2, 1, 2, 2]
    assert [found[f"rank_{s}"] for s in (*STEPS, "joint")] == [-1, 1, 0, None]
    assert [found[f"tier_{i}"] for i in range(4)] == ["B", "A", "B", "B"]
    assert found["tier_by"] == ["own", "peers"]
    parts = score_parts(before, moved, after, ["E1"])
    # 2/3 of 100 is 66.6667 points, which the score rounds to 66.67; four fifths of 100 need no rounding.
    assert parts.select("step", "part", "name", "change").rows() == [
        ("own", "indicator", "tax_per_mu", D(100)),
        ("peers", "indicator", "tax_per_mu", D("-83.3333")),
        ("peers", "rounding", "", D("0.0033")),
        ("rules", "indicator", "tax_per_mu", D("13.3333")),
        ("rules", "rounding", "", D("-0.0033")),
    ]
    assert changed_inputs(before, moved, ["E1"]).select("field", "before", "after", "unit").rows() == [
        ("tax_paid", "10", "30", "万元")
    ]


def test_the_same_data_have_no_own_and_no_peers_part() -> None:
    old, new = rules_of(PEERS), rules_of(PEERS.replace("{A: 50, B: 100}", "{A: 100}"))
    before, after = rate(firms(10, 30), old), rate(firms(10, 30), new)
    found = row(causes(before, before, after), "E1")
    assert [found[f"score_{s}"] for s in STEPS] == [0, 0, 0]
    assert (found["tier_0"], found["tier_3"], found["tier_by"]) == ("B", "A", ["rules"])
    assert changed_inputs(before, before, ["E1"]).is_empty()


def test_what_cannot_be_told_apart_is_joint() -> None:
    # The earlier rules leave firms below 5 mu out; E1 falls to 4 mu while the later rules let them in.
    scope = "population: {subject: enterprise, scope: 'land_mu >= 5'}\n"
    text = PEERS.replace("population: {subject: enterprise}\n", scope)
    old, new = rules_of(text), rules_of(text.replace(">= 5", ">= 1"))

    def frame(land: int) -> pl.DataFrame:
        lands = ((land, 10), (5, 100))
        return frame_of([{"industry_division": "17", "land_mu": m, "tax_paid": t} for m, t in lands])

    before, moved, after = rate(frame(5), old), rate(frame(4), old), rate(frame(4), new)
    found = row(causes(before, moved, after), "E1")
    assert [found[f"score_{i}"] is None for i in range(4)] == [False, True, True, False]
    assert [found[f"score_{s}"] for s in STEPS] == [None, None, None]
    assert found["score_joint"] == found["score_3"] - found["score_0"]
    assert found["tier_by"] == ["own", "rules"]


SETS = ["zhejiang/shengzhou-2022", "anhui/jingde-2022", "sichuan/example-county-2022", "zhejiang/wenling-parks-2022"]


def heavier(rules: RuleSet) -> RuleSet:
    """The rule set with another weight of its first indicator, made up for by its last."""
    import re

    from mujun.rules import load_kept

    name = f"{rules.address}/rating.yaml"
    text = rules.texts[name]
    weights = list(re.finditer(r"weight: (\d+)", text))
    assert len(weights) >= 2
    first, second = weights[0], weights[1]
    changed = (
        text[: first.start(1)] + str(int(first[1]) - 2) + text[first.end(1) : second.start(1)]
        + str(int(second[1]) + 2) + text[second.end(1) :]
    )  # fmt: skip
    return load_kept(rules.address, {**rules.texts, name: changed})


@pytest.mark.parametrize("address", SETS)
def test_parts_add_up_on_random_counties(address: str) -> None:
    old = load_rules(address)
    new = heavier(old)
    before, moved, after = random_county(old, 450, 1), random_county(old, 450, 3), random_county(new, 450, 3)
    found = causes(before, moved, after)
    whole = found.filter(pl.col("score_0").is_not_null(), pl.col("score_3").is_not_null())
    assert whole.height > 30
    for name in ("score", "rank"):
        told = sum(whole[f"{name}_{s}"].fill_null(0) for s in (*STEPS, "joint"))
        both = whole[f"{name}_0"].is_not_null() & whole[f"{name}_3"].is_not_null()
        change = whole[f"{name}_3"] - whole[f"{name}_0"]
        assert ((told == change) | ~both).all()
    assert (whole["score_rules"].fill_null(0) != 0).any()
    _parts_are_the_steps(before, moved, after, found)


def _parts_are_the_steps(before: Rating, moved: Rating, after: Rating, found: pl.DataFrame) -> None:
    summed: dict[tuple[str, str], Decimal] = {}
    for code, step, change in (
        score_parts(before, moved, after, found["credit_code"].to_list())
        .select("credit_code", "step", "change")
        .iter_rows()
    ):
        summed[code, step] = summed.get((code, step), D(0)) + change
    checked = 0
    for r in found.iter_rows(named=True):
        for step in STEPS:
            if r[f"score_{step}"] is not None:
                assert summed.get((r["credit_code"], step), D(0)) == r[f"score_{step}"]
                checked += 1
    assert checked > 90
