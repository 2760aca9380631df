"""What a measure came to last year, as a column of the frame."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from mujun.rules import load_kept
from mujun.workspace.executed import EXECUTED_SCHEMA, with_amounts_last

RULES = """mujun: 1
kind: allocation
name: 再加价
sources: [{document: 虚构〔2022〕1号}]
measures:
  - id: power
    label: 电价
    kind: surcharge
    per: 万元
    rate: [{id: again, when: "power_amount_last > 0", value: 1}]
"""


def test_zero_is_not_missing() -> None:
    rules = load_kept("x/y", {"x/y/allocation.yaml": RULES})
    rows = [
        (2022, "A", "power", Decimal(3)), (2022, "A", "power", Decimal(2)), (2022, "B", "power", None),
        (2022, "C", "water", Decimal(9)), (2021, "D", "power", Decimal(8)),
    ]  # fmt: skip
    executed = pl.DataFrame(rows, schema=EXECUTED_SCHEMA, orient="row")
    frame = pl.DataFrame({"credit_code": ["A", "B", "C", "D"]})
    last = with_amounts_last(frame, {"amounts": executed}, 2023, rules)["power_amount_last"].to_list()
    # 甲 5; of 乙 nobody could tell; 丙 and 丁 were not charged last year.
    assert last == [Decimal(5), None, Decimal(0), Decimal(0)]
    # Of 2024 nothing is known: 2023 was never charged.
    unknown = with_amounts_last(frame, {"amounts": executed}, 2024, rules)["power_amount_last"]
    assert unknown.null_count() == 4
    assert with_amounts_last(frame, {}, 2023, None).columns == ["credit_code"]
