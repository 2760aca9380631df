"""Objections put on record one by one: checked as a returned sheet is, decided later, each once in the register."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.errors import MujunError
from mujun.workspace import County
from mujun.workspace.rounds.objecting import objectable, put_objection
from mujun.workspace.rounds.register import objections

from .round_county import ALONE, SEVERAL, TENANT, county, rules_at

OTHER = "其他异议"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("objecting")
    own = county(folder / "county.duckdb")
    own.runs.rate(rules_at(folder / "rules"), 2022)
    return own.path


@pytest.fixture
def own(made: Path, tmp_path: Path) -> County:
    return County(shutil.copy(made, tmp_path / "county.duckdb"))


def tax(own: County, code: str) -> Decimal:
    return Decimal(own.data.table("tax").filter(pl.col("credit_code") == code)["tax_paid"].item())


def register(own: County) -> list[tuple[Any, ...]]:
    return objections(own, 2022).select("credit_code", "item", "asked", "reason", "state").rows()


def test_a_firm_may_object_to_the_lines_of_its_sheet(own: County) -> None:
    known = objectable(own, "乙机械", 2022)
    assert (known.credit_code, known.name) == (SEVERAL, "乙机械")
    # 实际用地 is a line of the sheet too, and follows from the others.
    assert [i["项目"] for i in known.items] == ["实缴税金", "自有用地 P2", "自有用地 P3", OTHER]
    assert [known.item(w)["项目"] for w in ("tax_paid", "1-2", "自有用地 P3", "other")] == [
        "实缴税金", "自有用地 P2", "自有用地 P3", OTHER,
    ]  # fmt: skip


def test_an_objection_is_put_down_and_decided_later(own: County) -> None:
    open_ = put_objection(own, ALONE, 2022, "实缴税金", asked="90万元", reason="漏计")
    assert (open_.batch, open_.corrected, tax(own, ALONE)) == (4, False, Decimal(120))
    assert register(own) == [(ALONE, "实缴税金", "90万元", "漏计", "open")]
    agreed: dict[str, Any] = {"asked": "90万元", "reason": "漏计", "verdict": "agreed", "document": "示例9号"}
    looked = put_objection(own, ALONE, 2022, "实缴税金", **agreed, dry_run=True)
    assert (looked.batch, looked.corrected, tax(own, ALONE)) == (None, True, Decimal(120))
    made = put_objection(own, ALONE, 2022, "实缴税金", **agreed)
    assert (made.batch, tax(own, ALONE)) == (5, Decimal(90))
    assert register(own) == [(ALONE, "实缴税金", "90", "漏计", "agreed")]
    assert own.rounds.corrections().filter(number=5).select("file", "reason", "document").row(0) == (
        "异议登记_甲纺织", "异议登记_甲纺织：漏计", "示例9号",
    )  # fmt: skip


def test_each_piece_of_land_and_each_other_matter_is_an_objection_of_its_own(own: County) -> None:
    put_objection(own, SEVERAL, 2022, "自有用地 P2", asked="5", reason="测绘")
    put_objection(own, SEVERAL, 2022, "自有用地 P3", asked="2", reason="测绘")
    for matter in ("应为规下", "应属乙镇"):
        put_objection(own, SEVERAL, 2022, OTHER, asked=matter)
    put_objection(own, SEVERAL, 2022, OTHER, asked="应属乙镇", verdict="rejected")
    put_objection(own, SEVERAL, 2022, "自有用地 P2", asked="5", reason="测绘", verdict="agreed", document="示例9号")
    assert sorted(register(own)) == [
        (SEVERAL, OTHER, "应为规下", None, "open"),
        (SEVERAL, OTHER, "应属乙镇", None, "rejected"),
        (SEVERAL, "自有用地 P2", "5", "测绘", "agreed"),
        (SEVERAL, "自有用地 P3", "2", "测绘", "open"),
    ]
    # What is corrected by hand as it was asked settles the objection.
    record = {"parcel": "P3"}
    own.rounds.correct(SEVERAL, 2022, {"land.area_mu": "2"}, reason="测绘", document="示例10号", record=record)
    assert [s for *_, item, _, _, s in register(own) if item == "自有用地 P3"] == []
    assert [r for r in register(own) if r[2] == "2"] == [(SEVERAL, "用地面积", "2", "测绘", "agreed")]


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("9", "实缴税金", {"asked": "90"}, "asked_nobody"),
    (ALONE, "实缴税", {"asked": "90"}, "objection_no_item"),
    (ALONE, "实际用地", {"asked": "90"}, "objection_item_follows"),
    (SEVERAL, "area_mu", {"asked": "5"}, "objection_several_items"),
    (ALONE, "实缴税金", {"reason": "漏计"}, "objection_nothing_asked"),
    (ALONE, OTHER, {"document": "示例9号"}, "objection_nothing_asked"),
    (ALONE, "实缴税金", {"asked": "90", "verdict": "好"}, "objection_no_verdict"),
    (
        ALONE,
        "实缴税金",
        {"asked": "120", "reason": "漏", "verdict": "同意", "document": "示例9号"},
        "correct_stands_already",
    ),
    (TENANT, "实缴税金", {"asked": "70", "reason": "漏计"}, "objection_already"),
]


@pytest.mark.parametrize(("code", "item", "given", "why"), REFUSED)
def test_what_cannot_be_put_down(own: County, code: str, item: str, given: dict[str, Any], why: str) -> None:
    put_objection(own, TENANT, 2022, "实缴税金", asked="70", reason="漏计")
    with pytest.raises(MujunError) as caught:
        put_objection(own, code, 2022, item, **given)
    assert [p.code for p in caught.value.problems] == [why]
    assert len(register(own)) == 1


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        ({"asked": "90", "reason": "漏计", "verdict": "agreed"}, "objection_incomplete"),
        ({"asked": "很多", "reason": "漏计", "verdict": "agreed", "document": "示例9号"}, "unreadable_cell"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(own: County, given: dict[str, Any], finding: str) -> None:
    made = put_objection(own, ALONE, 2022, "实缴税金", **given)
    assert (made.batch, made.errors) == (None, 1)
    assert made.records is not None
    assert [f.code for f in made.records.findings] == [finding]
    assert register(own) == []
