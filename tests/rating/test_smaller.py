"""Codes between bounds, tables of ranges, shared and nested weights, labels, 容积率."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mujun.errors import RuleError
from mujun.rating import rate
from mujun.rules import compile_rating
from mujun.rules.showing import show_rules
from tests.rating.given import column, frame_of, rated, rules_of

BASE = """
cohorts: [{id: above, when: "scale = '规上'"}, {id: below, when: "true"}]
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
  rd_ratio: {label: 研发强度, of: rd_expense, per: revenue}
tiers: {classes: [{id: A}, {id: B}], cut: {default: {shares: {A: 50, B: 100}}}}
"""
PLAIN = """
scoring:
  above: {tax_per_mu: {weight: 100, benchmark: 10}}
  below: {tax_per_mu: {weight: 100, benchmark: 10}}
"""


def firm(**more: Any) -> dict[str, Any]:
    return {"scale": "规上", "tax_paid": 10, "land_mu": 1, "rd_expense": 3, "revenue": 100, **more}


@pytest.mark.parametrize(
    ("code", "inside"),
    [
        ("06", True), ("0610", True), ("4610", True), ("46", True), ("0599", False), ("4700", False), ("4", None),
        (None, None),
    ],
)  # fmt: skip
def test_codes_between_bounds_are_held_by_as_many_digits(code: str | None, inside: bool | None) -> None:
    fields = "fields: {industrial: {value: \"industry between '06' and '46'\"}}"
    assert column(rated(BASE + PLAIN + fields, [firm(industry=code)]), "industrial") == [inside]


@pytest.mark.parametrize("bounds", ["'6' and '46'", "'46' and '06'", "'a6' and 'b6'", "industry and '46'"])
def test_bounds_that_are_no_codes_are_refused(bounds: str) -> None:
    with pytest.raises(RuleError) as told:
        compile_rating(rules_of(BASE + PLAIN + f'population: {{scope: "industry between {bounds}"}}'))
    assert [p.code for p in told.value.problems] == ["expression_between_codes"]


BAND = """
tables: {band: {file: band.csv, keys: [scale], range: tax_per_mu, labels: {points: 分段得分}}}
adjustments: {items: [{id: band, points: "coalesce(分段得分, -1)"}]}
"""
RANGES = "scale,from,up_to,points\n规上,,10,0\n规上,10,20,2\n*,20,,4\n"


@pytest.mark.parametrize(
    ("scale", "tax", "points"),
    [
        ("规上", "9.999999", 0),
        ("规上", 10, 2),  # from is in
        ("规上", "19.999999", 2),
        ("规上", 20, 4),  # up_to is not; the row of all scales follows
        ("规下", 10, -1),  # no row: missing
        ("规上", None, -1),
    ],
)
def test_a_table_of_ranges(scale: str, tax: Any, points: int) -> None:
    ruleset = rules_of(BASE + PLAIN + BAND, **{"band.csv": RANGES})
    found = rate(frame_of([firm(scale=scale, tax_paid=tax)]), ruleset)
    assert column(found, "adj_band") == [points]


@pytest.mark.parametrize(
    ("csv", "code"),
    [
        ("scale,from,points\n规上,1,2\n", "lookup_no_bounds"),
        ("scale,from,up_to,points\n规上,,10,0\n规上,9,20,2\n", "lookup_overlap"),
        ("scale,from,up_to,points\n规上,10,10,0\n", "lookup_bounds_order"),
        ("scale,from,up_to,points\n规上,十,20,0\n", "lookup_bound"),
    ],
)
def test_ranges_that_cannot_be_are_told(csv: str, code: str) -> None:
    with pytest.raises(RuleError) as told:
        rules_of(BASE + PLAIN + BAND, **{"band.csv": csv})
    assert code in {p.code for p in told.value.problems}


def test_a_range_of_texts_is_refused() -> None:
    text = BASE + PLAIN + BAND.replace("range: tax_per_mu", "range: township")
    with pytest.raises(RuleError) as told:
        compile_rating(rules_of(text, **{"band.csv": RANGES}))
    assert "lookup_range_number" in {p.code for p in told.value.problems}


NESTED = """
scoring:
  above:
    groups:
      output: {label: 产出, weight: 60, items: {tax_per_mu: {weight: 100, benchmark: 10}}}
      quality: {weight: 40, items: {rd_ratio: {weight: 75, benchmark: 0.03}, again: {weight: 25, benchmark: 20}}}
  below:
    same_as: above
    groups: {output: {weight: 30}}
