"""Polars multiplies by the reciprocal where a divisor is one number for all rows, which is off by a bit."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from mujun.numbers import at12_number
from mujun.rating import rate
from mujun.rules import load_kept

RULES = """
mujun: 1
kind: rating
name: 除以常数
years: [2022]
status: example
sources: [{document: 无, checked: 2026-11-23}]
fields:
  k: {label: 折算系数, value: "3.7"}
cohorts: [{id: all, when: "true"}]
indicators:
  ratio: {of: tax_paid, per: k}
  value: {value: "tax_paid / k"}
scoring:
  all: {ratio: {weight: 60, benchmark: 3.7}, value: {weight: 40, benchmark: k}}
tiers:
  classes: [{id: A}, {id: B}]
  cut: {default: {shares: {A: 20, B: 100}}}
"""


@pytest.mark.parametrize("indicator", ["ratio", "value"])
def test_a_constant_field_divides_as_truly_as_any_other(indicator: str) -> None:
    taxes = [Decimal(n * n * 7919) / 10_000 for n in range(1, 2000)]
    frame = pl.DataFrame(
        {"year": 2022, "credit_code": [f"E{n:05}" for n in range(len(taxes))], "tax_paid": taxes},
        schema_overrides={"year": pl.Int32, "tax_paid": pl.Decimal(18, 6)},
    )
    rated = rate(frame, load_kept("tests/constant", {"tests/constant/rating.yaml": RULES}))
    assert rated.subjects[indicator].to_list() == [at12_number(float(t) / 3.7) for t in taxes]
