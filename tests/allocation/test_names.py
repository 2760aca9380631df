"""What an allocation file sees: its own names over the rating's, its own tables and statistics, the subject's tier."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.allocation import allocate
from mujun.errors import RuleError
from mujun.rating import rate
from tests.allocation.given import enterprises, measure, row_of, rules_of

RATING = """population: {subject: SUBJECT, special: [{id: project, when: "array_contains(labels, '在建')", treatment: ungraded, managed_as: B, reason: 在建}]}
cohorts: [{id: all, when: "true"}]
indicators: {tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
statistics: {mean_tax: {stat: ratio_of_sums, of: tax_paid, per: land_mu}}
scoring: {all: {tax_per_mu: {weight: 100, benchmark: mean_tax}}}
tiers:
  classes: [{id: A}, {id: B}, {id: D}]
  cells: [cohort]
  rank_by: [score]
  cut: {default: {thresholds: {A: 100}, rest: D}}
"""  # noqa: E501
FIRMS: list[dict[str, Any]] = [
    {"credit_code": "X", "group_code": "G", "land_mu": 10, "tax_paid": 100, "electricity_kwh": 10_000},
    {"credit_code": "Y", "group_code": "G", "land_mu": 10, "tax_paid": 10, "electricity_kwh": 20_000},
    {"credit_code": "Z", "land_mu": 10, "tax_paid": 70, "electricity_kwh": 30_000, "labels": ["在建"]},
]


def frame() -> pl.DataFrame:
    firms = enterprises([{k: v for k, v in f.items() if k != "group_code"} for f in FIRMS])
    return firms.with_columns(pl.Series("group_code", [f.get("group_code") for f in FIRMS], dtype=pl.String))


def test_own_names_shadow_the_rating_s(tmp_path: Path) -> None:
    body = 'fields: {tax_per_mu: {value: "land_mu"}}\n' + measure('{id: a, when: "tax_per_mu = 10", value: 0.1}')
    rules = rules_of(tmp_path, body, rating=RATING.replace("SUBJECT", "enterprise"))
    assert allocate(rules, frame(), rate(frame(), rules)).rows.height == 3


def test_the_rating_s_names_are_seen(tmp_path: Path) -> None:
    body = measure('{id: a, when: "tax_per_mu > mean_tax and score > 100 and rank = 1 and size = 3", value: 0.1}')
    rules = rules_of(tmp_path, body, rating=RATING.replace("SUBJECT", "enterprise"))
    allocation = allocate(rules, frame(), rate(frame(), rules))
    assert allocation.rows["credit_code"].to_list() == ["X"]


def test_every_member_has_its_subject_s_tier_and_its_own_use(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path, measure("{id: d, when: \"tier = 'D'\", value: 0.1}"), rating=RATING.replace("SUBJECT", "group")
    )
    allocation = allocate(rules, frame(), rate(frame(), rules))
    # G together: 110 ÷ 20 = 5.5 against (110 + 70) ÷ 30 = 6: D. Z is managed as B.
    assert allocation.rows.select("credit_code", "amount").rows() == [("X", Decimal("0.1")), ("Y", Decimal("0.2"))]


def test_a_tier_that_the_rating_has_not_is_an_error(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path, measure("{id: d, when: \"tier = 'C'\", value: 0.1}"), rating=RATING.replace("SUBJECT", "enterprise")
    )
    with pytest.raises(RuleError) as caught:
        allocate(rules, frame(), rate(frame(), rules))
    assert [p.code for p in caught.value.problems] == ["expression_unknown_choice"]


def test_a_trial_rating_makes_everything_a_trial(tmp_path: Path) -> None:
    trial = RATING.replace("SUBJECT", "enterprise") + "binding: false\n"
    rules = rules_of(tmp_path, measure('{id: d, when: "true", value: 0.1}'), rating=trial)
    allocation = allocate(rules, frame(), rate(frame(), rules))
    assert not allocation.binding
    assert not allocation.rows["binding"].any()


def test_brackets_as_multiples_of_the_own_industry_s_mean(tmp_path: Path) -> None:
    body = (
        "fields: {use_per_mu: {value: electricity_kwh / land_mu}}\n"
        "statistics: {usual: {stat: mean, of: use_per_mu, over: [industry_division]}}\n"
        + measure(
            '{id: twice, when: "use_per_mu >= 1.5 * usual", value: 0.2},'
            '{id: above, when: "use_per_mu > usual", value: 0.1}'
        )
    )
    firms = [
        {"credit_code": c, "industry": i, "land_mu": 1, "electricity_kwh": n}
        for c, i, n in (("A", "1711", 100), ("B", "1722", 300), ("C", "3811", 100), ("D", "3811", 110))
    ]
    allocation = allocate(rules_of(tmp_path, body), enterprises(firms))
    assert {r["credit_code"]: r["rate_ids"] for r in allocation.rows.iter_rows(named=True)} == {
        "B": ["twice"],
        "D": ["above"],
    }


def test_rates_from_a_table(tmp_path: Path) -> None:
    tmp_path.joinpath("matrix.csv").write_text("scale,tier,rate\n规上,D,0.1\n规下,D,0.3\n*,C,0.05\n", encoding="utf-8")
    body = "tables: {matrix: {file: matrix.csv, keys: [scale, tier], units: {rate: 元/千瓦时}}}\n" + measure(
        '{id: by_table, when: "matrix_rate is not null", value: matrix_rate}'
    )
    firms = [
        {"credit_code": c, "scale": s, "tier": t, "electricity_kwh": 10_000}
        for c, s, t in (("A", "规上", "D"), ("B", "规下", "D"), ("C", "规下", "C"), ("D", "规上", "A"))
    ]
    allocation = allocate(rules_of(tmp_path, body), enterprises(firms))
    amounts = {r["credit_code"]: (r["rate"], r["amount"]) for r in allocation.rows.iter_rows(named=True)}
    assert amounts == {
        "A": (Decimal("0.1"), Decimal("0.1")),
        "B": (Decimal("0.3"), Decimal("0.3")),
        "C": (Decimal("0.05"), Decimal("0.05")),
    }
    assert row_of(allocation, "A")["rate_ids"] == ["by_table"]
