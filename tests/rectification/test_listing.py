"""Listing: reasons with what triggered them, exemptions, paths, deadlines, expected effects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.errors import RatingError, RuleError
from mujun.rating import rate
from mujun.rectification import COLUMNS, Listing, exits, list_enterprises
from mujun.rules import RuleSet, load_rules
from mujun.rules.rectification_plan import check_rectification
from tests.allocation.given import enterprises, rules_of

RULES = """fields:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, value: "tax_paid / land_mu"}
listing:
  - {id: low, when: "scale = '规上' and tax_per_mu < 6", reason: 低税}
  - {id: tier_d, when: "tier = 'D'", reason: D类}
  - {id: twice, when: "tier = 'D' and streak >= 2", reason: 连续D类}
exempt:
  - {id: young, when: "started_on + interval '2 years' > as_of", of: low, reason: 新投产}
  - {id: project, when: "array_contains(labels, '重大项目')", reason: 重大项目}
paths:
  - {id: close, when: "streak >= 2", path: 关停退出, months: 2}
  - {id: upgrade, when: "land_mu < 50", path: 整治提升, months: 12}
exit: {when: "tax_per_mu >= 5", evidence: [税单]}
"""
YOUNG = {"started_on": date(2021, 6, 1)}
PROJECT = {"labels": ["重大项目"]}
FIRMS: list[dict[str, Any]] = [
    {"credit_code": "A", "name": "低税", "scale": "规上", "land_mu": 10, "tax_paid": 59.99, "tier": "C"},
    {"credit_code": "B", "name": "恰六", "scale": "规上", "land_mu": 10, "tax_paid": 60, "tier": "C"},
    {"credit_code": "C", "name": "两年", "scale": "规下", "land_mu": 10, "tax_paid": 90, "tier": "D", "tier_last": "D"},
    {"credit_code": "D", "name": "新厂", "scale": "规上", "land_mu": 10, "tax_paid": 1, "tier": "C", **YOUNG},
    {"credit_code": "E", "name": "新D", "scale": "规上", "land_mu": 60, "tax_paid": 1, "tier": "D", **YOUNG},
    {"credit_code": "F", "name": "项目", "scale": "规上", "land_mu": 10, "tax_paid": 1, "tier": "D", **PROJECT},
    {"credit_code": "G", "name": "未报", "scale": "规上", "land_mu": 10, "tier": "C"},
]  # fmt: skip


@pytest.fixture
def rules(tmp_path: Path) -> RuleSet:
    return rules_of(tmp_path, RULES, "rectification")


@pytest.fixture
def listing(rules: RuleSet) -> Listing:
    return list_enterprises(rules, enterprises(FIRMS))


def test_every_reason_is_kept_and_exemptions_take_away_their_own(listing: Listing) -> None:
    reasons = {r["credit_code"]: r["reasons"] for r in listing.rectification.iter_rows(named=True)}
    assert reasons == {"A": ["low"], "C": ["tier_d", "twice"], "E": ["tier_d"]}
    assert dict(listing.rectification.select("credit_code", "reason_text").iter_rows())["C"] == "D类；连续D类"
    assert tuple(listing.rectification.columns) == COLUMNS
    assert set(listing.rectification["state"]) == {"screened"}


def test_exemptions_keep_their_reasons(listing: Listing) -> None:
    assert listing.exempted.select("credit_code", "reason", "exempt").rows() == [
        ("D", "low", "young"),
        ("E", "low", "young"),
        ("F", "low", "project"),
        ("F", "tier_d", "project"),
    ]
    counts = {r["reason"]: (r["met"], r["exempted"], r["listed"]) for r in listing.counts.iter_rows(named=True)}
    assert counts == {"low": (4, 3, 1), "tier_d": (3, 1, 2), "twice": (1, 0, 1)}


def test_reasons_keep_the_values_that_triggered_them(listing: Listing) -> None:
    triggers = listing.triggers.filter((pl.col("credit_code") == "A") & (pl.col("reason") == "low"))
    assert triggers.select("field", "label", "value", "unit").rows() == [
        ("scale", "规模", "规上", ""),
        ("tax_per_mu", "亩均税收", "5.999", "万元/亩"),
    ]
    assert set(triggers["condition"]) == {"scale = '规上' and tax_per_mu < 6"}, "the threshold, as the rules write it"


def test_a_statistic_without_a_label_is_named_by_what_it_is(tmp_path: Path) -> None:
    body = """statistics:
  middle: {stat: median, of: tax_paid, over: [industry]}
