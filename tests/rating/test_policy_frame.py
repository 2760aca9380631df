"""Where an enterprise stands, with a rating and without."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from mujun.errors import RatingError
from mujun.rating import rate
from mujun.rating.policy_frame import standing
from mujun.rating.values import values_of
from mujun.rules import load_rules
from mujun.rules.expressions import Meaning
from tests.allocation.given import enterprises


def stood(**firm: Any) -> dict[str, Any]:
    return standing(enterprises([{"credit_code": "T", **firm}])).row(0, named=True)


@pytest.mark.parametrize(
    ("firm", "streak", "last"),
    [
        ({"tier": "D"}, 1, None),
        ({"tier": "D", "tier_history": ["D", "D", "C"]}, 3, "D"),
        ({"tier": "D", "tier_history": ["D", None, "D"]}, 2, "D"),
        ({"tier": "D", "tier_history": [None, "D"]}, 1, None),
        ({"tier": "D", "tier_last": "D"}, 2, "D"),
        ({"tier": "D", "tier_history": ["C"], "streak": 9}, 9, "C"),
        ({"tier": None, "tier_history": ["D"]}, None, "D"),
        ({"tier": "D", "managed_as": "B", "tier_history": ["B", "B"]}, 3, "B"),
    ],
)
def test_streaks(firm: dict[str, Any], streak: int | None, last: str | None) -> None:
    found = stood(**firm)
    assert (found["streak"], found["tier_last"]) == (streak, last)


def test_managed_as_is_the_tier_of_policies() -> None:
    found = stood(tier="D", managed_as="B")
    assert (found["tier"], found["tier_shown"]) == ("B", "D")


def test_a_frame_that_gives_no_treatments() -> None:
    assert stood()["treatment"] == "rated", "nobody has a tier: all count"
    frame = enterprises([{"credit_code": "A", "tier": "D"}, {"credit_code": "B", "tier": None}])
    assert standing(frame)["treatment"].to_list() == ["rated", "out"]
    assert stood(treatment="collected")["treatment"] == "collected"


def test_with_a_rating_its_results_and_the_frame_s_own_quantities() -> None:
    rules = load_rules("zhejiang/shengzhou-2022")
    firm = {"scale": "规上", "industry": "3812", "land_mu": 10, "tax_paid": 100, "water_m3": 7}
    frame = enterprises([{**firm, "credit_code": "A"}, {**firm, "credit_code": "B", "labels": ["重大在建项目"]}])
    reads = {"water_m3": Meaning("water_m3", "exact", 6), "tax_per_mu": Meaning("tax_per_mu", "number")}
    found = standing(frame, rate(frame, rules), reads)
    # Both rank first of two: A ends at 0.4, B at 1.2. The project is withheld a tier and managed as B.
    assert found["tier_shown"].to_list() == ["B", None]
    assert found["tier"].to_list() == ["B", "B"]
    assert found["treatment"].to_list() == ["rated", "ungraded"]
    assert found["water_m3"].to_list() == [7, 7]
    assert found["tax_per_mu"].to_list() == [10.0, 10.0]


def test_columns_of_the_wrong_type_are_refused() -> None:
    for name, value in (("tier", 1), ("score", "九十"), ("streak", "三")):
        with pytest.raises(RatingError) as caught:
            standing(pl.DataFrame({"credit_code": ["T"], "tier": ["A"]}).with_columns(pl.lit(value).alias(name)))
        assert [p.code for p in caught.value.problems] == ["frame_column_type"]


def test_values_are_shown_exactly() -> None:
    frame = pl.DataFrame(
        {"credit_code": ["T"], "a": pl.Series(["100.500000"]).str.to_decimal(scale=6), "b": [0.1 + 0.2], "c": [True]}
    )
    meanings = [Meaning("a", "exact", 6), Meaning("b", "number"), Meaning("c", "boolean", label="丙")]
    assert values_of(frame, meanings).select("label", "value").rows() == [("a", "100.5"), ("b", "0.3"), ("丙", "是")]
