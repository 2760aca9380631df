"""城镇土地使用税 by township and grade of each parcel."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mujun.errors import UsageError
from mujun.numbers import round_decimal
from mujun.records import land_use_tax
from mujun.records.land_use_tax import _fifteenths

halves = st.integers(-(10**9), 10**9).map(lambda k: k * 15_000_000 + 7_500_000)
"""Products whose fifteenth lies between two of six decimals."""

GRADES = pl.DataFrame(
    {
        "township": ["城关", "城关", "*", "*"],
        "land_grade": ["1", "*", "3", "*"],
        "tax_rate": [Decimal(6), Decimal(5), Decimal(3), Decimal(2)],
    }
)
PARCELS = pl.DataFrame({"parcel": ["P1", "P2", "P3"], "land_grade": ["1", "2", "3"]})
FIRMS = pl.DataFrame({"credit_code": ["A", "B", "C"], "township": ["城关", "城关", "河口"]})


def land(*rows: tuple[str, str | None, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "credit_code": [r[0] for r in rows],
            "parcel": [r[1] for r in rows],
            "tenure": [r[2] for r in rows],
            "area_mu": pl.Series([Decimal(r[3]) for r in rows], dtype=pl.Decimal(18, 6)),
        },
        schema_overrides={"parcel": pl.String},
    )


def test_twenty_mu_at_six_yuan_owe_eight_wan() -> None:
    tax = land_use_tax(land(("A", "P1", "自有", "20")), PARCELS, GRADES, FIRMS)
    assert tax.due.rows() == [("A", Decimal(20), Decimal(8))]
    assert tax.lines["area_m2"].to_list() == [Decimal("13333.333333")]


def test_own_land_by_grade_whoever_uses_it() -> None:
    # A: 10 亩 × 6 + 5 亩 × 5 = 85 ÷ 15 = 5.666667; what it rents is its landlord's to pay, what it lets its own.
    rows = land(("A", "P1", "自有", "10"), ("A", "P2", "自有", "5"), ("A", "P3", "租入", "9"), ("A", "P1", "租出", "4"))
    tax = land_use_tax(rows, PARCELS, GRADES, FIRMS)
    assert tax.due.rows() == [("A", Decimal(15), Decimal("5.666667"))]


@pytest.mark.parametrize(("code", "parcel", "rate"), [("B", "P3", 5), ("C", "P3", 3), ("C", "P1", 2), ("C", None, 2)])
def test_the_nearest_row_of_the_grades(code: str, parcel: str | None, rate: int) -> None:
    tax = land_use_tax(land((code, parcel, "自有", "1")), PARCELS, GRADES, FIRMS)
    assert tax.lines["tax_rate"].to_list() == [rate]


def test_land_without_a_rate_leaves_the_due_open() -> None:
    tax = land_use_tax(land(("A", "P1", "自有", "1"), ("C", "P1", "自有", "1")), PARCELS, GRADES.head(2), FIRMS)
    assert tax.due["land_use_tax_due"].to_list() == [Decimal("0.4"), None]
    assert tax.unknown["credit_code"].to_list() == ["C"]


def test_missing_columns_are_named() -> None:
    with pytest.raises(UsageError) as caught:
        land_use_tax(land(), PARCELS, GRADES.drop("tax_rate"), FIRMS)
    assert [p.code for p in caught.value.problems] == ["land_tax_columns"]


@given(st.lists(st.one_of(st.none(), st.integers(-(9 * 10**18) + 1, 9 * 10**18 - 1), halves)))
def test_a_fifteenth_in_whole_numbers_is_the_exact_one_rounded(twelfths: list[int | None]) -> None:
    given = [None if n is None else Decimal(n).scaleb(-12) for n in twelfths]
    exact = [None if n is None else round_decimal(Fraction(n) / 15, 6) for n in given]
    assert _fifteenths(pl.Series(given, dtype=pl.Decimal(38, 12))).to_list() == exact


def test_a_fifteenth_of_what_is_too_large_for_whole_numbers() -> None:
    assert _fifteenths(pl.Series([Decimal("12345678.123456789012"), None], dtype=pl.Decimal(38, 12))).to_list() == [
        Decimal("823045.208230"),
        None,
    ]
