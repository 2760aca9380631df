"""A rule set as a document: everything a notice would print, in Chinese, without a formula left in code."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from mujun import messages
from mujun.messages import speaking
from mujun.rules import addresses, load_rules
from mujun.rules.document import Document, Heading, Paragraph, Table
from mujun.rules.model.names import Interpolation
from mujun.rules.showing import show_rules
from mujun.rules.showing_rating import INTERPOLATIONS

CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|<>|>=|<=|\b(AND|OR|NOT|CASE|COALESCE|NULLIF|INTERVAL|IS NULL)\b|'")
"""What a formula left in code looks like."""
NAMES = re.compile(r"\S+\.csv|https?://\S+|（企业按 group_code 合并）|electricity_price")
"""What is a name and no formula: files, addresses, the group of measures of which one applies."""

HEAD = "mujun: 1\nkind: rating\nname: 试\nyears: [2022]\n"


@cache
def shipped(address: str) -> Document:
    """The document of a set that ships."""
    return show_rules(load_rules(address))


def texts(document: Document) -> list[str]:
    shown_texts: list[str] = []
    for part in document.parts:
        if isinstance(part, Table):
            shown_texts += [part.caption, *part.titles, *(c for row in part.rows for c in row)]
        else:
            shown_texts.append(part.text)
    return shown_texts


def table_of(document: Document, title: str) -> Table:
    return next(p for p in document.parts if isinstance(p, Table) and title in (p.caption, *p.titles))


def shown(folder: Path, **files: str) -> Document:
    for kind, text in files.items():
        (folder / f"{kind}.yaml").write_text(text, encoding="utf-8")
    return show_rules(load_rules(folder))


@pytest.mark.parametrize("address", addresses())
def test_every_shipped_set_reads_without_code(address: str) -> None:
    document = shipped(address)
    left = [t for t in texts(document) if CODE.search(NAMES.sub("", t))]
    assert left == []
    assert document.title == load_rules(address).name


@pytest.mark.parametrize("address", addresses())
def test_tables_are_even_and_headings_lead_to_something(address: str) -> None:
    parts = shipped(address).parts
    for part in parts:
        if isinstance(part, Table):
            assert {len(row) for row in part.rows} <= {len(part.titles)}
            assert part.titles
    assert not isinstance(parts[-1], Heading)
    assert all(not (isinstance(a, Heading) and isinstance(b, Heading)) or a.level < b.level for a, b in pairwise(parts))


def test_shengzhou_says_what_its_files_say() -> None:
    document = show_rules(load_rules("zhejiang/shengzhou-2022"))
    headings = [p.text for p in document.parts if isinstance(p, Heading) and p.level == 1]
    assert headings == [
        "一、评价对象", "二、指标与权重", "三、加分与减分", "四、分档", "五、高耗低效整治", "六、资源要素差别化配置",
        "七、目标", "八、梯队",
    ]  # fmt: skip
    told = texts(document)
    assert "评价范围：规模为规上，或实际用地不少于3亩。范围以外的不参评。" in told
    assert "投产日期加2年晚于评价基准日" in told
    assert (
        "嵊政〔2022〕28号（核对于2026-11-23） http://www.szzj.gov.cn/art/2022/5/18/art_1229351765_1867954.html" in told
    )
    special = table_of(document, "特殊情形（依次判断，先符合者适用）")
    assert special.rows[-1][0] == "重大项目在建，评价不定档"
    assert special.rows[-1][-1] == "B"
    above = table_of(document, "规上：权重与基准值")
    assert above.rows[0][:2] == ("亩均税收", "30")
    assert above.rows[-1][:2] == ("合计", "100")
    cut = next(p for p in document.parts if isinstance(p, Table) and p.caption.startswith("规下：名额"))
    assert cut.rows == (
        ("A", "5%", "前5%"), ("B", "70%", "前75%"), ("C", "20%", "前95%"), ("D", "5%", "前100%"),
    )  # fmt: skip


def test_it_is_chinese_whatever_the_language() -> None:
    rules = load_rules("zhejiang/huangyan-2022")
    with speaking("en"):
        english = show_rules(rules)
    assert english == show_rules(rules)


METHODS = """\
indicators:
  i: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
cohorts: [{id: all, label: 全体, when: "true"}]
scoring:
  all:
    i: {weight: 100, %s}
"""


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("benchmark: 20", "权重 × 指标值 ÷ 基准值"),
        ("method: minmax, start: 0.2", "最低者得权重的20%"),
        ("method: inverse, benchmark: 3, zero_at: 2", "2倍得零分"),
        ("method: linear, points: [[3, 0], [10, 0.6]]", "10得权重的60%"),
        ("method: steps, steps: [{at_least: 30, share: 1}, {at_least: 15, share: 0.6}]", "达到15得权重的60%"),
        ("method: percentile", "占本组的比例"),
        ("method: formula, benchmark: 2, formula: 'weight * ln(1 + value / benchmark)'", "ln（1 + 指标值 ÷ 基准值）"),
        ("benchmark: 20, missing: {points: 5}, negative: zero", "缺数据得5分；为负得零分"),
        ("benchmark: 20, missing: reweight", "缺数据权重分给其余指标"),
        ("benchmark: 20, cap: 1.2", "至多120分（权重的1.2倍）"),
    ],
)
def test_every_method_has_words(written: str, words: str, tmp_path: Path) -> None:
    document = shown(tmp_path, rating=HEAD + METHODS % written)
    assert any(words in t for t in texts(document))


@pytest.mark.parametrize("taken", get_args(Interpolation))
def test_a_quantile_says_what_is_taken_between_two_places(taken: Interpolation, tmp_path: Path) -> None:
    rating = (
        "cohorts: [{id: all, when: 'true'}]\n"
        "indicators: {tax: {of: tax_paid, per: land_mu}}\n"
        f"statistics: {{limit: {{label: 界线, stat: quantile, q: 0.65, of: tax, interpolation: {taken}}}}}\n"
        "scoring: {all: {tax: {weight: 100, benchmark: limit}}}\n"
        "tiers: {classes: [{id: A}], cut: {default: {shares: {A: 100}}}}\n"
    )
    (line,) = table_of(shown(tmp_path, rating=HEAD + rating), "统计值").rows
    assert f"0.65分位（在两位之间{INTERPOLATIONS[taken]}）" in line
    # An explanation says it in the same words; what is taken in proportion it computes.
    if taken != "linear":
        assert INTERPOLATIONS[taken] in messages.catalogue()[messages.key(f"explain_quantile_{taken}")]["zh"]


def test_thresholds_and_picks(tmp_path: Path) -> None:
    cut = """\
