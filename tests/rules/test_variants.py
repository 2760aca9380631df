"""Variants of a rule set: what a setting changes, what it leaves, and how it refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mujun.errors import MujunError, RuleError, UsageError
from mujun.rules import load_kept, load_rules
from mujun.rules.differing import differences
from mujun.rules.ruleset import RuleSet
from mujun.rules.variants import setting_of, variant
from mujun.rules.yaml_text import node_of, written

ADDRESS = "zhejiang/shengzhou-2022"


@pytest.fixture(scope="module")
def base() -> RuleSet:
    return load_rules(ADDRESS)


def changed(base: RuleSet, *settings: str) -> list[tuple[str, str, object, object]]:
    """Everything that the variant says differently, besides its name."""
    made = variant(base, "试", [setting_of(s) for s in settings])
    told = [d for d in differences(base, made) if d.key not in ("name", "status")]
    return [(d.kind, d.key, d.before, d.after) for d in told]


@pytest.mark.parametrize(
    ("setting", "kind", "key", "before", "after"),
    [
        ("scoring.above.tax_per_mu.weight=35", "rating", "scoring.above.tax_per_mu.weight", Decimal(30), Decimal(35)),
        ("tiers.after.veto.at_most=B", "rating", "tiers.after.veto.at_most", "C", "B"),
        ("rating.tiers.after.veto.at_most=B", "rating", "tiers.after.veto.at_most", "C", "B"),
        ("tiers.cut.default.shares.A=25", "rating", "tiers.cut.default.shares.A", Decimal(20), Decimal(25)),
        ("tiers.cut.below.ties=worse", "rating", "tiers.cut.below.ties", None, "worse"),
        ("tiers.rank_by=[score]", "rating", "tiers.rank_by", ["score", "tax_per_mu"], ["score"]),
        (
            "population.scope=land_mu >= 5",
            "rating", "population.scope", "scale = '规上' or land_mu >= 3", "land_mu >= 5",
        ),
        ("decimals={points: 4, score: 1}", "rating", "decimals.score", Decimal(2), Decimal(1)),
        ("allocation.binding=false", "allocation", "binding", None, False),
        (
            "measures.electricity.max_amount=80",
            "allocation", "measures.electricity.max_amount", Decimal(50), Decimal(80),
        ),
        (
            "measures.electricity.rate.d_small.value=0.5",
            "allocation", "measures.electricity.rate.d_small.value", Decimal("0.30"), Decimal("0.5"),
        ),
    ],
)  # fmt: skip
def test_one_setting_changes_one_thing(
    base: RuleSet, setting: str, kind: str, key: str, before: object, after: object
) -> None:
    assert changed(base, setting) == [(kind, key, before, after)]


def test_settings_add_up_and_come_in_order(base: RuleSet) -> None:
    both = changed(
        base, "tiers.cut.default.shares.A=25", "tiers.cut.default.shares.B=65", "tiers.cut.default.shares.A=30"
    )
    assert [(k, a) for _, k, _, a in both] == [
        ("tiers.cut.default.shares.A", Decimal(30)),
        ("tiers.cut.default.shares.B", Decimal(65)),
    ]
    rates = changed(base, "measures.electricity.rate.d_small.value=0.5", "measures.electricity.rate.c_small.value=0.2")
    assert [a for *_, a in rates] == [Decimal("0.2"), Decimal("0.5")]


def test_entries_are_taken_out_and_put_in(base: RuleSet) -> None:
    made = variant(
        base,
        "a",
        [
            setting_of("adjustments.items.leasing=~"),
            setting_of("tiers.verify=~"),
            setting_of("tiers.after.small={when: 'land_mu < 3', at_most: C, reason: 用地不足3亩}"),
        ],
    )
    assert made.rating is not None
    assert made.rating.tiers is not None
    assert base.rating is not None
    assert "leasing" in {a.id for a in base.rating.adjustments.items}
    assert "leasing" not in {a.id for a in made.rating.adjustments.items}
    assert made.rating.tiers.verify == {}
    assert [a.id for a in made.rating.tiers.after][-1] == "small"


def test_a_variant_is_kept_and_read_like_any_rule_set(base: RuleSet) -> None:
    made = variant(base, "a", [setting_of("scoring.below.tax_per_mu.cap=1.2")])
    assert made.address == f"{ADDRESS}@a"
    again = load_kept(made.address, made.texts)
    assert again.resolved == made.resolved
    # Its own files say nothing but the change and whose it is.
    text = made.texts[f"{ADDRESS}@a/rating.yaml"]
    assert f'extends: "{ADDRESS}"' in text
    assert text.endswith("scoring:\n  below:\n    tax_per_mu:\n      cap: 1.2\n")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("scoring.abov.tax_per_mu.weight=35", "是否为“scoring.above.tax_per_mu.weight”"),
        ("tiers.after.vet.at_most=B", "是否为“tiers.after.veto.at_most”"),
        ("cut.default.shares.A=3", "是否为“tiers.cut.default.shares.A”"),
        ("measures.electicity.max_amount=3", "是否为“measures.electricity.max_amount”"),
        ("scoring.above.tax_per_mu.weight.x=3", "scoring.above.tax_per_mu.weight 是一个值"),
        ("binding=false", "rating.binding、allocation.binding"),
        ("targets.x=1", "规则中没有“targets.x”"),
        ("nothing=1", "规则中没有“nothing”"),
        ("adjustments.items.leasin=~", "是否为“adjustments.items.leasing”"),
        ("measures.electricity.kind=note", "是从别的规则集引用的"),
        ("weight", "应写成 路径=值"),
        ("tiers.rank_by=[score", "读不懂"),
    ],
)
def test_a_path_that_leads_nowhere_gets_the_nearest(base: RuleSet, setting: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        variant(base, "a", [setting_of(setting)])
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "path", "words"),
    [
        ("scoring.above.tax_per_mu.wieght=3", "scoring.above.tax_per_mu.wieght", "是否为“weight”"),
        ("scoring.above.tax_per_mu.weight=重", "scoring.above.tax_per_mu.weight", "应为数"),
        ("scoring.above.tax_per_mu.benchmark=peer_tax", "scoring.above.tax_per_mu.benchmark", "不是已知"),
        ("tiers.cut.default.shares.A=70", "tiers.cut.default", "由小到大"),
        ("tiers.after.veto.at_most=Z", "tiers.after.veto", "Z"),
        ("listing.low_above.when=tax_per_mu <", "listing.low_above.when", "“<”后面缺一个数或名称"),
        ("measures.electricity.rate.d_small.valu=1", "measures.electricity.rate.d_small.valu", "是否为“value”"),
    ],
)
def test_a_wrong_value_is_told_by_its_path(base: RuleSet, setting: str, path: str, words: str) -> None:
    if setting.startswith("listing"):
        assert base.rectification is not None
        first = base.rectification.listing[0].id
        setting, path = setting.replace("low_above", first), path.replace("low_above", first)
    with pytest.raises(MujunError) as refused:
        variant(base, "a", [setting_of(setting)])
    assert isinstance(refused.value, RuleError)
    assert any(str(p).startswith(path) and words in str(p) for p in refused.value.problems), str(refused.value)
    # No file of the variant is named: nobody could open it.
    assert "@a" not in str(refused.value)


def test_all_wrong_paths_are_told_at_once(base: RuleSet) -> None:
    with pytest.raises(UsageError) as refused:
        variant(base, "a", [setting_of("x.y=1"), setting_of("tiers.cut.default.shares.A=25"), setting_of("z.y=1")])
    assert len(refused.value.problems) == 2


def test_a_tree_reads_back_as_it_was_written() -> None:
    from mujun.rules.tree import plain, read_tree

    value = {
        "a": Decimal("0.30"), "b": "true", "c": True, "d": None, "e": "x: y # z",
        "f": ["1", Decimal(1), {"id": "甲, 乙"}],
        "g": {"键": "值\"'", "h": {}}, "i": [],
    }  # fmt: skip
    assert plain(read_tree(written(node_of(value)), "x.yaml")) == value


NESTED = """mujun: 1
kind: allocation
name: 某县
place: 某县
years: [2022]
status: example
sources: [{document: 例, checked: 2026-11-23}]
include:
  - from: zhejiang/shengzhou-2022
    measures:
      - {id: electricity, max_amount: 60}
      - {id: factors, label: 要素}
