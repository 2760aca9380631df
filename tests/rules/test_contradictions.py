"""Conditions that can never hold: what is called impossible really is, and the plain cases are seen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.rules.contradictions import Conditions
from mujun.rules.expressions import Expression, Meaning, Scope, compile_expression
from mujun.rules.named_values import dictionary

SCOPE = Scope({m.name: m for m in dictionary()}).with_meanings(
    [
        Meaning("tier", "text", 0, None, "档次", ("A", "B", "C", "D")),
        Meaning("streak", "exact", 0, None, "连续年数"),
        Meaning("flag", "boolean", 0, None, "标志"),
        Meaning("ratio", "number", 0, None, "比值"),
    ]
)
CONDITIONS = Conditions(SCOPE, {"outside": Expression("park is null")})


@pytest.mark.parametrize(
    "text",
    [
        "land_mu > 5 and land_mu < 3",
        "land_mu >= 3 and land_mu < 3",
        "实际用地 > 5 and land_mu < 3",
        "land_mu = 3 and land_mu <> 3",
        "land_mu between 5 and 3",
        "not (land_mu >= 3 or land_mu < 5)",
        "scale = '规上' and scale = '规下'",
        "scale in ('规上') and scale <> '规上'",
        "tier not in ('A', 'B', 'C', 'D')",
        "tier = 'A' and (tier = 'B' or tier = 'C')",
        "land_mu is null and land_mu > 3",
        "park is null and park is not null",
        "streak > 1 and streak < 2",
        "streak < 0",
        "electricity_kwh < 0",
        "industry_division = '441'",
        "array_contains(labels, '甲') and not array_contains(labels, '甲')",
        "flag and not flag",
        "flag = true and flag = false",
        "ratio > 2 and ratio * 1 >= 0 and ratio < 1",
        "tax_paid / land_mu > 5 and tax_paid / land_mu < 3",
        "started_on > date '2022-01-01' and started_on < date '2021-01-01'",
        "started_on > '2022-01-01' and started_on < '2021-01-01'",
        "land_mu > rented_in_mu and land_mu < rented_in_mu",
        "land_mu > rented_in_mu and rented_in_mu >= land_mu",
        "1 > 2",
        "false",
        "land_mu > 10 * 10 and land_mu < 99",
        "land_mu > quantity(5, '亩') and land_mu < 3",
    ],
)
def test_it_can_never_hold(text: str) -> None:
    assert CONDITIONS.never(Expression(text))


@pytest.mark.parametrize(
    "text",
    [
        "land_mu > 3 and land_mu < 5",
        "land_mu >= 3 and land_mu <= 3",
        "land_mu > 5 or land_mu < 3",
        "land_mu > 5 and rented_in_mu < 3",
        # The frame's land is what is owned and rented in less what is let: it may be below zero.
        "land_mu <= 0",
        "profit < 0",
        "coalesce(land_mu, 0) <= 0 and land_mu is null",
        "tier <> 'A'",
        "streak > 1 and streak < 3",
        "park = '甲' or park is null",
        "left(industry, 2) = '17' and left(industry, 3) = '175'",
        "array_contains(labels, '甲') and array_contains(labels, '乙')",
        "land_mu > rented_in_mu and land_mu > rented_out_mu",
        "nonsense(((",
        "true",
    ],
)
def test_it_may_hold(text: str) -> None:
    assert not CONDITIONS.never(Expression(text))


def test_a_field_stands_for_its_condition() -> None:
    assert CONDITIONS.never(Expression("outside and park = '甲'"))


@pytest.mark.parametrize(
    ("earlier", "later", "nothing"),
    [
        ("true", "land_mu > 3", True),
        ("land_mu > 3", "land_mu > 5", True),
        ("land_mu > 5", "land_mu > 3", False),
        ("tier = 'D'", "tier = 'D' and streak >= 3", True),
        ("tier = 'D' and streak >= 3", "tier = 'D'", False),
        ("land_mu >= 3 or scale = '规上'", "scale = '规上'", False),
        ("scale in ('规上', '规下')", "scale = '规上'", True),
        # The earlier one may be missing where the later one holds.
        ("land_mu >= 3 or land_mu < 3", "scale = '规上'", False),
        ("array_contains(labels, '甲')", "array_contains(labels, '甲') and land_mu > 3", True),
    ],
)
def test_what_an_earlier_rule_leaves(earlier: str, later: str, nothing: bool) -> None:
    assert CONDITIONS.leaves_nothing(Expression(earlier), Expression(later)) is nothing


def test_a_condition_that_is_too_long_is_left_alone() -> None:
    long = " and ".join(f"(land_mu > {i} or rented_in_mu > {i})" for i in range(12))
    assert not CONDITIONS.never(Expression(f"{long} and land_mu > 5 and land_mu < 3"))


# ------------------------------------------------------------------------------------------------ against every row

ROWS = pl.DataFrame(
    [
        dict(zip(("land_mu", "streak", "tier", "flag", "started_on"), row, strict=True))
        for row in product(
            (None, Decimal(2), Decimal(3), Decimal("3.5"), Decimal(5)),
            (None, Decimal(0), Decimal(1), Decimal(2)),
            (None, "A", "B", "D"),
            (None, True, False),
            (None, date(2021, 6, 1), date(2022, 6, 1)),
        )
    ],
    schema={
        "land_mu": pl.Decimal(18, 6),
        "streak": pl.Decimal(38, 0),
        "tier": pl.String,
        "flag": pl.Boolean,
        "started_on": pl.Date,
    },
    orient="row",
)

_PLAIN = st.one_of(
    st.builds(
        "land_mu {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]), st.sampled_from([2, 3, "3.5", 5])
    ),
    st.builds("{1} {0} land_mu".format, st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from([2, 3, 5])),
    st.builds("land_mu between {} and {}".format, st.sampled_from([2, 3]), st.sampled_from([2, 3, 5])),
    st.builds("streak {} {}".format, st.sampled_from(["<", ">", "=", ">="]), st.sampled_from([0, 1, 2])),
    st.builds("streak {} land_mu".format, st.sampled_from(["<", ">", "=", "<="])).map(
        lambda t: t.replace("land_mu", "2 + 0")
    ),
    st.builds("tier {} '{}'".format, st.sampled_from(["=", "<>"]), st.sampled_from("ABCD")),
    st.sampled_from(["tier in ('A', 'B')", "tier not in ('A', 'D')", "flag", "flag = false", "true", "false"]),
    st.builds("{} is {}null".format, st.sampled_from(["land_mu", "tier", "flag"]), st.sampled_from(["", "not "])),
    st.builds("started_on {} date '2022-01-01'".format, st.sampled_from(["<", ">="])),
)
_CONDITION = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=7,
)


def met(text: str) -> pl.Series:
    problems: list[object] = []
    compiled = compile_expression(Expression(text), SCOPE, problems)  # type: ignore[arg-type]
    assert compiled is not None, problems
    return ROWS.select(met=compiled.value.expr & pl.repeat(value=True, n=pl.len()))["met"].fill_null(value=False)


@settings(max_examples=300)
@given(_CONDITION)
def test_nothing_that_some_row_meets_is_called_impossible(text: str) -> None:
    if CONDITIONS.never(Expression(text)):
        assert not met(text).any()


@settings(max_examples=300)
@given(_CONDITION, _CONDITION)
def test_nothing_that_a_row_reaches_is_called_unreachable(earlier: str, later: str) -> None:
    if CONDITIONS.leaves_nothing(Expression(earlier), Expression(later)):
        assert not (met(later) & ~met(earlier)).any()
