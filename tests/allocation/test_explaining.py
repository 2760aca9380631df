"""An amount can be argued: its words name the rule, the base, the rate, the cap and the document."""

from __future__ import annotations

from pathlib import Path

from mujun.allocation import allocate, explain_amount
from mujun.messages import speaking
from mujun.rules import load_rules
from tests.allocation.given import enterprises, rules_of, usage


def test_a_capped_surcharge_in_words() -> None:
    firm = {"credit_code": "T", "name": "大户", "scale": "规下", "tier": "D", "electricity_kwh": 3_650_000}
    allocation = allocate(load_rules("zhejiang/ruian-electricity-2022"), enterprises([firm]))
    with speaking("zh"):
        lines = explain_amount(allocation, "T")
    assert lines == (
        "大户（T）：2022 年度 D 类，连续第 1 年。",
        "差别化电价（加价，依据：瑞安日报2022年11月17日），2022-12-01 至 2023-06-30",
        "  2022-12-01 至 2023-06-30（212 天）适用标准 d_small：0.3 元/千瓦时",
        "    因为 档次为D，且规模为规下；规模 规下、档次 D",
        "  计量 用电量：没有用量记录，按全年数 3650000 千瓦时 折算 212 天，"
        "3650000 × （31 ÷ 365 + 181 ÷ 365） = 2120000 千瓦时",
        "  3650000 × （31 ÷ 365 + 181 ÷ 365） × 0.3 元/千瓦时 ÷ 10000 = 63.6 万元",
        "  每家至多 50 万元",
        "  金额 50 万元",
    )


def test_every_step_has_its_words(tmp_path: Path) -> None:
    body = """binding: false
measures:
  - {id: lost, label: 甲, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, exclusive: price, rate: [{id: x, when: "tier = 'D'", value: 0.1}]}
  - {id: won, label: 乙, kind: surcharge, of: electricity_kwh, per: 元/千瓦时, exclusive: price, rate: [{id: x, when: "tier = 'D'", value: 0.2}]}
  - {id: free, label: 丙, kind: surcharge, of: water_m3, per: 元/立方米, rate: [{id: x, when: "tier = 'D'", value: 0.2}],
     exempt: [{id: small, when: "water_m3 < 10", reason: 用水少}]}
  - {id: lacking, label: 丁, kind: surcharge, of: gas_m3, per: 元/立方米, rate: [{id: x, when: "true", value: 0.2}]}
  - {id: word, label: 戊, kind: note, rate: [{id: x, when: "true", note: 先限电}]}
  - {id: lump, label: 己, kind: relief, per: 万元, rate: [{id: x, when: "true", value: 3}]}
  - {id: steps, label: 庚, kind: surcharge, of: heat_gj, per: 元/吉焦, rate: [{id: x, when: "true", value: 1, until: 2022-06-30}, {id: y, when: "true", value: 2}]}
"""  # noqa: E501
    firm = {"credit_code": "T", "tier": "C", "managed_as": "D", "electricity_kwh": 10, "water_m3": 5, "heat_gj": 365}
    records = usage(("T", "电", "2022-01-01", "2022-01-31", 7), ("T", "热", "2022-01-01", "2022-12-31", 365))
    allocation = allocate(rules_of(tmp_path, body), enterprises([firm]), usage=records)
    with speaking("en"):
        text = "\n".join(explain_amount(allocation, "T"))
    for words in (
        "published as C, managed as D",
        "for 31 of 365 days, 7 千瓦时 in all; days without a record are not counted",
        "usage records for all 365 days",
        "excluded by “乙”",
        "exempt by small: 用水少",
        "data missing (天然气)",
        "under x: 先限电",
        "a lump sum of 3 万元",
        "all segments together",
        "a trial",
        "试验〔2022〕1号",
    ):
        assert words in text
    assert text.count("a trial") == 7


def test_an_enterprise_that_nothing_touches() -> None:
    allocation = allocate(
        load_rules("zhejiang/ruian-electricity-2022"), enterprises([{"credit_code": "T", "tier": "A"}])
    )
    with speaking("en"):
        assert explain_amount(allocation, "T") == ("T: no measure applies.",)