measures: []
"""


def nested(text: str = NESTED) -> RuleSet:
    """A county whose allocation includes one that itself includes others: electricity comes over two steps."""
    return load_kept("某县", {**load_rules(ADDRESS).texts, "某县/allocation.yaml": text})


def test_a_measure_of_an_include_of_an_include_is_changed_by_its_id() -> None:
    included = {m.id: m for part in nested().allocation_parts for m in part.measures}
    assert included["electricity"].max_amount == Decimal(60)
    assert included["factors"].label == "要素"
    only = nested(NESTED.replace("    measures:\n", "    only: [electricity]\n    measures:\n"))
    assert [m.id for part in only.allocation_parts for m in part.measures] == ["electricity"]


def test_a_setting_reaches_a_measure_of_an_include_of_an_include() -> None:
    told = changed(nested(), "measures.electricity.max_amount=80", "measures.electricity.rate.d_small.value=0.5")
    assert {key: (before, after) for _, key, before, after in told} == {
        "measures.electricity.max_amount": (Decimal(60), Decimal(80)),
        "measures.electricity.rate.d_small.value": (Decimal("0.30"), Decimal("0.5")),
    }


@pytest.mark.parametrize("wrong", ["only: [electricty]\n    measures:\n", "measures:\n      - {id: electricty}\n"])
def test_a_measure_that_no_included_file_has_is_told_once(wrong: str) -> None:
    with pytest.raises(RuleError) as refused:
        nested(NESTED.replace("measures:\n", wrong, 1))
    assert str(refused.value).count("electricty") == 1
    assert "是否为“electricity”" in str(refused.value)
