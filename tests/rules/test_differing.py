"""What changed between two rule sets, told in words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mujun.messages import speaking
from mujun.rules import RuleSet, addresses, load_rules
from mujun.rules.differing import differences
from mujun.rules.folders import shipped_rules

SHENGZHOU = "zhejiang/shengzhou-2022"


def changed(folder: Path, file: str, *edits: tuple[str, str]) -> RuleSet:
    """The set of 嵊州 with some texts of a file exchanged."""
    for source in (shipped_rules() / SHENGZHOU).iterdir():
        text = source.read_text(encoding="utf-8")
        if source.name == file:
            for old, new in edits:
                assert old in text
                text = text.replace(old, new, 1)
        (folder / source.name).write_text(text, encoding="utf-8")
    return load_rules(folder)


@pytest.mark.parametrize("address", addresses())
def test_a_set_does_not_differ_from_itself(address: str) -> None:
    assert differences(load_rules(address), load_rules(address)) == ()


NO_LAND = """\
    - {id: no_land, when: "coalesce(land_mu, 0) <= 0", treatment: measured, reason: 用地面积待核实，只算指标}
"""
STOPPED = """\
    - {id: stopped, when: "array_contains(labels, '全年停产')", treatment: measured, reason: 全年停产，只算指标}
"""
NOT_MANUFACTURING = """\
    - {id: not_manufacturing, when: "not is_manufacturing", treatment: out, reason: 不属制造业}
"""


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "sentence"),
    [
        ("rating", "tax_per_mu: {weight: 30", "tax_per_mu: {weight: 35", "scoring.above.tax_per_mu.weight",
         "规上 › 亩均税收 › 权重：由 30 改为 35，+5"),
        ("rating", "peer_tax_per_mu, cap: 1.5}", "24.5, cap: 1.5}", "scoring.above.tax_per_mu.benchmark",
         "规上 › 亩均税收 › 基准值：由 本组同行业大类评价税收与实际用地的合计之比 改为 24.5"),
        ("rating", "{A: 5, B: 75", "{A: 10, B: 75", "tiers.cut.below.shares.A",
         "分档 › 分档 › 规下 › 累计百分比 › A：由 5 改为 10，+5"),
        ("rating", "rated_tax >= 5000", "rated_tax >= 8000", "tiers.before.top_taxpayer.when",
         "分档 › 分档前直接定档 › “评价税收5000万元以上，直接列A类” › 条件："
         "由 评价税收不少于5000万元 改为 评价税收不少于8000万元"),
        ("rating", NO_LAND, "", "population.special.no_land",
         "删去 评价对象与范围 › 特殊情形 › “用地面积待核实，只算指标”，原为 "
         "条件 实际用地（缺失时为0）不超过0；处理 只算指标；理由 用地面积待核实，只算指标"),
        ("rating", "missing: cohort_mean", "missing: zero", "scoring.above.va_per_emission.missing",
         "规上 › 单位排放增加值 › 值缺失时：由 取本组平均得分 改为 得零分"),
        ("rectification", "path: 拆除重建, months: 24", "path: 拆除重建, months: 18", "paths.rebuild.months",
         "整治方式 › “拆除重建” › 完成时限：由 24 改为 18，−6"),
        ("allocation", "    period: {year: +1}\n", "    period: {year: +2}\n", "measures.factors.period.year",
         "措施 › “用地用能排污指标” › 执行期 › 数据年度之后第几年全年：由 1 改为 2，+1"),
    ],
)  # fmt: skip
def test_one_change_is_one_sentence(file: str, old: str, new: str, key: str, sentence: str, tmp_path: Path) -> None:
    changes = differences(load_rules(SHENGZHOU), changed(tmp_path, f"{file}.yaml", (old, new)))
    assert [str(d) for d in changes] == [f"{sentence}（{file}: {key}）"]


def test_a_year_of_huangyan() -> None:
    changes = differences(load_rules("zhejiang/huangyan-2021"), load_rules("zhejiang/huangyan-2022"))
    bases = {d.key: (d.before, d.after) for d in changes if d.key.endswith("benchmark")}
    assert bases["scoring.above.tax_per_mu.benchmark"] == (Decimal("26.01"), Decimal("24.097"))
    assert len(bases) == 8
    assert "适用的数据年度：由 2021 改为 2022（rating: years）" in [str(d) for d in changes]
    assert "新增 规上 › 单位排放增加值 › 值缺失时：取本组平均得分（rating: scoring.above.va_per_emission.missing）" in [
        str(d) for d in changes
    ]


def test_a_default_that_is_written_out_is_no_difference(tmp_path: Path) -> None:
    again = changed(tmp_path, "rating.yaml", ("binding: true\n", ""), ("weight: 20,", "weight: 20, method: ratio,"))
    assert differences(load_rules(SHENGZHOU), again) == ()


def test_the_order_of_first_match_rules_counts(tmp_path: Path) -> None:
    turned = (NOT_MANUFACTURING + STOPPED, STOPPED + NOT_MANUFACTURING)
    changes = differences(load_rules(SHENGZHOU), changed(tmp_path, "rating.yaml", turned))
    assert [d.key for d in changes] == ["population.special"]


def test_a_whole_file_and_a_lookup_table(tmp_path: Path) -> None:
    wenling = load_rules("zhejiang/wenling-parks-2022")
    for file in (shipped_rules() / wenling.address).iterdir():
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace("17,纺织鞋帽橡塑", "17,其他"), encoding="utf-8")
    sentences = [str(d) for d in differences(wenling, load_rules(tmp_path))]
    assert sentences == ["对照表 industry_group.csv：由 17,纺织鞋帽橡塑 改为 17,其他（tables: industry_group.csv）"]
    both = differences(load_rules("zhejiang/huangyan-2022"), load_rules(SHENGZHOU))
    assert {"rectification.yaml", "allocation.yaml"} <= {d.key for d in both}


def test_english_names_keys_and_keeps_formulas(tmp_path: Path) -> None:
    again = changed(tmp_path, "rating.yaml", ("rated_tax >= 5000", "rated_tax >= 8000"))
    with speaking("en"):
        (sentence,) = (str(d) for d in differences(load_rules(SHENGZHOU), again))
    assert sentence.endswith(
        "when: from rated_tax >= 5000 to rated_tax >= 8000 (rating: tiers.before.top_taxpayer.when)"
    )


def test_included_measures_are_compared_by_what_they_come_to(tmp_path: Path) -> None:
    other = changed(
        tmp_path, "allocation.yaml", ("from: zhejiang/linhai-water-2022", "from: zhejiang/linhai-water-2019")
    )
    changes = {d.key: d for d in differences(load_rules(SHENGZHOU), other)}
    assert changes["measures.water.rate.d.value"].before == Decimal("0.3")
    assert changes["measures.water.rate.d.value"].after == Decimal("1")
    assert str(changes["measures.water.of"]).startswith("措施 › “差别化水价” › 计量对象：由 用水量 改为")
    later = changed(tmp_path, "allocation.yaml", ("until: 2023-12-31", "until: 2023-11-30"))
    (sentence,) = (str(d) for d in differences(load_rules(SHENGZHOU), later))
    assert sentence.startswith("措施 › “差别化电价” › 执行期 › 至：由 2023-12-31 改为 2023-11-30（allocation: ")