listing:
  - {id: low, when: "tax_paid < middle", reason: 低于中位}
exit: {when: "tax_paid >= middle"}
"""
    rules = rules_of(tmp_path, body, "rectification")
    firms = [{"credit_code": c, "industry": "3411", "tax_paid": tax} for c, tax in (("A", 1), ("B", 5), ("C", 9))]
    labels = list_enterprises(rules, enterprises(firms)).triggers.select("field", "label").rows()
    assert labels == [("middle", "同行业代码实缴税金的中位数"), ("tax_paid", "实缴税金")]
    assert set(exits(rules, enterprises(firms))[1].select("field", "label").rows()) == set(labels)


def test_the_first_path_gives_the_deadline_and_none_gives_none(listing: Listing) -> None:
    paths = {r[0]: r[1:] for r in listing.rectification.select("credit_code", "path", "deadline").iter_rows()}
    assert paths == {
        "A": ("整治提升", date(2024, 1, 1)),
        "C": ("关停退出", date(2023, 3, 1)),
        "E": (None, None),
    }


def test_deadlines_count_from_the_day_of_listing_and_stop_at_the_month_s_end(rules: RuleSet) -> None:
    in_december = list_enterprises(rules, enterprises(FIRMS), listed_on=date(2022, 12, 31))
    assert dict(in_december.rectification.select("credit_code", "deadline").iter_rows())["C"] == date(2023, 2, 28)


def test_what_could_not_be_told_is_noted(listing: Listing) -> None:
    noted = {(r[0], r[1]): r[2] for r in listing.notes.iter_rows()}
    assert noted["G", "listing.low"] == ["tax_per_mu"]
    assert ("B", "listing.low") not in noted


@pytest.mark.parametrize(
    ("energy", "expected"),
    [((100, 50, 25), "58.333333"), ((100, None, 1), "50.5"), ((None, None, None), None), ((7, None, None), "7")],
)
def test_by_default_land_and_the_mean_of_the_years_reported(
    rules: RuleSet, energy: tuple[Any, ...], expected: str | None
) -> None:
    firm = dict(FIRMS[0]) | dict(zip(("energy_tce", "energy_tce_last", "energy_tce_last2"), energy, strict=True))
    row = list_enterprises(rules, enterprises([firm])).rectification.row(0, named=True)
    assert row["expected_land_mu"] == 10
    assert row["expected_energy_tce"] == (None if expected is None else Decimal(expected))


def test_a_scope_limits_the_list(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "scope: \"scale = '规下'\"\n" + RULES, "rectification")
    assert list_enterprises(rules, enterprises(FIRMS)).rectification["credit_code"].to_list() == ["C"]


def test_the_exit_rule_says_who_meets_it_and_by_what(rules: RuleSet) -> None:
    met, values = exits(rules, enterprises(FIRMS))
    met = met.drop("with_margin")
    assert dict(met.iter_rows()) == {"A": True, "B": True, "C": True, "D": False, "E": False, "F": False, "G": None}
    assert values.filter(pl.col("credit_code") == "A")["value"].to_list() == ["5.999"]


def test_the_margin_of_the_exit_rule_is_told_apart(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES.replace("evidence: [税单]", 'margin: "tax_per_mu >= 6"'), "rectification")
    met, _ = exits(rules, enterprises(FIRMS))
    by_code = {code: (when, over) for code, when, over in met.iter_rows()}
    # A pays 5.999 and B exactly 6 万元 per mu.
    assert by_code["A"] == (True, False)
    assert by_code["B"] == (True, True)
    assert by_code["D"] == (False, False)
    assert by_code["G"] == (None, None)


def test_evidence_may_be_asked_of_some_paths_only(tmp_path: Path) -> None:
    body = RULES.replace("[税单]", "[税单, {kind: 拆除凭证, paths: 关停退出}]")
    rules = rules_of(tmp_path / "right", body, "rectification")
    assert rules.rectification is not None
    assert rules.rectification.exit is not None
    assert rules.rectification.exit.evidence_for("整治提升") == ("税单",)
    assert rules.rectification.exit.evidence_for("关停退出") == ("税单", "拆除凭证")
    wrong = rules_of(tmp_path / "wrong", body.replace("paths: 关停退出", "paths: 关停推出"), "rectification")
    assert wrong.rectification is not None
    assert [p.code for p in check_rectification(wrong, wrong.rectification)[1]] == ["evidence_of_unknown"]


def test_the_list_stands_on_the_rating() -> None:
    """An included statistic of the rating, the cohort's order, and the treatment reach the list."""
    rules = load_rules("zhejiang/shengzhou-2022")
    firm = {"scale": "规上", "industry": "3812", "land_mu": 10, "value_added": 100, "energy_tce": 10}
    frame = enterprises(
        [
            {**firm, "credit_code": "A", "tax_paid": 300},
            {**firm, "credit_code": "B", "tax_paid": 30},
            {**firm, "credit_code": "C", "tax_paid": 10, "industry": "4420"},
        ]
    )
    of_rating = list_enterprises(rules, frame, rate(frame, rules))
    assert of_rating.rectification.select("credit_code", "reasons").rows() == [("B", ["low_tax_above"])]
    assert of_rating.exempted.select("credit_code", "exempt").rows() == [("C", "not_rated")]
    assert of_rating.rectification["score"][0] is not None
    shuffled = list_enterprises(rules, frame.reverse(), rate(frame.reverse(), rules))
    assert shuffled.rectification.equals(of_rating.rectification)


