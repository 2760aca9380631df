"""What an author writes as he would in a notice is understood where it can mean one thing only."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from mujun.errors import Problem
from mujun.rules.expressions import Expression, Scope, compile_expression
from mujun.rules.expressions.understanding import understood
from mujun.rules.named_values import dictionary


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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # 30 万元, 60000 kWh, 20 亩 of a firm: 200000 元 are 20 万元, 5 万千瓦时 50000 kWh, 1 公顷 15 亩.
        ("tax_paid >= 300000元", True),
        ("tax_paid < 299999元", False),
        ("electricity_kwh < 6万千瓦时", False),
        ("electricity_kwh <= 6万千瓦时", True),
        ("land_mu > 1公顷", True),
        ("tax_paid = 0.003亿元", True),
        ("tax_paid / electricity_kwh = 5元/千瓦时", True),
        ("tax_paid + 5000元 = 30.5", True),
        ("tax_paid between 29万元 and 0.0031亿元", True),
        ("tax_paid in (300000元, 2)", True),
    ],
)
def test_another_size_of_the_unit_is_converted(written: str, expected: bool) -> None:
    problems: list[Problem] = []
    compiled = compile_expression(Expression(written), Scope({m.name: m for m in dictionary()}), problems)
    assert problems == []
    assert compiled is not None
    firm = pl.DataFrame(
        {"tax_paid": [Decimal(30)], "electricity_kwh": [Decimal(60000)], "land_mu": [Decimal(20)]},
        schema={n: pl.Decimal(18, 6) for n in ("tax_paid", "electricity_kwh", "land_mu")},
    )
    assert firm.select(compiled.value.expr.alias("met"))["met"].to_list() == [expected]


@pytest.mark.parametrize("written", ["tax_paid >= 20亩", "land_mu >= 10000平方米"])
def test_what_is_another_quantity_or_has_no_end_is_refused(written: str) -> None:
    problems: list[Problem] = []
    compile_expression(Expression(written), Scope({m.name: m for m in dictionary()}), problems)
    # 10000 ㎡ are 15 亩 exactly.
    assert len(problems) == (1 if "亩" in written else 0)
