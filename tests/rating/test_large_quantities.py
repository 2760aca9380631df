"""A quantity beyond what a float counts by millionths becomes the float next to it, not a neighbour."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mujun.numbers import at12_number
from mujun.rating import rate
from tests.rating.given import CLASSES, frame_of, rules_of

RULES = f"""
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax_per_mu: {{of: tax_paid, per: land_mu}}
scoring:
  all: {{tax_per_mu: {{weight: 100, benchmark: 10}}}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{thresholds: {{A: 90, B: 60, C: 30}}, rest: D}}}}
"""


@pytest.mark.parametrize("tax", ["9999999999.999999", "9007199254.740993", "36028797018.963971", "-9999999999.999999"])
def test_a_ratio_goes_by_the_nearest_float(tax: str) -> None:
    rows = [{"credit_code": "E1", "tax_paid": Decimal(tax), "land_mu": 1}]
    rated = rate(frame_of(rows), rules_of(RULES))
    assert rated.subjects["tax_per_mu"].to_list() == [at12_number(float(Decimal(tax)))]
