"""Credit codes, local codes, repairs, names."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from mujun.records.identity import (
    ALPHABET,
    is_credit_code,
    is_local_code,
    names_several,
    normal_code,
    normal_name,
    repair_of,
    valid,
)
from tests.records.files import code


def one(expression: pl.Expr, text: str | None) -> object:
    return pl.DataFrame({"c": [text]}, schema={"c": pl.String}).select(expression).item()


@pytest.mark.parametrize("good", ["91350100M000100Y43", "91512081MA62K0260E", "11330683002584812B"])
def test_codes_that_are_right(good: str) -> None:
    assert valid(good)
    assert repair_of(good) == good


@given(st.text(alphabet=ALPHABET + "OIZ", min_size=16, max_size=19))
def test_the_column_says_what_stdnum_says(text: str) -> None:
    body = text[:17]
    for candidate in (text, "91330683" + text[:10]):
        assert one(is_credit_code(pl.col("c")), candidate) == uscc.is_valid(candidate) or candidate[0] in "ANY"
    if len(body) == 17 and set(body) <= set(ALPHABET) and body[:8].isdigit() and body[0] != "0":
        assert valid(body + uscc.calc_check_digit(body))


def test_authorities_that_are_letters_are_in_the_standard() -> None:
    body = "N2330683MF1234567"
    assert valid(body + uscc.calc_check_digit(body))


@pytest.mark.parametrize("local", ["ZR330683000001", "GT33068312"])
def test_local_codes_are_a_declared_form(local: str) -> None:
    assert valid(local)
    assert one(is_local_code(pl.col("c")), local)


@pytest.mark.parametrize("text", ["Z330683000001", "330683000001", "ZR33068", "ZR3306830000000001", "", None])
def test_other_forms_are_not(text: str | None) -> None:
    assert not one(is_local_code(pl.col("c")).fill_null(False), text)
    assert not one(is_credit_code(pl.col("c")), text)


def test_each_documented_repair() -> None:
    good = "91330110MA210Y2T1D"
    good = good[:17] + uscc.calc_check_digit(good[:17])
    assert repair_of(good.replace("0", "O")) == good
    assert repair_of(good.replace("1", "I")) == good
    assert repair_of(good.replace("2", "Z")) == good
    assert repair_of(good.lower()) == good
    assert repair_of(f" {good[:8]} {good[8:]}") == good
    assert repair_of("".join(chr(ord(c) + 0xFEE0) for c in good)) == good


def test_no_repair_where_nothing_vouches_for_it() -> None:
    good = code(1)
    assert repair_of(good[:10]) is None
    assert repair_of(good[:17].replace("0", "O")) is None
    wrong = good[:17] + ("1" if good[17] != "1" else "2")
    assert repair_of(wrong) is None
    assert repair_of("") is None


@given(st.integers(0, 99_999), st.integers(0, 17), st.sampled_from("OIZ"))
def test_a_repair_is_always_valid(number: int, at: int, letter: str) -> None:
    broken = code(number)[:at] + letter + code(number)[at + 1 :]
    repaired = repair_of(broken)
    assert repaired is None or valid(repaired)


def test_normal_writing() -> None:
    assert one(normal_code(pl.col("c")), "'９１３３ 0683ma2b") == "91330683MA2B"


@pytest.mark.parametrize(
    ("left", "right"),
    [("示例（嵊州）有限公司", "示例(嵊州)有限公司"), ("示例有限责任公司", "示例 有限公司"), ("ＡＢＣ厂", "abc厂")],
)
def test_names_that_are_the_same(left: str, right: str) -> None:
    assert one(normal_name(pl.col("c")), left) == one(normal_name(pl.col("c")), right)


@pytest.mark.parametrize(
    "text",
    [
        "甲公司、乙公司",
        "甲厂；乙有限公司",
        "甲公司\n乙厂",
        "示例村，示例合作社",
        "张三、李四",
        "甲公司/乙公司",
        "甲公司,王五",
    ],
)
def test_several_holders(text: str) -> None:
    assert one(names_several(pl.col("c")), text)


@pytest.mark.parametrize("text", ["甲公司", "示例（杭州、嵊州）公司", "ABC Co., Ltd", "王五", "示例村", "甲、乙合伙厂"])
def test_one_holder(text: str) -> None:
    assert not one(names_several(pl.col("c")), text)
