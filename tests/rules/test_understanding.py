"""What an author writes as he would in a notice is understood where it can mean one thing only."""

from __future__ import annotations

import pytest

from mujun.errors import Problem
from mujun.rules.expressions import Expression, Scope, compile_expression
from mujun.rules.expressions.understanding import understood
from mujun.rules.names import dictionary


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("scale = “规上”", "scale = '规上'"),
        ("scale = ‘规上’", "scale = '规上'"),
        ("scale in (“规上”, “规下”)", "scale in ('规上', '规下')"),
        ("“land_mu >= 3”", "land_mu >= 3"),
        ("“规模 = ‘规上’ and 用地面积 >= 20亩”", "规模 = '规上' and 用地面积 >= quantity(20, '亩')"),
        ("tax_paid >= 20万元", "tax_paid >= quantity(20, '万元')"),
        ("tax_paid / land_mu < 6万元/亩", "tax_paid / land_mu < quantity(6, '万元/亩')"),
    ],
)
def test_understood(written: str, meant: str) -> None:
    assert understood(written) == meant
    problems: list[Problem] = []
    compile_expression(
        Expression(written.replace("用地面积", "land_mu")), Scope({m.name: m for m in dictionary()}), problems
    )
    assert problems == []


@pytest.mark.parametrize(
    "written",
    [
        "array_contains(labels, '“三低”企业')", "name = '20万元'", "属“三低”企业 and land_mu > 3", "land_mu >= 3大",
        "quantity(20, '万元') > 3", "“a” = “b”", "上年20万元以上", "a1万元 > 2",
    ],
)  # fmt: skip
def test_left_as_it_is(written: str) -> None:
    assert understood(written) in (written, "“a” = 'b'")


@pytest.mark.parametrize("written", ["tax_paid >= 200000元", "electricity_kwh < 5万千瓦时"])
def test_another_size_of_the_unit_is_said_to_be_that(written: str) -> None:
    problems: list[Problem] = []
    compile_expression(Expression(written), Scope({m.name: m for m in dictionary()}), problems)
    assert [p.code for p in problems] == ["expression_units_differ"]
