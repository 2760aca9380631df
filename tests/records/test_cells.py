"""What a cell's text means."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mujun.numbers import parse_unit
from mujun.numbers import whole as nearest
from mujun.records.cells import (
    choices,
    converting,
    dates,
    exact_number,
    industries,
    quantities,
    tiers,
    words,
    years,
)

MONEY = parse_unit("万元")


def quantity(text: str, factor: Fraction = Fraction(1)) -> Decimal | str | None:
    """The value of one cell, or what is wrong with it."""
    read = quantities(pl.Series([text]), factor, MONEY)
    value: Decimal | None = read.values[0]
    return read.trouble[0] or value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", "12.5"),
        ("１２．５", "12.5"),
        (" 12.5\u3000", "12.5"),
        ("1,234,567.89", "1234567.89"),
        ("1 234 567.89", "1234567.89"),
        ("+3", "3"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("(1,234.50)", "-1234.5"),
        ("（３）", "-3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.2e3", "1200"),
        ("¥5", "5"),
        ("1.005", "1.005"),
        ("0.0000005", "0.000001"),
        ("-0.0000005", "-0.000001"),
        ("12.34567849", "12.345678"),
        ("999999999999.999999", "999999999999.999999"),
        ("12345元", "1.2345"),
        ("12.5 万元", "12.5"),
        ("3亿元", "30000"),
        ("0", "0"),
    ],
)
def test_numbers_as_departments_write_them(text: str, value: str) -> None:
    assert quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "--", "—", "——", "/", "无", "N/A", "暂无", "  ", "－"])
def test_blank_is_missing_and_not_zero(text: str) -> None:
    read = quantities(pl.Series([text]))
    assert read.values[0] is None
    assert read.trouble[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "12,34",
        "12 34",
        "约12",
        "12-15",
        "12万",
        "12亩",
        "12%",
        "5²",
        "①",
        "#DIV/0!",
        "1.2.3",
        "1..2",
        "O",
        "十二",
        "()",
        "$",
    ],
)
def test_what_is_not_understood_is_said_and_not_guessed(text: str) -> None:
    codes = {"12,34": "thousands_unclear", "12 34": "thousands_unclear", "$": "foreign_money"}
    assert quantity(text) == codes.get(text, "unreadable_cell")


@pytest.mark.parametrize("text", ["1000000000000", "-1e12", "9" * 30, "999999999999.9999999"])
def test_too_large_is_too_large(text: str) -> None:
    assert quantity(text) == "too_large"


def test_percent_is_a_unit_of_a_ratio() -> None:
    assert quantities(pl.Series(["12.5%"]), unit=parse_unit("")).values[0] == Decimal("0.125")
    assert quantities(pl.Series(["12.5%"]), unit=parse_unit("%")).values[0] == Decimal("12.5")


@pytest.mark.parametrize(
    ("given_in", "wanted", "text", "value"),
    [
        ("㎡", "亩", "2000", "3"),
        ("㎡", "亩", "1", "0.0015"),
        ("亩", "㎡", "1", "666.666667"),
        ("亩", "㎡", "3", "2000"),
        ("元", "万元", "0.005", "0.000001"),
        ("公顷", "亩", "2.5", "37.5"),
        ("万千瓦时", "千瓦时", "12.3456", "123456"),
        ("kg", "吨", "1,500", "1.5"),
        ("亿元", "万元", "1.23456789012", "12345.678901"),
    ],
)
def test_units_convert_exactly(given_in: str, wanted: str, text: str, value: str) -> None:
    factor = converting(parse_unit(given_in), parse_unit(wanted))
    assert factor is not None
    assert quantities(pl.Series([text]), factor, parse_unit(wanted)).values[0] == Decimal(value)


def test_calorific_columns_are_written_in_plain_tce() -> None:
    assert converting(parse_unit("吨标煤"), parse_unit("吨标煤(当量值)")) == 1
    assert converting(parse_unit("吨标煤(当量值)"), parse_unit("吨标煤")) is None


_FACTORS = st.sampled_from([Fraction(1), Fraction(3, 2000), Fraction(1, 10_000), Fraction(2000, 3), Fraction(15)])


@given(st.lists(st.decimals(min_value=-(10**8), max_value=10**8, places=9), min_size=1, max_size=30), _FACTORS)
def test_columns_are_read_like_exact_fractions(numbers: list[Decimal], factor: Fraction) -> None:
    read = quantities(pl.Series([format(n, "f") for n in numbers]), factor)
    expected = [Decimal(nearest(Fraction(n) * factor * 10**6)).scaleb(-6) for n in numbers]
    assert read.values.to_list() == expected
    assert read.trouble.null_count() == len(numbers)


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=4))
def test_separators_and_width_make_no_difference(number: Decimal) -> None:
    plain, grouped = format(number, "f"), f"{number:,}"
    wide = plain.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789.-"})
    values = quantities(pl.Series([plain, grouped, wide])).values.to_list()
    assert values == [number.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)] * 3


@given(st.text(max_size=12))
def test_any_text_is_a_value_a_blank_or_a_trouble(text: str) -> None:
    read = quantities(pl.Series([text]), unit=MONEY)
    assert (read.values[0] is not None) + (read.trouble[0] is not None) <= 1
    dates(pl.Series([text]))
    years(pl.Series([text]))


def test_one_number_by_hand() -> None:
    assert exact_number("(12)") == -12
    assert exact_number("(-12)") is None
    assert exact_number("$12", unit=parse_unit("亩")) is None
    assert exact_number("12)") is None


# --------------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "text",
    [
        "2021年3月5日",
        "2021年03月05日",
        "2021年3月5号",
        "2021 年 3 月 5 日",
        "2021.3.5",
        "2021.03.05",
        "2021-3-5",
        "2021/3/5",
        "20210305",
        "２０２１－３－５",
        "44260",
        "44260.75",
        "2021-03-05 12:30:00",
        "2021/3/5 0:00",
        "2021-03-05T00:00:00",
    ],
)
def test_dates_in_every_form(text: str) -> None:
    assert dates(pl.Series([text])).values[0] == date(2021, 3, 5)


@pytest.mark.parametrize("text", ["2021年3月", "2021年03月份", "2021-03", "2021/3"])
def test_a_month_is_its_first_day_or_its_last(text: str) -> None:
    assert dates(pl.Series([text])).values[0] == date(2021, 3, 1)
    assert dates(pl.Series([text]), end=True).values[0] == date(2021, 3, 31)


@pytest.mark.parametrize(
    "text", ["2021", "2021年", "2021.3", "2021-02-30", "3/5/2021", "21.3.5", "20211305", "12", "去年"]
)
def test_doubtful_dates_are_unreadable(text: str) -> None:
    read = dates(pl.Series([text]))
    assert read.values[0] is None
    assert read.trouble[0] == "unreadable_cell"


@pytest.mark.parametrize("text", ["长期", "至今", "/", ""])
def test_a_period_without_end(text: str) -> None:
    read = dates(pl.Series([text]), end=True)
    assert (read.values[0], read.trouble[0]) == (None, None)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_every_day_reads_back(day: date) -> None:
    forms = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
    ]
    assert dates(pl.Series(forms)).values.to_list() == [day] * 4


def test_dates_keep_the_order_of_rows() -> None:
    read = dates(pl.Series(["2021-01-02", "x", None, "2021-01-01", "x", "2021-01-02"]))
    assert read.values.to_list() == [date(2021, 1, 2), None, None, date(2021, 1, 1), None, date(2021, 1, 2)]
    assert read.trouble.to_list() == [None, "unreadable_cell", None, None, "unreadable_cell", None]


# ------------------------------------------------------------------------------------------------- years, choices, text


@pytest.mark.parametrize(
    ("text", "year"), [("2022", 2022), ("2022年", 2022), ("2022年度", 2022), ("２０２２", 2022), ("20222", 20222)]
)
def test_years(text: str, year: int) -> None:
    assert years(pl.Series([text])).values[0] == year


def test_years_are_not_dates() -> None:
    assert years(pl.Series(["2022-12-31"])).trouble[0] == "unreadable_cell"


def test_choices_by_synonym_and_unknown_ones_stay_to_be_found() -> None:
    read = choices(
        pl.Series(["规 上", "规模以上", "否", "大型", "-"]), ("规上", "规下"), (("规模以上", "规上"), ("否", "规下"))
    )
    assert read.to_list() == ["规上", "规上", "规下", "大型", None]


def test_industry_codes() -> None:
    read = industries(pl.Series(["3811", "C3811", "3811 电动机制造", "17-纺织业", "纺织业", "38110", "３８"]))
    assert read.to_list() == ["3811", "3811", "3811", "17", "纺织业", "38110", "38"]


def test_tiers() -> None:
    assert tiers(pl.Series(["A类", "Ａ", "b 档", "B+", "优秀", "/"])).to_list() == ["A", "A", "B", "B+", "优秀", None]


def test_a_line_break_within_a_cell_is_closed_up() -> None:
    assert words(pl.Series([" 嵊州市\n示例公司 ", "无", "\u3000"])).to_list() == ["嵊州市示例公司", None, None]
