"""An explanation in English: what dictionary and program say is English; what rules and records say stays."""

from __future__ import annotations

import re

from mujun.analysis import Explainer, Ways
from mujun.messages import speaking
from mujun.rating import rate
from mujun.reports.firms.explanation_text import explanation_text
from mujun.reports.firms.words_here import action_here, label_here, order_here, with_unit
from mujun.rules.showing_tiers import action_in_words
from tests.analysis.test_ways import firm
from tests.rating.given import frame_of, rules_of

RULES = """
population: {scope: "land_mu > 0"}
cohorts: [{id: all, label: Everybody, when: "true"}]
indicators:
  tax: {label: Tax per mu, unit: 万元/亩, of: tax_paid, per: land_mu}
  rd: {label: Research, of: rd_expense, per: revenue}
statistics:
  mean_tax: {label: Mean, stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [cohort, industry_division]}
scoring:
  all: {tax: {weight: 60, benchmark: mean_tax, cap: 1.5}, rd: {weight: 40, benchmark: 0.04, cap: 1, floor: 0.1}}
adjustments: {items: [{id: large, label: Large, when: "employees > 10", points: 2}]}
tiers:
  classes: [{id: A}, {id: B}, {id: C}, {id: D}]
  rank_by: [score, "-land_mu"]
  cut: {default: {shares: {A: 25, B: 50, C: 75, D: 100}}}
  after:
    - {id: low, when: "tax_paid < 60", at_most: C, reason: Little tax}
    - {id: small, when: "land_mu < 12", move: -1, reason: Small}
"""


def test_nothing_is_chinese_but_what_rules_and_records_say() -> None:
    rows = [
        firm(code, tax, rd, employees=people, industry="3812", industry_division="38", scale="规上", started_on=None)
        for code, tax, rd, people in (("E1", 100, 20, 5), ("E2", 80, None, 20), ("E3", 50, 1, 30), ("E4", 40, 30, 9))
    ]
    frame = frame_of(rows)
    rating = rate(frame, rules_of(RULES))
    ways = Ways(rating, frame)
    for told in Explainer(rating, frame).explain_all([r["credit_code"] for r in rows], ways=ways, figures=True):
        with speaking("en"):
            said = explanation_text(told)
        # The name of the drawn rules and their document.
        assert set(re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", said)) <= {"手算", "规上"}
        with speaking("zh"):
            assert "不得好于C" in explanation_text(told) or told.credit_code in ("E1", "E2")


def test_words_in_both_languages() -> None:
    actions = [
        action_in_words("A", None, None, None), action_in_words(None, "B", None, None),
        action_in_words(None, None, "C", None), action_in_words(None, None, None, 1),
        action_in_words(None, None, None, -2),
    ]  # fmt: skip
    with speaking("zh"):
        assert [action_here(a) for a in actions] == actions
        assert (label_here("实缴税金"), order_here("综合得分从高到低")) == ("实缴税金", "综合得分从高到低")
    with speaking("en"):
        assert [action_here(a) for a in actions] == [
            "set to A", "no better than B", "no worse than C", "up by 1", "down by 2",
        ]  # fmt: skip
        assert (label_here("实缴税金"), with_unit("县定指标", "万元/亩")) == ("Tax paid", "县定指标 (10k yuan/mu)")
        assert order_here("综合得分从高到低") == "Score (highest first)"
        assert order_here("实际用地从低到高") == "Land used (lowest first)"
