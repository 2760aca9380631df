"""An explanation is the result, step by step: recomputed by hand from its own numbers it gives the same."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

from mujun.analysis import Explainer, Explanation, Ways, explain, fields_behind
from mujun.analysis.as_json import as_json, json_schema
from mujun.errors import UsageError
from mujun.reports.firms.explanation_text import explanation_text
from mujun.workspace import County
from mujun.workspace.firms.explaining import explained, explainer, firms_of
from tests.analysis.by_hand import agrees, points_of, score_of, tier_of
from tests.rating.given import CLASSES, frame_of, rated
from tests.rating.test_both import FIRMS as MIXED
from tests.rating.test_both import RULES as BOTH_WAYS

RULES = f"""
statistics:
  peer:
    {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [cohort, industry_division], min_members: 2,
     otherwise: all}}
  all: {{stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [cohort]}}
cohorts: [{{id: above, label: 规上, when: "scale = '规上'"}}, {{id: below, label: 规下, when: "true"}}]
indicators:
  tax_per_mu: {{label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
  rd: {{label: 研发强度, of: rd_expense, per: revenue}}
scoring:
  above:
    tax_per_mu: {{weight: 60, benchmark: peer, cap: 1.5}}
    rd: {{weight: 40, benchmark: 0.03, cap: 1.2, missing: cohort_mean}}
  below: {{tax_per_mu: {{weight: 100, benchmark: all}}}}
adjustments:
  items: [{{id: tech, label: 高新技术企业, when: "array_contains(labels, '高新技术企业')", points: 3}}]
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{A: 25, B: 50, C: 75, D: 100}}}}}}
  after: [{{id: veto, when: "array_contains(labels, '事故')", at_most: C, reason: 一票否决}}]
