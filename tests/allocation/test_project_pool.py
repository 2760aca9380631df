"""Freed energy among projects by the rules: who comes first, by which weight, who gets nothing and why."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.allocation import ProjectPool, share_among_projects
from mujun.fields import TABLES
from mujun.rules.allocation_plan import compile_allocation
from tests.allocation.given import rules_of

POOL = """pools:
  - id: p
    label: 分配
    step: {step}
    share: {share}
    refuse:
      - {{id: d, when: "tier = 'D'", reason: D类不配}}
    order:
      - {{id: new, when: "project_kind = '低碳新兴'", weight: added_value}}
      - {{id: rest, when: "project_kind in ('强链补链', '技改')"}}
measures: [{{id: m, label: 例, kind: note, rate: [{{id: a, when: "true", note: 例}}]}}]
"""


def projects(*rows: tuple[str, str, Any, Any]) -> pl.DataFrame:
    """Projects: number, kind, need, value added; the firm of P1 is F1."""
    table = TABLES["projects"]
    full = [
        {
            "project": p, "credit_code": p.replace("P", "F"), "project_kind": kind,
            "need_tce": None if need is None else Decimal(str(need)),
            "added_value": None if value is None else Decimal(str(value)),
        }
        for p, kind, need, value in rows
    ]  # fmt: skip
    return pl.DataFrame(full, schema=table.schema, orient="row")


def firms(**tiers: str) -> pl.DataFrame:
    text = pl.String
    return pl.DataFrame(
        [(code, tier, None, None) for code, tier in tiers.items()],
        schema={"credit_code": text, "tier": text, "scale": text, "township": text},
        orient="row",
    )


def shared(
    folder: Path,
    rows: pl.DataFrame,
    freed: str,
    tiers: pl.DataFrame | None = None,
    *,
    step: str = "1",
    share: str = "1",
) -> ProjectPool:
    (plan,) = compile_allocation(rules_of(folder, POOL.format(step=step, share=share))).pools
    return share_among_projects(plan, rows, tiers if tiers is not None else firms(), Decimal(freed))


def test_order_weight_need_and_the_shortfall_by_hand(tmp_path: Path) -> None:
    # 100 tce. 低碳新兴 first: P1 and P2 need 30 and 50, all of it met: 20 are left for the two others, equals: 10
    # each; P3 wants but 4, so P4 gets 16 of its 90.
    rows = projects(
        ("P1", "低碳新兴", 30, 1), ("P2", "低碳新兴", 50, 9), ("P3", "技改", 4, None), ("P4", "强链补链", 90, None)
    )
    pool = shared(tmp_path, rows, "100")
    assert [(r["project"], r["given"], r["shortfall"]) for r in pool.rows.to_dicts()] == [
        ("P1", 30, 0), ("P2", 50, 0), ("P3", 4, 0), ("P4", 16, 74),
    ]  # fmt: skip
    assert pool.short["project"].to_list() == ["P4"]
    assert (pool.given, pool.left) == (Decimal(100), Decimal(0))


def test_by_weight_and_largest_remainder(tmp_path: Path) -> None:
    # 10 by 1 : 2 is 3.33 : 6.67: 3 and 6, the one left over to the larger remainder.
    rows = projects(("P1", "低碳新兴", 99, 1), ("P2", "低碳新兴", 99, 2))
    assert shared(tmp_path, rows, "10").rows["given"].to_list() == [3, 7]


def test_a_part_of_it_in_whole_units(tmp_path: Path) -> None:
    # 60 % of 33.5 is 20.1: 20 whole units; a need of 7.9 is 7 whole units and lacks 0.9.
    rows = projects(("P1", "技改", "7.9", None), ("P2", "技改", 100, None))
    pool = shared(tmp_path, rows, "33.5", share="0.6")
    assert (pool.freed, pool.amount) == (Decimal("33.5"), Decimal(20))
    assert pool.rows.select("given", "shortfall").rows() == [(7, Decimal("0.9")), (13, 87)]


def test_who_gets_nothing_and_why(tmp_path: Path) -> None:
    rows = projects(
        ("P1", "技改", 10, None), ("P2", "技改", 10, None), ("P3", "两高", 10, 5), ("P4", "低碳新兴", 10, None),
        ("P5", "低碳新兴", None, 5), ("P6", "低碳新兴", 10, 0),
    )  # fmt: skip
    pool = shared(tmp_path, rows, "100", firms(F1="A", F2="D"))
    assert dict(pool.rows.select("project", "why").iter_rows()) == {
        "P1": "served", "P2": "refused", "P3": "no_order", "P4": "no_weight", "P5": "no_need", "P6": "no_weight",
    }  # fmt: skip
    assert pool.rows.filter(project="P2")["reason"].to_list() == ["D类不配"]
    assert pool.left == 90


def test_what_a_project_has_had_lessens_its_need_but_not_its_weight(tmp_path: Path) -> None:
    """A part that was given earlier once made the rest count for more: value added by what was still needed."""
    body = POOL.format(step="1", share="1").replace("weight: added_value", 'weight: "added_value / need_tce"')
    (plan,) = compile_allocation(rules_of(tmp_path, body)).pools
    rows = projects(("P1", "低碳新兴", 100, 100), ("P2", "低碳新兴", 100, 200), ("P3", "低碳新兴", 7, 7))
    had = pl.Series("had_tce", [Decimal(70), None, Decimal(7)], dtype=pl.Decimal(18, 6))
    pool = share_among_projects(plan, rows.with_columns(had), firms(), Decimal(30))
    # 30 by 1 : 2, not by 100/30 : 2.
    assert pool.rows.select("project", "need_tce", "given", "why").rows() == [
        ("P1", 30, 10, "served"), ("P2", 100, 20, "served"), ("P3", 0, None, "met"),
    ]  # fmt: skip


AMOUNTS = st.integers(0, 10**6).map(lambda n: Decimal(n) / 100)
KINDS = st.sampled_from(["低碳新兴", "强链补链", "技改", "两高"])
ROWS = st.lists(st.tuples(KINDS, st.one_of(st.none(), AMOUNTS), st.one_of(st.none(), AMOUNTS)), max_size=6)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    rules = rules_of(tmp_path_factory.mktemp("pool"), POOL.format(step="0.5", share="0.75"))
    return compile_allocation(rules).pools[0]


@settings(max_examples=60)
@given(rows=ROWS, freed=AMOUNTS)
def test_a_pool_is_never_overspent(plan: Any, rows: list[tuple[str, Any, Any]], freed: Decimal) -> None:
    given_projects = projects(*((f"P{i}", *row) for i, row in enumerate(rows)))
    pool = share_among_projects(plan, given_projects, firms(), freed)
    served = pool.rows.filter(why="served")
    assert pool.rows.height == len(rows)
    assert served["given"].sum() == pool.given <= pool.amount <= freed * Decimal("0.75")
    assert (served["given"] <= served["need_tce"]).all()
    assert (served["shortfall"] == served["need_tce"] - served["given"]).all()
    # Either the pool is spent exactly or every need is met but for a part of a unit.
    assert pool.left == 0 or (served["shortfall"] < Decimal("0.5")).all()
    again = share_among_projects(plan, given_projects.reverse(), firms(), freed)
    assert again.rows.equals(pool.rows)
