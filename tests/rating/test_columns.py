"""The columns of a rating: each is named, typed and explained in one module."""

from __future__ import annotations

import polars as pl
import pytest

from mujun.rating import Rating, columns, rate
from mujun.rating.columns import STAGE_COLUMNS, explained
from mujun.rules import compile_rating
from tests.rating.given import CLASSES, frame_of, rules_of

TEXT = f"""
population:
  scope: "land_mu > 0"
  special: [{{id: new, when: "land_mu = 7", treatment: ungraded, tier: T, reason: 新办, in_base: false}}]
statistics: {{base: {{stat: ratio_of_sums, of: tax_paid, per: land_mu}}}}
cohorts: [{{id: above, when: "scale = '规上'"}}, {{id: below, when: "true"}}]
indicators:
  tax: {{of: tax_paid, per: land_mu}}
  rd: {{of: rd_expense, per: revenue}}
scoring:
  above: {{tax: {{weight: 60, benchmark: base, cap: 1.5, missing: reweight}}, rd: {{weight: 40, method: minmax}}}}
  below:
    tax: {{weight: 50, method: percentile}}
    rd: {{weight: 50, method: formula, formula: "weight * value", fallback: [{{indicator: tax}}]}}
adjustments:
  items: [{{id: plus, when: "land_mu > 5", points: 3, family: bonus}}]
  families: {{bonus: {{take: sum, max: 5}}}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{A: 25, B: 50, C: 100}}, ties: worse}}}}
  before: [{{id: top, when: "tax_paid > 90", set: A, reason: 大户}}]
  after: [{{id: low, when: "tax < 2", at_most: C, reason: 过低}}]
"""


@pytest.fixture(scope="module")
def rating() -> Rating:
    rows = [
        {"land_mu": 3 + i, "tax_paid": 10 * i, "revenue": 100, "rd_expense": i, "scale": "规上" if i % 2 else "规下"}
        for i in range(10)
    ]
    return rate(frame_of(rows), rules_of(TEXT))


def test_every_column_is_the_frame_s_a_name_of_the_rules_or_explained(rating: Rating) -> None:
    names = set(compile_rating(rating.plan.ruleset).names.scope.meanings) | {"subject"}
    peers = {columns.peer_column(asked, n) for n in range(4) for asked in ("low", "high", "below", "among")}
    unknown = [n for n in rating.subjects.columns if n not in names | peers and explained(n) is None]
    assert unknown == []


def test_types_are_as_stated(rating: Rating) -> None:
    for name in rating.subjects.columns:
        stated = explained(name)
        if stated is not None and stated.stage != "names":
            dtype = rating.subjects.schema[name]
            # The scale of a decimal and the words beside those of every rule set are the rule set's own.
            own = isinstance(stated.dtype, (pl.Decimal, pl.Enum))
            assert isinstance(dtype, type(stated.dtype)) if own else dtype == stated.dtype, name


def test_all_stages_occur(rating: Rating) -> None:
    occurring = {stated for n in rating.subjects.columns if (stated := explained(n)) is not None}
    # Worlds give values, visitors have a home of their own.
    assert set(STAGE_COLUMNS) - occurring == {columns.GIVEN, columns.HOME}


def test_a_family_tells_whose_column_it_is() -> None:
    assert columns.ACTS.identity("tax@above:acts") == "tax@above"
    assert columns.ACTS.identity(":acts") is None
    assert columns.RANK.identity("rank") == ""
    assert explained("land_mu") is None