"""


def firm(code: str, **values: Any) -> dict[str, Any]:
    usual = {
        "name": f"企业{code}", "scale": "规上", "industry": "17", "land_mu": 10, "tax_paid": 100, "revenue": 1000,
        "rd_expense": 30, "labels": [],
    }  # fmt: skip
    return {"credit_code": code, **usual, **values}


FIRMS = [
    firm("甲", tax_paid=300, labels=["高新技术企业", "事故"]),
    firm("乙", tax_paid=100, rd_expense=None),
    firm("丙", tax_paid=60, rd_expense=20),
    firm("丁", tax_paid=20, industry="18", rd_expense=10),
]


def said_of(code: str) -> Explanation:
    return explain(rated(RULES, FIRMS), code, frame_of(FIRMS))


def test_a_firm_by_hand() -> None:
    said = said_of("甲")
    tax, rd = said.indicators
    # 甲、乙、丙 are 17: (300 + 100 + 60) ÷ 30 mu.
    assert (tax.statistics[0].name, tax.statistics[0].of, tax.statistics[0].per) == ("peer", Decimal(460), Decimal(30))
    assert tax.statistics[0].members == 3
    assert tax.benchmark == 15.333333333333
    # 60 × 30 ÷ 15.3333 = 117.39, above 60 × 1.5.
    assert (tax.value, tax.points, tax.note) == (30.0, Decimal("90.0000"), "capped")
    assert (rd.value, rd.points, rd.note) == (0.03, Decimal("40.0000"), None)
    assert said.score is not None
    assert said.score.score == Decimal("133.0000")
    assert said.cut is not None
    assert (said.cut.rank, said.cut.size, said.cut.tier) == (1, 4, "A")
    assert [(p.tier, p.last_rank) for p in said.cut.places] == [("A", 1), ("B", 2), ("C", 3), ("D", 4)]
    assert [(r.id, r.matched, r.changed) for r in said.rules] == [("veto", True, True)]
    assert said.tier == "C"


def test_what_stands_in_for_too_small_a_group_is_shown() -> None:
    tax = said_of("丁").indicators[0]
    peer, everybody = tax.statistics
    assert (peer.name, peer.members, peer.least, peer.value, peer.used) == ("peer", 1, 2, None, False)
    # All four: 480 ÷ 40.
    assert (everybody.name, everybody.of, everybody.value, everybody.used) == ("all", Decimal(480), Decimal(12), True)
    assert tax.points == Decimal("10.0000")


def test_a_missing_value_says_what_it_earned() -> None:
    rd = said_of("乙").indicators[1]
    # 甲 40, 丙 40 × 0.02 ÷ 0.03 = 26.6667, 丁 40 × 0.01 ÷ 0.03 = 13.3333: the mean of 80.
    assert (rd.note, rd.policy, dict(rd.parameters)["cohort_members"]) == ("missing", "cohort_mean", 3.0)
    assert rd.points == Decimal("26.6667")
    assert points_of(json.loads(as_json(said_of("乙")))["indicators"][1], 4) == Decimal("26.6667")


def test_the_place_among_peers_counts_the_firm_itself() -> None:
    peers = said_of("乙").indicators[0].peers
    assert peers is not None
    assert (peers.count, peers.at_or_below, peers.lowest, peers.highest) == (4, 3, 2.0, 30.0)
    assert sum(peers.bins) == 4
    assert peers.quartiles == (2.0, 6.0, 10.0)


def test_members_of_a_pooled_subject_are_told_with_their_parts() -> None:
    rules = RULES.replace("cohorts:", "population: {subject: group}\ncohorts:", 1)
    firms = [
        firm("甲", group_code="G", tax_paid=30, land_mu=4),
        firm("乙", group_code="G", tax_paid=50, land_mu=6),
        firm("丙"),
    ]
    said = explain(rated(rules, firms), "乙", frame_of(firms))
    assert (said.subject, said.subject_kind) == ("G", "group")
    assert [(m.name, dict(m.parts)["tax_paid"]) for m in said.members] == [
        ("企业乙", Decimal(50)),
        ("企业甲", Decimal(30)),
    ]
    figures = {f.name: f.value for f in said.figures}
    assert (figures["tax_paid"], figures["land_mu"]) == (Decimal(80), Decimal(10))
    assert said.indicators[0].value == 8.0


def test_an_unknown_firm_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="甲"):
        said_of("甲甲")


def test_the_json_keeps_to_its_schema() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for code in "甲乙丙丁":
        validator.validate(json.loads(as_json(said_of(code))))
    broken = {**json.loads(as_json(said_of("甲"))), "tier": 3}
    assert not validator.is_valid(broken)


@pytest.mark.parametrize(
    ("name", "behind"),
    [
        ("tax_paid", (("tax_paid", 0),)),
        ("revenue_last2", (("revenue", 2),)),
        ("land_mu_last", (("area_mu", 1),)),
        ("owned_mu", ()),
        ("industry_division", (("industry", 0),)),
    ],
)
def test_which_records_stand_behind_a_figure(name: str, behind: tuple[tuple[str, int], ...]) -> None:
    assert fields_behind(name) == behind


def test_five_hundred_firms_recomputed_from_their_own_json(sample_county: Path) -> None:
    own = County(sample_county)
    result = own.runs.recompute(1)
    made = explainer(result)
    ranked = result.rating.subjects.filter(pl.col("treatment") == "rated")["credit_code"].sort().to_list()
    codes = random.Random(7).sample(ranked, 500)
    validator = jsonschema.Draft202012Validator(json_schema())
    for number, found in enumerate(made.explain_all(codes)):
        said = json.loads(as_json(found))
        if number < 3:
            validator.validate(said)
        points = []
        for step in (s for s in said["indicators"] if s["scored"]):
            if step["value"] is not None:
                assert agrees(step["value"], step["of"]["value"], step["per"]["value"])
            for s in step["statistics"]:
                if s["used"]:
                    assert agrees(s["value"], s["of"], s["per"])
            mine = points_of(step, 4)
            assert mine == Decimal(step["points"]), (found.credit_code, step["id"])
            points.append(mine)
        assert sum(points, Decimal(0)) == Decimal(said["score"]["points"])
        assert score_of(said, points) == Decimal(said["score"]["score"])
        assert tier_of(said) == said["tier"], found.credit_code


def test_figures_are_told_with_file_sheet_and_row(sample_county: Path) -> None:
    own = County(sample_county)
    result = own.runs.recompute(1)
    made = explainer(result)
    codes = [c for c in firms_of(result, "甘霖镇") if result.rating.enterprises.filter(credit_code=c)["rated_tax"][0]]
    for said in explained(own, made, result, codes[:5]):
        tax = next(f for f in said.figures if f.name == "tax_paid")
        assert tax.origins[0].file == "04_税务局_2022年工业企业税收.csv"
        assert Decimal(str(tax.origins[0].value)) == tax.value
        land = next(f for f in said.figures if f.name == "land_mu")
        assert all(o.row is not None and o.record for o in land.origins)
        assert said.basis.run == 1
    with pytest.raises(UsageError, match="甘霖镇"):
        firms_of(result, "甘霖")


def test_the_text_holds_the_numbers() -> None:
    text = explanation_text(said_of("丙"))
    assert "60 ÷ 10 = 6" in text
    assert "60 × 6 ÷ 15.333333 = 23.4783" in text
    assert "第 3 名" in text


def test_many_explanations_are_those_of_each() -> None:
    rating, frame = rated(RULES, FIRMS), frame_of(FIRMS)
    together = Explainer(rating, frame).explain_all(["丁", "甲"])
    assert together == [explain(rating, "丁", frame), explain(rating, "甲", frame)]


@pytest.mark.parametrize(("counts", "mine", "other"), [("alone", "混", "P1"), ("merged", "P1", "混")])
def test_a_firm_rated_both_ways_shows_the_other_result(counts: str, mine: str, other: str) -> None:
    text = BOTH_WAYS % ("enterprise", f"{{counts: {counts}}}")
    rating, frame = rated(text, MIXED), frame_of(MIXED)
    said = Explainer(rating, frame).explain_all(["混"], ways=Ways(rating, frame), figures=True)[0]
    assert said.other is not None
    assert (said.subject, said.other.subject, said.other.counts) == (mine, other, counts)
    # Alone 20 points and last; with 主 60 points, second of three.
    told = {"alone": (Decimal(20), 4, "D"), "merged": (Decimal(60), 2, "B")}
    assert (said.other.score, said.other.rank, said.other.tier) == told[said.other.way]
    assert said.score is not None
    assert (said.score.score, said.tier) == (told[counts][0], told[counts][2])
    assert f"第 {said.other.rank} 名" in explanation_text(said)
    assert said.way_up is not None
    assert any(r.target is not None for r in said.way_up.figures)
    assert explain(rating, "三", frame).other is None


def test_those_outside_and_what_cannot_be_told_are_said_in_words() -> None:
    text = RULES.replace("cohorts:", 'population: {scope: "land_mu >= 3"}\ncohorts:', 1)
    firms = [*FIRMS, firm("小", land_mu=2), firm("空", tax_paid=None)]
    text = text.replace("array_contains(labels, '事故')", "tax_paid < 30")
    rating, frame = rated(text, firms), frame_of(firms)
    out, blank = explain(rating, "小", frame), explain(rating, "空", frame)
    assert out.scope == "实际用地不少于3亩"
    assert "不在评价范围（评价范围：实际用地不少于3亩）" in explanation_text(out)
    assert [(m.where, m.fields, m.rule, m.labels) for m in blank.missing] == [
        ("after.veto", ("tax_paid",), "一票否决", ("实缴税金",))
    ]
    assert "“一票否决”的条件因缺实缴税金无法判断" in explanation_text(blank)
