"""Two results side by side: directions, migration, lists and amounts by hand."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from mujun.analysis import comparing

D = Decimal


def ratings(rows: list[tuple[str, str | None, int | None, str]]) -> pl.DataFrame:
    """`credit_code, tier, score, cohort` as an exported rating."""
    return pl.DataFrame(
        [
            {
                "credit_code": c, "name": f"厂{c}", "township": "甘霖镇", "industry": "1712", "scale": "规上",
                "cohort": cohort, "treatment": "rated" if t else "out", "score": None if s is None else D(s), "rank": s,
                "size": 9, "tier": t, "reason": None,
            }
            for c, t, s, cohort in rows
        ],
        schema_overrides={"score": pl.Decimal(38, 2), "tier": pl.String, "rank": pl.Int64, "reason": pl.String},
    )  # fmt: skip


BEFORE = ratings(
    [("1", "A", 9, "x"), ("2", "B", 8, "x"), ("3", "C", 7, "y"), ("4", None, None, "y"), ("5", "T", 5, "y")]
)
AFTER = ratings(
    [("1", "C", 6, "x"), ("2", "A", 9, "x"), ("3", None, None, "y"), ("4", "B", 4, "y"), ("6", "A", 3, "y")]
)
FIRMS = comparing.compare_ratings(BEFORE, AFTER, ("A", "B", "C"))


def test_every_way_to_move() -> None:
    assert FIRMS.select("credit_code", "presence", "direction", "steps", "score_change").rows() == [
        ("1", "both", "down", -2, D(-3)),
        ("2", "both", "up", 1, D(1)),
        ("3", "both", "lost", None, None),
        ("4", "both", "gained", None, None),
        ("5", "left", "lost", None, None),
        ("6", "entered", "gained", None, None),
    ]
    assert comparing.movers(FIRMS)["credit_code"].to_list() == ["1", "3", "5", "4", "6", "2"]


def test_a_tier_beside_the_ladder_is_neither_up_nor_down() -> None:
    found = comparing.compare_ratings(BEFORE, ratings([("5", "A", 9, "y")]), ("A", "B", "C"))
    assert found.filter(pl.col("credit_code") == "5")["direction"].to_list() == ["other"]


def test_migration_by_cohort() -> None:
    assert comparing.migration(FIRMS, "cohort").rows() == [
        ("x", "A", "C", 1),
        ("x", "B", "A", 1),
        ("y", "C", None, 1),
        ("y", "T", None, 1),
        ("y", None, "A", 1),
        ("y", None, "B", 1),
    ]
    assert comparing.migration(FIRMS)["enterprises"].sum() == 6
    assert comparing.directions(FIRMS, "scale").rows() == [("规上", 1, 1, 2, 2, 0, 0, 6)]
    assert comparing.tier_counts(FIRMS).rows() == [
        ("x", "A", 1, 1, 0), ("x", "B", 1, 0, -1), ("x", "C", 0, 1, 1),
        ("y", "A", 0, 1, 1), ("y", "B", 0, 1, 1), ("y", "C", 1, 0, -1), ("y", "T", 1, 0, -1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "common"),
    [("ABCD", "ABCD", "ABCD"), ("ABC", "ABCD", "ABC"), ("AB", "BA", ""), ("优良", "AB", "")],
)
def test_ladders_that_agree(before: str, after: str, common: str) -> None:
    assert comparing.common_ladder(tuple(before), tuple(after)) == tuple(common)


def listed(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"credit_code": c, "name": f"厂{c}", "township": "甘霖镇", "reason_text": r} for c, r in rows],
        schema=dict.fromkeys(("credit_code", "name", "township", "reason_text"), pl.String),
    )


def test_who_comes_on_the_list_and_who_goes() -> None:
    found = comparing.compare_lists(
        listed(("1", "低"), ("2", "低"), ("3", "低")), listed(("2", "高"), ("3", "低"), ("4", "低"))
    )
    assert found is not None
    assert found.select("credit_code", "change").rows() == [("4", "listed"), ("2", "reasons"), ("1", "struck")]
    assert comparing.compare_lists(None, listed(("1", "低"))) is None


def amounts(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "credit_code": c,
                "name": f"厂{c}",
                "township": "甘霖镇",
                "measure": m,
                "kind": k,
                "amount": D(a),
                "unit": "万元",
            }
            for c, m, k, a in rows
        ],
        schema_overrides={"amount": pl.Decimal(38, 6)},
    )  # fmt: skip


def test_more_surcharge_and_less_relief_are_burdens() -> None:
    before = amounts(("1", "电价", "surcharge", "1.5"), ("1", "土地税", "relief", "4"), ("2", "电价", "surcharge", "2"))
    after = amounts(("1", "电价", "surcharge", "2"), ("1", "土地税", "relief", "1.25"), ("2", "电价", "surcharge", "2"))
    found = comparing.compare_amounts(before, after)
    assert found is not None
    assert found.select("credit_code", "measure", "change", "burden").rows() == [
        ("1", "土地税", D("-2.75"), D("2.75")),
        ("1", "电价", D("0.5"), D("0.5")),
    ]
    assert comparing.burdens(found).rows() == [("1", D("3.25"))]
    assert comparing.total_burden(found).rows() == [
        ("relief", "土地税", 1, D(4), D("1.25"), D("-2.75")),
        ("surcharge", "电价", 1, D("1.5"), D(2), D("0.5")),
    ]
    assert comparing.compare_amounts(before, None) is None