def test_an_empty_frame_gives_an_empty_list(rules: RuleSet, listing: Listing) -> None:
    of_nobody = list_enterprises(rules, enterprises(FIRMS).clear())
    assert of_nobody.rectification.schema == listing.rectification.schema
    assert of_nobody.rectification.height == of_nobody.triggers.height == of_nobody.exempted.height == 0


def test_two_data_years_at_once_are_refused(rules: RuleSet) -> None:
    frame = pl.concat([enterprises(FIRMS[:1], 2021), enterprises(FIRMS[1:2], 2022)])
    with pytest.raises(RatingError) as caught:
        list_enterprises(rules, frame)
    assert [p.code for p in caught.value.problems] == ["frame_years"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("listing: []\n", "listing_empty"),
        (RULES.replace("of: low", "of: lwo"), "exempt_of_unknown"),
        (RULES.replace("months: 12", "months: 0"), "path_months"),
        (RULES + "watch: {months: -1}\n", "path_months"),
        (RULES.replace("id: twice", "id: low"), "id_twice"),
        (RULES + "effects: {land: land_mu}\n", "effect_unknown"),
        (RULES + "effects: {land_mu: energy_tce}\n", "unit_unlike"),
        (RULES.replace("tax_per_mu < 6", "tax_per_mu"), "expression_wants_condition"),
        (RULES.replace('streak >= 2", path', 'streka >= 2", path'), "expression_unknown_name_near"),
    ],
)
def test_mistakes(tmp_path: Path, body: str, code: str) -> None:
    rules = rules_of(tmp_path, body, "rectification")
    assert rules.rectification is not None
    assert code in [p.code for p in check_rectification(rules, rules.rectification)[1]]
    with pytest.raises(RuleError):
        list_enterprises(rules, enterprises(FIRMS))


def test_energy_may_be_counted_at_the_calorific_value(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES + "effects: {energy_tce: energy_tce_calorific}\n", "rectification")
    by_calorific = list_enterprises(rules, enterprises([dict(FIRMS[0]) | {"energy_tce_calorific": 3}]))
    assert (by_calorific.energy_basis, by_calorific.rectification["expected_energy_tce"][0]) == ("calorific", 3)


def test_a_set_without_rectification_or_exit_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        list_enterprises(load_rules("zhejiang/ruian-electricity-2022"), enterprises(FIRMS))
    assert [p.code for p in caught.value.problems] == ["rules_no_rectification"]
    without = rules_of(tmp_path, 'listing: [{id: a, when: "true", reason: 一}]\n', "rectification")
    with pytest.raises(RuleError) as caught:
        exits(without, enterprises(FIRMS))
    assert [p.code for p in caught.value.problems] == ["exit_none"]
