"""四舍五入, and decimals that do not depend on order, shape or threads."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mujun.numbers import (
    QUANTITY,
    WIDE,
    at12,
    at12_number,
    divided,
    half_up,
    points_to_decimal,
    round_decimal,
    round_points,
    to_quantity,
    whole,
)
from mujun.numbers.rounding import SETTLED

D = Decimal


def exactly(number: float, places: int) -> Decimal:
    """What a float rounds to: whole numbers of 10⁻¹², then half away from zero."""
    return D(round(number * 1e12)).scaleb(-12).quantize(D(1).scaleb(-places), rounding=ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("number", "places", "expected"),
    [
        (1.005, 2, "1.01"),
        (0.285, 2, "0.29"),
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (-1.005, 2, "-1.01"),
        (0.00005, 4, "0.0001"),
    ],
)
def test_floats_round_as_a_clerk_rounds_them(number: float, places: int, expected: str) -> None:
    frame = pl.DataFrame({"x": [number]})
    points = frame.select(points_to_decimal(round_points(pl.col("x"), places, largest=3.0), places))
    assert points.item() == D(expected)


def test_a_million_random_floats_round_like_python_decimals() -> None:
    source = random.Random(1)
    numbers = [source.uniform(-8999, 8999) for _ in range(900_000)]
    # Halves of the last kept place are what goes wrong when it goes wrong.
    numbers += [(source.randrange(-(10**7), 10**7) * 2 + 1) / 20_000 for _ in range(100_000)]
    frame = pl.DataFrame({"x": numbers})
    got = frame.select(round_points(pl.col("x"), 4, largest=8999.0))["x"]
    expected = [int(exactly(x, 4).scaleb(4)) for x in numbers]
    assert got.to_list() == expected


def test_the_fast_way_and_the_decimal_way_agree() -> None:
    source = random.Random(2)
    frame = pl.DataFrame({"x": [source.uniform(-8999, 8999) for _ in range(200_000)]})
    ways = frame.select(
        round_points(pl.col("x"), 4, largest=8999.0).alias("fast"),
        round_points(pl.col("x"), 4, largest=None).alias("slow"),
    )
    assert ways["fast"].equals(ways["slow"])


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9), st.integers(0, 6)
)
def test_decimals_round_half_away_from_zero(number: Decimal, places: int) -> None:
    expected = number.quantize(D(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert round_decimal(number, places) == expected
    frame = pl.DataFrame({"x": [number]}, schema={"x": WIDE})
    assert frame.select(half_up(pl.col("x"), places)).item() == expected


@given(st.fractions(max_denominator=10**6))
def test_whole_numbers_are_the_nearest(value: Fraction) -> None:
    rounded = whole(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    if abs(rounded - value) == Fraction(1, 2):
        assert abs(rounded) > abs(value)


@given(st.lists(st.decimals(places=6, min_value=-(10**11), max_value=10**11), min_size=1, max_size=50), st.randoms())
def test_sums_of_quantities_do_not_depend_on_order(values: list[Decimal], source: random.Random) -> None:
    shuffled = list(values)
    source.shuffle(shuffled)
    totals = [pl.Series(v, dtype=QUANTITY).cast(pl.Decimal(38, 6)).sum() for v in (values, shuffled)]
    assert totals == [sum(values), sum(values)]


def test_at12_is_the_same_in_a_frame_of_one_row_and_of_many() -> None:
    # Polars divides a column by one number through its reciprocal where the column has several rows.
    source = random.Random(3)
    numbers = [source.uniform(-1, 1) * 10 ** source.randint(-6, 9) for _ in range(20_000)]
    many = pl.DataFrame({"x": numbers}).select(at12(pl.col("x")))["x"].to_list()
    assert many == [at12_number(x) for x in numbers]
    assert pl.DataFrame({"x": [4929.81]}).select(at12(pl.col("x"))).item() == 4929.81


def test_division_by_one_number_is_a_true_division() -> None:
    source = random.Random(4)
    numbers = [source.uniform(-1000, 1000) for _ in range(20_000)]
    got = pl.DataFrame({"x": numbers}).select(divided(pl.col("x"), 3.7))["x"].to_list()
    assert got == [x / 3.7 for x in numbers]


@given(st.lists(st.integers(min_value=-(2**51) + 1, max_value=2**51 - 1), min_size=1, max_size=50))
def test_a_settled_number_is_not_changed_by_being_taken_at_twelve_decimals_again(several: list[int]) -> None:
    # The largest, 2⁵¹ − 1, is 2251.799813685247: times 10¹² it rounds to itself.
    frame = pl.DataFrame({"v": [n / 1e12 for n in several]})
    assert all(abs(n / 1e12) <= SETTLED for n in several)
    assert frame.select(at12(pl.col("v"))).equals(frame)


def test_noise_below_the_twelfth_decimal_does_not_decide() -> None:
    frame = pl.DataFrame({"x": [3 * 1.1 / 1.1]})
    assert not frame.select(at12(pl.col("x")) < 3).item()


@pytest.mark.parametrize("strange", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_missing(strange: float) -> None:
    assert pl.DataFrame({"x": [strange]}).select(at12(pl.col("x"))).item() is None
    assert at12_number(strange) is None


def test_quantities_from_floats_are_their_shortest_decimal() -> None:
    assert to_quantity([0.1, 12.3456785, None, 7, D("1.0000005")]).to_list() == [
        D("0.100000"), D("12.345679"), None, D("7.000000"), D("1.000001"),
    ]  # fmt: skip


@pytest.mark.parametrize("strange", [1e12, D("-1e12"), float("inf")])
def test_quantities_have_a_bound(strange: object) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        to_quantity([strange], "tax_paid")