"""
AGAIN = BASE.replace("tiers:", "  again: {label: 又一个, of: tax_paid, per: land_mu}\ntiers:")


def test_nested_weights_and_what_is_shared() -> None:
    # above: 60 × 10 ÷ 10 + 30 × 0.03 ÷ 0.03 + 10 × 10 ÷ 20 = 60 + 30 + 5.
    # below: as above, the tax with 30: 30 + 30 + 5.
    rating = rated(AGAIN + NESTED, [firm(), firm(scale="规下")])
    assert column(rating, "score") == [Decimal(95), Decimal(65)]
    assert column(rating, "rd_ratio_points") == [Decimal(30), Decimal(30)]


def test_what_is_shared_may_change_one_key() -> None:
    text = """
scoring:
  above: {tax_per_mu: {weight: 60, benchmark: 5}, rd_ratio: {weight: 40, benchmark: 0.06}}
  below: {same_as: above, tax_per_mu: {benchmark: 20}}
"""
    # 60 × 10 ÷ 5 + 40 × 0.03 ÷ 0.06 = 140; 60 × 10 ÷ 20 + 20 = 50.
    assert column(rated(BASE + text, [firm(), firm(scale="规下")]), "score") == [Decimal(140), Decimal(50)]


@pytest.mark.parametrize(
    ("scoring", "code"),
    [
        ("above: {same_as: beneath}, below: {tax_per_mu: {weight: 100, benchmark: 1}}", "same_as_unknown"),
        ("above: {same_as: below}, below: {same_as: above}", "same_as_circle"),
        ("above: {groups: {g: {weight: 9, items: {tax_per_mu: {weight: 90, benchmark: 1}}}}}, below: {same_as: above}",
         "group_weights"),
        ("above: {groups: {g: {weight: 9, items: {tax_per_mu: {weight: 100, benchmark: 1}}}}, tax_per_mu: {weight: 1, "
         "benchmark: 1}}, below: {tax_per_mu: {weight: 1, benchmark: 1}}", "group_item_twice"),
    ],
)  # fmt: skip
def test_shared_and_nested_weights_that_cannot_be_are_told(scoring: str, code: str) -> None:
    with pytest.raises(RuleError) as told:
        rules_of(BASE + f"scoring: {{{scoring}}}")
    assert code in {p.code for p in told.value.problems}


def test_the_ratio_of_floor_to_ground() -> None:
    # 3 mu are 2,000 ㎡: 3,000 ÷ 2,000 = 1.5; without land none.
    text = BASE + PLAIN + "fields: {r: {value: plot_ratio}}"
    rows = [firm(floor_area_m2=3000, land_mu=3), firm(floor_area_m2=3000, land_mu=0), firm(land_mu=3)]
    assert column(rated(text, rows), "r") == [Decimal("1.5"), None, None]


def test_the_ratio_of_a_group_is_of_its_sums() -> None:
    # (3,000 + 1,000) ÷ (3 + 3 mu, 4,000 ㎡) = 1, not the mean of 1.5 and 0.5.
    text = BASE + PLAIN + "population: {subject: group}\nfields: {r: {value: plot_ratio, pool: again}}"
    rows = [firm(floor_area_m2=m2, land_mu=3, group_code="G") for m2 in (3000, 1000)]
    assert column(rated(text, rows), "r") == [Decimal(1)]


def test_the_rules_as_printed_say_all_this() -> None:
    text = (
        AGAIN
        + NESTED
        + BAND.replace('points: "coalesce', 'family: site, points: "coalesce').replace(
            '分段得分, -1)"}]', '分段得分, -1)"}], families: {site: {label: 节约用地, max: 5}}'
        )
    )
    said = str(show_rules(rules_of(text, **{"band.csv": RANGES})))
    for words in ("产出60分的100%", "quality40分的75%", "类别“节约用地”", "亩均税收自（含）", "分段得分"):
        assert words in said
