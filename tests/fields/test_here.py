"""The dictionary's labels, units and tenures in the reader's language; what is quoted or on record stays."""

from __future__ import annotations

import pytest

from mujun.fields import TABLES
from mujun.fields.english import ENGLISH_TABLES
from mujun.fields.here import unit_here, values_here
from mujun.messages import speaking
from mujun.records import Finding

SAID = {
    "label": "实缴税金", "labels": ["用地面积（亩）", "土地使用税(元)"], "table": "税收", "unit": "万元",
    "units": "元/万元", "proof": "用电量", "proof_value": "205342 千瓦时", "tenure": "租入", "header": "实缴税金",
    "value": "万元", "count": 3, "other": "示例1厂",
}  # fmt: skip


def test_in_chinese_nothing_changes() -> None:
    with speaking("zh"):
        assert values_here(SAID) == SAID
        assert unit_here("万元") == "万元"


def test_in_english_the_dictionary_has_its_words_and_what_a_file_wrote_stays() -> None:
    with speaking("en"):
        assert values_here(SAID) == {
            "label": "Tax paid", "labels": ["Land area (mu)", "土地使用税(元)"], "table": "Tax", "unit": "10k yuan",
            "units": "yuan/10k yuan", "proof": "Electricity used", "proof_value": "205342 kWh", "tenure": "rented in",
            "header": "实缴税金", "value": "万元", "count": 3, "other": "示例1厂",
        }  # fmt: skip
        assert unit_here("千瓦时") == "kWh"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_word(name: str) -> None:
    with speaking("en"):
        assert values_here({"table": TABLES[name].label})["table"] == ENGLISH_TABLES[name]


def test_a_finding_is_told_in_the_words_of_its_language() -> None:
    values = {"label": "用电量", "unit": "千瓦时", "last": "205342", "units": "万千瓦时/千瓦时"}
    finding = Finding("unit_slip", "warning", "energy", name="甲厂", value="14.2", values=values)
    with speaking("en"):
        assert "“Electricity used” is 14.2 kWh, last year 205342 kWh" in finding.what
    with speaking("zh"):
        assert "用电量" in finding.what
