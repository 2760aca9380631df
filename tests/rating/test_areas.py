"""Townships, parks, zones and industries rated by the sums of their firms, or by figures from elsewhere."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun import messages
from mujun.analysis import Explainer, Ways
from mujun.errors import RuleError
from mujun.rating import rate
from mujun.rating.change import Change
from mujun.rating.worlds import Worlds
from mujun.reports.firms.explanation_page import explanation_html
from mujun.reports.firms.explanation_text import explanation_text
from tests.rating.given import frame_of, rules_of

RULES = """
population: {{subject: {subject}{more}}}
fields:
  rated_tax: {{label: 评价税收, unit: 万元, value: "tax_paid + coalesce(tax_credit, 0)"}}
  zone: {{label: 片区, input: text}}
cohorts: [{{id: all, label: 全部, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: rated_tax, per: land_mu}}
  tax_per_firm: {{label: 户均税收, of: rated_tax, per: firms}}
statistics: {{whole: {{stat: ratio_of_sums, of: rated_tax, per: land_mu}}}}
scoring: {{all: {{tax_per_mu: {{weight: 60, benchmark: whole}}, tax_per_firm: {{weight: 40, benchmark: 50}}}}}}
tiers:
  classes: [{{id: A}}, {{id: B}}]
  cut: {{default: {{shares: {{A: 50, B: 100}}}}}}
"""
FIRMS: list[dict[str, Any]] = [
    {
        "township": town, "park": park, "industry": industry, "scale": scale, "tax_paid": tax, "tax_credit": credit,
        "land_mu": land,
    }
    for town, park, industry, scale, tax, credit, land in (
        ("甲镇", "东园", "3812", "规上", 90, 10, 10),
        ("甲镇", None, "1761", "规下", 20, None, 20),
        ("乙镇", "东园", "3811", "规上", 60, None, 10),
        (None, None, "1713", "规上", 999, 1, 1),
    )
]  # fmt: skip


def rated(subject: str, more: str = "") -> dict[str, tuple[Any, ...]]:
    frame = frame_of(FIRMS).with_columns(pl.Series("zone", ["北", "北", "南", "南"]))
    rating = rate(frame, rules_of(RULES.format(subject=subject, more=more)))
    columns = ("subject", "tax_per_mu", "tax_per_firm", "score", "rank", "tier")
    return {r[0]: r[1:] for r in rating.subject_ratings.select(columns).iter_rows()}


@pytest.mark.parametrize("name", ["firms", "rank", "subject", "reason", "tax_per_mu_points"])
@pytest.mark.parametrize("subject", ["township", "enterprise"])
def test_an_indicator_called_like_a_column_of_the_result_is_refused(subject: str, name: str) -> None:
    # An indicator `firms` under `subject: township` ended in a fault of the engine: its column was there twice.
    rules = RULES.replace("tax_per_firm", name).replace("per: firms", "per: employees")
    if (name, subject) == ("firms", "enterprise"):
        rules_of(rules.format(subject=subject, more=""))
        return
    with pytest.raises(RuleError) as refused:
        rate(frame_of(FIRMS), rules_of(rules.format(subject=subject, more="")))
    told = [p for p in refused.value.problems if p.code == "name_of_column"]
    assert [(p.values["name"], p.place.line is not None) for p in told] == [(name, True)]


def test_townships_are_rated_by_the_sums_of_their_firms() -> None:
    # 甲: (100 + 20) ÷ 30 = 4, 120 ÷ 2 = 60; 乙: 60 ÷ 10 = 6, 60. The county of both: 180 ÷ 40 = 4.5.
    # 甲: 60 × 4 ÷ 4.5 + 40 × 60 ÷ 50 = 53.3333 + 48; 乙: 80 + 48. The firm without a township counts in none.
    assert rated("township") == {
        "甲镇": (4.0, 60.0, Decimal("101.3333"), 2, "B"),
        "乙镇": (6.0, 60.0, Decimal("128.0000"), 1, "A"),
    }


def test_only_some_firms_count() -> None:
    # Without the 规下 firm 甲 has 100 ÷ 10 = 10 and one firm with 100; the county (100 + 60) ÷ 20 = 8.
    found = rated("township", ", members: \"scale = '规上'\"")
    assert found["甲镇"][:3] == (10.0, 100.0, Decimal("155.0000"))


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("park", {"东园": 8.0}),  # (100 + 60) ÷ 20
        ("industry", {"38": 8.0, "17": 48.571428571429}),  # (20 + 1000) ÷ 21
        ("zone", {"北": 4.0, "南": 96.363636363636}),  # (60 + 1000) ÷ 11
    ],
)
def test_parks_industries_and_zones(subject: str, expected: dict[str, float]) -> None:
    assert {area: values[0] for area, values in rated(subject).items()} == expected


def test_a_scope_looks_at_the_area() -> None:
    found = rated("township", ', scope: "land_mu >= 20"')
    assert {area: values[-1] for area, values in found.items()} == {"甲镇": "A", "乙镇": None}


def test_firms_without_an_area_are_counted() -> None:
    rating = rate(frame_of(FIRMS), rules_of(RULES.format(subject="township", more="")))
    assert rating.unplaced == 1
    assert rating.subject_ratings["firms"].sort().to_list() == [1, 2]
    assert rating.ratings.height == 2


def test_figures_from_elsewhere_a_row_per_township() -> None:
    """What the race of townships needs: declared indicators, no firms at all."""
    text = """
population: {subject: township}
fields:
  growth: {label: 税收增速, input: quantity}
  closed: {label: 关停家数, input: quantity}
cohorts: [{id: all, when: "true"}]
indicators: {up: {value: growth}, shut: {value: closed}}
scoring: {all: {up: {weight: 50, benchmark: 10}, shut: {weight: 50, benchmark: 20, cap: 1}}}
tiers: {classes: [{id: A}, {id: B}], cut: {default: {shares: {A: 50, B: 100}}}}
"""
    frame = pl.DataFrame(
        {"year": [2022, 2022], "township": ["甲镇", "乙镇"], "growth": [12, 8], "closed": [10, 30]},
        schema_overrides={"year": pl.Int32},
    )
    found = rate(frame, rules_of(text)).subject_ratings
    # 甲: 50 × 1.2 + 50 × 0.5 = 85; 乙: 50 × 0.8 + 50 × 1.5, capped at 50 = 90.
    assert dict(found.select("subject", "score").iter_rows()) == {"甲镇": Decimal(85), "乙镇": Decimal(90)}


def test_what_would_lift_a_township() -> None:
    """What-if on an area is the very rating with its figure changed."""
    frame = frame_of(FIRMS)
    rating = rate(frame, rules_of(RULES.format(subject="township", more="")))
    (changed,) = Worlds(rating, frame).rate([Change("甲镇", indicators={"tax_per_mu": 9.0})])
    assert changed is not None
    # 60 × 9 ÷ 4.5 + 48 = 168: first now.
    assert (changed["score"], changed["tier"]) == (Decimal(168), "A")


def test_a_zone_has_to_be_declared() -> None:
    text = RULES.format(subject="zone", more="").replace("  zone: {label: 片区, input: text}\n", "")
    with pytest.raises(RuleError) as told:
        rate(frame_of(FIRMS), rules_of(text))
    assert "zone_undeclared" in {p.code for p in told.value.problems}


@pytest.mark.parametrize(
    ("subject", "more", "code"),
    [
        ("township", ", both: true", "area_with"),
        ("enterprise", ", members: \"scale = '规上'\"", "members_without_area"),
    ],
)
def test_what_does_not_go_with_an_area(subject: str, more: str, code: str) -> None:
    text = RULES.format(subject=subject, more=more).replace("per: firms", "per: land_mu")
    with pytest.raises(RuleError) as told:
        rate(frame_of(FIRMS), rules_of(text))
    assert code in {p.code for p in told.value.problems}


def test_what_would_lift_a_township_is_told_and_no_record_of_one_firm_is_moved() -> None:
    text = RULES.format(subject="township", more="").replace(
        "tiers:", 'adjustments: {items: [{id: many, label: 企业多, points: "firms - 1"}]}\ntiers:'
    )
    frame = frame_of(FIRMS).with_columns(pl.Series("zone", ["北", "北", "南", "南"]))
    rating = rate(frame, rules_of(text))
    said = Explainer(rating, frame).explain_all(["甲镇"], ways=Ways(rating, frame), figures=True)[0]
    assert said.way_up is not None
    assert said.way_up.figures == ()
    # 甲 has 60 × 4 ÷ 4.5 + 48 + 1 = 102.3333 points, 乙 80 + 48 = 128. The points of x are at four decimals 79 from
    # 78.99995 ÷ 60 × 4.5 = 5.92499625 on.
    assert next(r.target for r in said.way_up.alone if r.name == "tax_per_mu") == Decimal("5.924997")
    assert [f.name for f in said.figures] == ["firms", "tax_paid", "tax_credit", "land_mu", "zone"]
    assert said.score is not None
    assert said.score.adjustments[0].working == "家数 − 1（家数 2）"
    assert "甲镇 2022 年度评价说明\n" in explanation_text(said)


def test_an_explanation_calls_an_area_what_it_is() -> None:
    # It said 本企业 of a township, and counted townships in 家.
    frame = frame_of(FIRMS)
    rating = rate(frame, rules_of(RULES.format(subject="township", more="")))
    (told,) = Explainer(rating, frame).explain_all(["甲镇"])
    with messages.speaking("zh"):
        text = explanation_text(told)
    assert "← 本镇街" in text
    assert "2 个中第 2 名" in text
    page = explanation_html(told)
    assert "← 本镇街第 2 名" in page
    for words in (text, page):
        assert "本企业" not in words
        assert not re.search(r"[0-9] 家(?!数)", words)