tiers:
  classes: [{id: A}, {id: B}]
  cut:
    default: {thresholds: {A: 90}, rest: B}
    all: {picks: [{id: best, tier: A, among: "rank <= 0.5 * size", by: i, take: 15}], rest: B}
"""
    document = shown(tmp_path, rating=HEAD + METHODS % "benchmark: 20" + cut)
    told = texts(document)
    assert "不低于90" in told
    assert "15%" in told
    assert any("名次" in t and "参评数" in t for t in told)


def test_a_trial_year_says_so(tmp_path: Path) -> None:
    document = shown(tmp_path, rating=HEAD + METHODS % "benchmark: 20" + "binding: false\n")
    assert Paragraph("试评：结果不作为执行依据。") in document.parts


def test_floors_are_said(tmp_path: Path) -> None:
    told = texts(shown(tmp_path, rating=HEAD + METHODS % "benchmark: 20"))
    assert "指标得分保留4位小数，综合得分保留4位小数，四舍五入。单项得分最低0分。" in told
    told = texts(shown(tmp_path, rating=HEAD + METHODS % "benchmark: 20, cap: 1.2, floor: -0.5"))
    assert "至多120分（权重的1.2倍）；至少-50分（权重的-0.5倍）" in told
    assert any(t.endswith("单项得分最低0分，表中另写的除外。") for t in told)


def test_default_is_said_by_the_cohorts_it_is_for() -> None:
    captions = [p.caption for p in shipped("zhejiang/shengzhou-2022").parts if isinstance(p, Table)]
    assert [c.split("：")[0] for c in captions if "名额四舍五入" in c] == ["规上", "规下"]


def test_what_stands_in_a_lookup_table_is_printed() -> None:
    printed = table_of(shipped("zhejiang/wenling-parks-2022"), "对照表“industry”")
    assert printed.titles[0] == "行业大类"
    assert printed.rows[0] == ("17", "纺织鞋帽橡塑")
    assert printed.rows[-1] == ("其余", "其他")


def test_a_long_lookup_table_is_printed_in_part(tmp_path: Path) -> None:
    rows = "".join(f"{i:04d},{i}\n" for i in range(400))
    (tmp_path / "guide.csv").write_text("industry,base\n" + rows, encoding="utf-8")
    table = "tables: {guide: {file: guide.csv, keys: [industry]}}\n"
    document = shown(tmp_path, rating=HEAD + table + METHODS % "benchmark: guide_base")
    assert len(table_of(document, "对照表“guide”").rows) == 300
    assert "以上为前300行，全部400行见 guide.csv。" in texts(document)


def test_names_without_a_label_are_said_by_their_formula(tmp_path: Path) -> None:
    rating = HEAD + (
        "fields: {big: {value: land_mu >= 30}, taxes: {value: tax_paid + tax_credit}}\n"
        "population: {scope: big}\n"
        "indicators: {i: {unit: 万元/亩, of: taxes, per: land_mu}}\n"
        'cohorts: [{id: all, label: 全体, when: "true"}]\n'
        "scoring: {all: {i: {weight: 100, benchmark: 2}}}\n"
    )
    told = texts(shown(tmp_path, rating=rating))
    assert "评价范围：（实际用地不少于30亩）。范围以外的不参评。" in told
    assert any("实际用地" in t and "（实缴税金 + " in t for t in told)
    assert [t for t in told if CODE.search(t) or "taxes" in t or "big" in t] == []


REFUND = """\
mujun: 1
kind: allocation
name: 试
years: [2022]
measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/kWh
    period: {from: 2023-01-01, until: 2023-06-30}
    exclusive: price
    rate: [{id: d, when: "tier = 'D'", value: 0.1}]
  - id: other
    label: 阶梯电价
    kind: surcharge
    of: electricity_kwh
    per: 元/kWh
    exclusive: price
    rate: [{id: d, when: "tier = 'D'", value: 0.2}]
  - id: back
    label: 整改返还
    kind: relief
    refunds: power
    per: share
    rate: [{id: all, when: "true", value: 0.5}]
"""


def test_a_refund_says_the_period_of_what_it_gives_back(tmp_path: Path) -> None:
    told = texts(shown(tmp_path, allocation=REFUND))
    assert "“差别化电价”2023-01-01至2023-06-30的执行金额" in told
    assert "与“阶梯电价”只执行金额最高的一项" in told
