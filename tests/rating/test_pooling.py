"""Every field of the dictionary pooled by hand, subjects by parcel and group, and whose part is whose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.fields import FRAME_FIELDS
from mujun.rating import Rating, rate
from mujun.rating.members import members_of, quantities_of
from mujun.rating.pooling import pooled, subjects_of
from mujun.rules.expressions import Meaning
from tests.rating.given import column, frame_of, rated, rules_of

D = Decimal
LAND = [D(5), D(9), D(1), None]
"""Land of four members: the second has most, the last none on record."""

WAYS: Mapping[tuple[str, str], tuple[list[Any], Any]] = {
    ("sum", "quantity"): ([D("2.000001"), None, D("-3.5"), D(0)], D("-1.499999")),
    # The value of the member with most land; where it has none, of the next.
    ("most_land", "text"): (["少", None, "最少", "无地"], "少"),
    ("above", "text"): (["规下", "规下", None, "规上"], "规上"),
    ("earliest", "date"): ([date(2020, 5, 1), None, date(2019, 12, 31), date(2021, 1, 1)], date(2019, 12, 31)),
    ("latest", "date"): ([date(2022, 12, 31)] * 4, date(2022, 12, 31)),
    ("union", "texts"): ([["乙", "甲"], [], None, ["甲", "丙"]], ["丙", "乙", "甲"]),
    ("none", "texts"): ([["A"], ["B"], ["A"], []], None),
}
"""By way of pooling and kind: what four members have, and what they have together."""

OF_THEIR_OWN: Mapping[str, tuple[list[Any], Any]] = {
    # A member's land decides who has most of it, so it is not the list above.
    "land_mu": (LAND, D(15)),
    "year": ([2022] * 4, 2022),
    # Floor over ground is computed again from the sums; here is no floor.
    **dict.fromkeys(("plot_ratio", "plot_ratio_last", "plot_ratio_last2"), ([D(1), D(2), None, D(3)], None)),
    # A subject's code is its own name.
    "credit_code": (["E3", "E1", "E2", "E4"], "S"),
}


def together(name: str, values: list[Any]) -> Any:
    """The pooled value of one field over four members."""
    columns: dict[str, Any] = {"credit_code": ["E3", "E1", "E2", "E4"], "land_mu": LAND, name: values}
    schema = {n: FRAME_FIELDS[n].dtype for n in columns}
    found = pooled(pl.DataFrame(columns, schema=schema), pl.Series("s", ["S"] * 4), {})
    assert found.height == 1
    assert found["members"].to_list() == [["E1", "E2", "E3", "E4"]]
    assert found.schema[name] == FRAME_FIELDS[name].dtype
    return found[name].to_list()[0]


@pytest.mark.parametrize("name", FRAME_FIELDS)
def test_every_field_adds_up_as_the_dictionary_says(name: str) -> None:
    field = FRAME_FIELDS[name]
    values, wanted = OF_THEIR_OWN.get(name) or WAYS[field.pools, field.kind]
    assert together(name, values) == wanted


@pytest.mark.parametrize("name", [n for n in FRAME_FIELDS if n not in OF_THEIR_OWN])
def test_what_nobody_has_is_missing(name: str) -> None:
    united = FRAME_FIELDS[name].kind == "texts" and FRAME_FIELDS[name].pools == "union"
    assert together(name, [None] * 4) == ([] if united else None)


def test_no_member_above_the_line_is_below_it() -> None:
    assert together("scale", ["规下", None, "规下", None]) == "规下"


@pytest.mark.parametrize(
    ("way", "kind", "values", "wanted"),
    [
        ("max", "exact", [D(2), None, D(7), D(-1)], D(7)),
        ("min", "exact", [D(2), None, D(7), D(-1)], D(-1)),
        ("sum", "number", [0.5, None, 0.25, 0.0], 0.75),
        # As floats, most land first, it would be 0.6000000000000001.
        ("sum", "number", [0.1, 0.2, 0.3, None], 0.6),
        # Each member counts at 12 decimals.
        ("sum", "number", [0.1234567890124, 0.1234567890124, 0.1234567890124, 0.0], 0.370370367036),
        # What no decimal holds is no quantity of anything, alone or together.
        ("sum", "number", [1e26, 1.0, None, None], None),
        ("sum", "number", [6e25, 6e25, -6e25, -6e25], None),
        ("sum", "number", [2e25, 1e25, None, -1e25], 2e25),
        ("any", "boolean", [False, None, True, None], True),
        ("any", "boolean", [None] * 4, None),
        ("all", "boolean", [True, None, False, True], False),
        ("all", "boolean", [True, None, True, None], True),
        ("latest", "date", [date(2020, 1, 1), None, date(2021, 1, 1), None], date(2021, 1, 1)),
        ("most_land", "exact", [D(2), D(8), D(7), None], D(8)),
    ],
)
def test_a_rule_says_how_its_own_field_adds_up(way: str, kind: Any, values: list[Any], wanted: Any) -> None:
    meaning = Meaning("own", kind, 6, None, "自定")
    frame = pl.DataFrame(
        {"credit_code": ["E3", "E1", "E2", "E4"], "land_mu": LAND, "own": values},
        schema={"credit_code": pl.String, "land_mu": pl.Decimal(18, 6), "own": meaning.dtype},
    )
    assert pooled(frame, pl.Series("s", ["S"] * 4), {"own": (way, meaning)})["own"].to_list() == [wanted]


# ------------------------------------------------------------------------------------------------------------ subjects


def subjects(kind: Any, apart: list[bool | None] | None = None, **columns: Any) -> list[str]:
    count = len(next(iter(columns.values())))
    schema = {n: FRAME_FIELDS[n].dtype for n in ("credit_code", *columns)}
    frame = pl.DataFrame({"credit_code": [f"E{i}" for i in range(1, count + 1)], **columns}, schema=schema)
    return subjects_of(frame, kind, None if apart is None else pl.Series(apart, dtype=pl.Boolean)).to_list()


@pytest.mark.parametrize(
    ("parcels", "apart", "wanted"),
    [
        ([["P1"], ["P1"], ["P2"], []], None, ["P1", "P1", "P2", "E4"]),
        # Parcels that share a firm are one subject, named after the smallest; so are those further along.
        ([["P2", "P3"], ["P3"], ["P1", "P3"], ["P4"]], None, ["P1", "P1", "P1", "P4"]),
        ([["P1"], ["P2"], ["P3"], ["P3", "P2", "P1"]], None, ["P1"] * 4),
        # Whoever stands apart ties nothing together.
        ([["P1"], ["P2"], ["P1", "P2"], ["P2"]], [False, None, True, False], ["P1", "P2", "E3", "P2"]),
    ],
)
def test_parcels_that_share_a_firm_are_one_subject(
    parcels: list[list[str]], apart: list[bool | None] | None, wanted: list[str]
) -> None:
    assert subjects("parcel", apart, parcels=parcels) == wanted


def test_a_group_is_its_code_and_a_firm_without_one_itself() -> None:
    assert subjects("group", group_code=["G", None, "G", "H"]) == ["G", "E2", "G", "H"]


# ------------------------------------------------------------------------------------------------------------- members

RULES = """
fields:
  rated_tax: {unit: 万元, value: "tax_paid + coalesce(tax_credit, 0)"}
  intensity: {value: "rated_tax / land_mu", pool: again}
  weighted: {value: "revenue / 2 / 1", pool: sum}
