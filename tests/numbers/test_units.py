"""Units: exact both ways, and what cannot be converted is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mujun.numbers import NO_UNIT, UnknownUnit, conversion, parse_unit

EXACT = [
    ("㎡", "亩", Fraction(3, 2000)),
    ("亩", "平方米", Fraction(2000, 3)),
    ("元", "万元", Fraction(1, 10_000)),
    ("亿元", "万元", Fraction(10_000)),
    ("公顷", "亩", Fraction(15)),
    ("km²", "亩", Fraction(1500)),
    ("万千瓦时", "kWh", Fraction(10_000)),
    ("万立方米", "m³", Fraction(10_000)),
    ("kg", "t", Fraction(1, 1000)),
    ("万吨标煤", "tce", Fraction(10_000)),
    ("%", "", Fraction(1, 100)),
    ("万元/亩", "元/㎡", Fraction(15)),
    ("万元/万千瓦时", "元/千瓦时", Fraction(1)),
]


@pytest.mark.parametrize(("given_unit", "wanted", "factor"), EXACT)
def test_conversions_are_exact_both_ways(given_unit: str, wanted: str, factor: Fraction) -> None:
    there = conversion(parse_unit(given_unit), parse_unit(wanted))
    back = conversion(parse_unit(wanted), parse_unit(given_unit))
    assert there == factor
    assert back == 1 / factor


@given(st.sampled_from(EXACT), st.fractions(min_value=-(10**9), max_value=10**9))
def test_a_figure_converted_there_and_back_is_itself(case: tuple[str, str, Fraction], figure: Fraction) -> None:
    there = conversion(parse_unit(case[0]), parse_unit(case[1]))
    back = conversion(parse_unit(case[1]), parse_unit(case[0]))
    assert there is not None
    assert back is not None
    assert figure * there * back == figure


@pytest.mark.parametrize(
    ("one", "other"), [("吨标煤", "千瓦时"), ("亩", "万元"), ("吨", "吨标煤"), ("吨标煤", "吨标煤(当量值)")]
)
def test_unlike_units_have_no_conversion(one: str, other: str) -> None:
    assert conversion(parse_unit(one), parse_unit(other)) is None


def test_a_bracketless_text_without_unit_is_a_plain_number() -> None:
    assert parse_unit("") == NO_UNIT


@pytest.mark.parametrize("strange", ["万里", "元/头", "foo"])
def test_unknown_units_are_refused(strange: str) -> None:
    with pytest.raises(UnknownUnit):
        parse_unit(strange)


def test_units_multiply_and_divide() -> None:
    assert parse_unit("万元") / parse_unit("亩") == parse_unit("万元/亩")
    assert str(parse_unit("万元/吨标煤")) == "万元/吨标煤"
