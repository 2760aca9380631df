"""What headers mean."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mujun.fields import TABLES
from mujun.records.headers import is_unit, meaning, nearest_header
from mujun.records.readings.names_say import scale_said, years_said
from mujun.records.readings.units_said import in_line


@pytest.mark.parametrize(
    ("text", "table", "field", "factor"),
    [
        ("实缴税金", "tax", "tax_paid", 1),
        ("实缴税金（元）", "tax", "tax_paid", Fraction(1, 10_000)),
        ("实缴税金(单位：元)", "tax", "tax_paid", Fraction(1, 10_000)),
        ("实际入库税收（万元）", "tax", "tax_paid", 1),
        ("税收/万元", "tax", "tax_paid", 1),
        ("税收万元", "tax", "tax_paid", 1),
        ("用地面积(平方米)", "land", "area_mu", Fraction(3, 2000)),
        ("用地面积㎡", "land", "area_mu", Fraction(3, 2000)),
        ("建筑面积（亩）", "land", "floor_area_m2", Fraction(2000, 3)),
        ("用电量（万千瓦时）", "energy", "electricity_kwh", 10_000),
        ("2022年用电量（万度）", "energy", "electricity_kwh", 10_000),
        ("天然气（万立方米）", "energy", "gas_m3", 10_000),
        ("化学需氧量（kg）", "emissions", "cod_t", Fraction(1, 1000)),
        ("综合能耗（等价值）", "energy", "energy_tce", 1),
        ("综合能耗(吨标准煤)", "energy", "energy_tce", 1),
        ("综合能耗（当量值）（吨标煤）", "energy", "energy_tce_calorific", 1),
        ("综合能耗（当量值，千克标煤）", "energy", "energy_tce_calorific", Fraction(1, 1000)),
        (" 企 业\n名 称 ", "tax", "name", 1),
        ("企业名称（全称）", "tax", "name", 1),
        ("tax_paid", "tax", "tax_paid", 1),
        ("综合得分（分）", "ratings", "score", 1),
    ],
)
def test_headers_and_their_units(text: str, table: str, field: str, factor: Fraction | int) -> None:
    header = meaning(text, table)
    assert header is not None
    assert (header.field.name, header.factor) == (field, factor)


def test_the_year_before_a_header() -> None:
    header = meaning("2021年度 实缴税金(元)", "tax")
    assert header is not None
    assert (header.year, header.unit_text) == (2021, "元")


@pytest.mark.parametrize("text", ["实缴税金（不含免抵）", "税收占比", "联系电话", "", "x" * 80, "实缴税金（万元，元）"])
def test_a_bracket_that_changes_the_meaning_makes_a_header_unknown(text: str) -> None:
    assert meaning(text, "tax") is None


def test_a_unit_of_another_kind_has_no_factor() -> None:
    header = meaning("实缴税金（吨）", "tax")
    assert header is not None
    assert header.factor is None


@pytest.mark.parametrize("name", TABLES)
def test_every_name_label_and_synonym_is_understood(name: str) -> None:
    for f in TABLES[name].fields:
        for spelling in (f.name, f.label):
            header = meaning(spelling, name)
            assert header is not None
            assert header.field.name == f.name


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("填报单位：嵊州市税务局", []),
        ("计量单位：万元、亩", ["万元", "亩"]),
        ("金额单位：人民币千元（列至角分）", ["千元"]),
        ("2022年工业企业税收（万元）", ["万元"]),
        ("单位：元/平方米", ["元/平方米", "元", "平方米"]),
        ("（单位:万元）", ["万元"]),
        ("2022年度企业名录（规上）", []),
    ],
)
def test_the_line_above_names_units(line: str, units: list[str]) -> None:
    assert [s.text for s in in_line(line, "sheet_title")] == units


def test_nearest() -> None:
    assert nearest_header("实缴税金额", [TABLES["tax"]]) == "实缴税金"
    assert is_unit("（万元）")
    assert not is_unit("企业")


@pytest.mark.parametrize(
    ("texts", "years"),
    [
        (["2022年度企业税收"], [2022]),
        (["2023年报送2022年度税收"], [2022]),
        (["2022年税收"], [2022]),
        (["税收2022"], [2022]),
        (["制表日期：2023年3月5日"], []),
        (["报送_20230305"], []),
        (["2021至2022年"], [2021, 2022]),
        ([""], []),
    ],
)
def test_the_year_that_titles_speak_of(texts: list[str], years: list[int]) -> None:
    assert years_said(texts) == years


def test_the_scale_that_sheets_speak_of() -> None:
    assert scale_said(["规模以上工业企业"]) == "规上"
    assert scale_said(["Sheet1", "规下名单"]) == "规下"
    assert scale_said(["规上规下企业名录"]) is None