population: {subject: parcel}
cohorts: [{id: all, when: "true"}]
indicators:
  tax_per_mu: {of: rated_tax, per: land_mu}
  again: {value: intensity}
  per_head: {of: value_added, per: employees}
  shown_only: {of: profit, per: revenue}
scoring:
  all:
    tax_per_mu: {weight: 60, benchmark: 10}
    again: {weight: 20, benchmark: 10}
    per_head: {weight: 20, benchmark: 5}
tiers:
  classes: [{id: A}, {id: B}, {id: C}, {id: D}]
  rank_by: [score]
  cut: {default: {shares: {A: 50, D: 100}}}
"""
FIRMS = [
    {"name": "甲", "land_mu": 10, "tax_paid": 100, "tax_credit": 20, "value_added": 30, "employees": 10,
     "profit": 5, "revenue": 50, "parcels": ["P1"]},
    {"name": "乙", "land_mu": 30, "tax_paid": 40, "value_added": None, "employees": 6, "parcels": ["P1"]},
    {"name": "丙", "land_mu": 4, "tax_paid": 40, "value_added": 10, "employees": 2, "parcels": ["P2"]},
]  # fmt: skip


def test_members_have_their_part_of_every_quantity() -> None:
    rating = rated(RULES, FIRMS)
    assert quantities_of(rating.plan) == ("land_mu", "rated_tax", "value_added", "employees", "profit", "revenue")
    found = members_of(rating.plan, rating.enterprises, rating.subjects)
    # (100 + 20 + 40) ÷ 40 = 4 → 24 points and 8; (30 + –) ÷ 16 = 1.875 → 7.5 points: 39.5.
    assert found.select("subject", "name", "members", "score", "tier").rows() == [
        ("P1", "甲", 2, D("39.5"), "D"),
        ("P1", "乙", 2, D("39.5"), "D"),
    ]
    assert found.select("rated_tax", "rated_tax_subject", "rated_tax_share").rows() == [
        (120, 160, 0.75),
        (40, 160, 0.25),
    ]
    assert found.select("value_added", "value_added_subject", "value_added_share").rows() == [
        (30, 30, 1.0),
        (None, 30, None),
    ]
    everybody = members_of(rating.plan, rating.enterprises, rating.subjects, several=False)
    assert everybody["name"].to_list() == ["甲", "乙", "丙"]
    assert everybody.row(2, named=True)["land_mu_share"] == 1.0


def test_parts_add_up_to_the_subject_in_every_quantity() -> None:
    rating = rated(RULES, FIRMS)
    found = members_of(rating.plan, rating.enterprises, rating.subjects, several=False)
    for quantity in quantities_of(rating.plan):
        sums = found.group_by("subject").agg(
            pl.when(pl.col(quantity).is_not_null().any()).then(pl.col(quantity).sum()).alias("sum"),
            pl.col(f"{quantity}_subject").first(),
        )
        assert sums["sum"].to_list() == sums[f"{quantity}_subject"].to_list(), quantity


def test_exports_hold_members_and_parts() -> None:
    rating = rated(RULES, FIRMS)
    row = rating.ratings.filter(pl.col("name") == "甲").row(0, named=True)
    assert (row["subject"], row["members"]) == ("P1", ["E1", "E2"])
    assert (row["land_mu"], row["land_mu_subject"]) == (10, 40)
    # Its own 亩均税收, the subject's, and the points of the subject's.
    assert (row["tax_per_mu"], row["tax_per_mu_subject"], row["tax_per_mu_points"]) == (12.0, 4.0, 24)
    subject = rating.subject_ratings.filter(pl.col("subject") == "P1").row(0, named=True)
    assert (subject["members"], subject["land_mu"], subject["rated_tax"]) == (["E1", "E2"], 40, 160)
    assert (subject["tax_per_mu"], subject["tax_per_mu_points"]) == (4.0, 24)


def test_where_nobody_is_merged_everybody_is_alone() -> None:
    rating: Rating = rated(RULES.replace("subject: parcel", "subject: enterprise"), FIRMS)
    assert not rating.merged
    assert "members" not in rating.ratings.columns
    assert members_of(rating.plan, rating.enterprises, rating.subjects).is_empty()
    alone = members_of(rating.plan, rating.enterprises, rating.subjects, several=False)
    assert alone.select("subject", "members", "land_mu_share").rows() == [(f"E{i}", 1, 1.0) for i in (1, 2, 3)]


def test_the_order_of_members_plays_no_part() -> None:
    rules = rules_of(RULES)
    frame = frame_of(FIRMS)
    first, turned = rate(frame, rules), rate(frame.reverse(), rules)
    assert first.digest == turned.digest
    assert column(first, "score") == [D("39.5"), D(100)]
