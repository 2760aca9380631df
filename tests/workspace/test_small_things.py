"""Small things that people on site stumbled over: each with the sentence or figure that was missing."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.rules.folders import shipped_rules
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.firms.showing import enterprise_card
from mujun.workspace.rectification.lists import issue
from mujun.workspace.rectification.monitoring import status
from mujun.workspace.rounds.correcting import correct
from mujun.workspace.rounds.returning import take_back
from mujun.workspace.rounds.township_round import hand_out, screening_rules
from mujun.workspace.runs.exporting import export

from ..store.given import file, rows
from .round_county import ALONE, LANDLORD, TENANT, county, rules_at
from .test_township_round import VISIT, Sheet


@pytest.fixture
def own(tmp_path: Path) -> County:
    return county(tmp_path / "county.duckdb")


def test_land_left_blank_on_a_survey_is_as_recorded(own: County, tmp_path: Path) -> None:
    """The sheet says so, and so does the check: nothing is incomplete, nothing is corrected."""
    rules = rules_at(tmp_path / "rules")
    hand_out(own, screening_rules(own, rules, 2022), "甲镇", Decimal(3), tmp_path / "核查.xlsx")
    sheet = Sheet(tmp_path / "核查.xlsx")
    sheet.put(ALONE, **VISIT)
    assert any("空着都可以" in str(c.value) for r in sheet.book["填表说明"].iter_rows() for c in r)
    (back,) = take_back(own, [sheet.save(tmp_path / "back.xlsx")])
    assert back.records is not None
    assert [f.code for f in back.records.findings] == []
    assert own.rounds.status(2022)["complete"].to_list() == [1]


def test_a_missing_file_is_said_as_that(own: County, tmp_path: Path) -> None:
    (back,) = take_back(own, [tmp_path / "没有.xlsx"])
    assert [p.code for p in back.refused] == ["file_not_found"]


def test_findings_of_one_township(own: County, tmp_path: Path) -> None:
    (tmp_path / "税收.csv").write_text(
        f"年度,统一社会信用代码,企业名称,实缴税金(万元)\n2022,{ALONE},甲纺织,很多\n2022,{TENANT},丁服饰,66\n",
        encoding="utf-8",
    )
    own.data.load([tmp_path / "税收.csv"])
    found = export(own, "findings", year=2022, township="甲镇").rows
    assert found.filter(pl.col("credit_code") == ALONE)["code"].to_list() == ["unreadable_cell"]
    assert found["township"].unique().to_list() == ["甲镇"]


def test_a_correction_of_rented_land_says_whose_row_counts(own: County) -> None:
    """丁服饰 rents 2 mu of 丙电机 by both sides' rows: the landlord's area stands."""
    why: dict[str, Any] = {"reason": "实测", "document": "1号"}
    done = correct(own, TENANT, 2022, {"用地面积": "3"}, record={"tenure": "租入"}, **why)
    (said,) = (f for f in done.findings if f.code == "correct_other_side_counts")
    assert LANDLORD in said.what
    assert f"mujun correct {LANDLORD} 用地面积=… --year 2022 --tenure 租出 --counterparty {TENANT}" in said.remedy
    # The landlord's own row changes both.
    done = correct(own, LANDLORD, 2022, {"用地面积": "3"}, record={"tenure": "租出"}, **why)
    assert not [f for f in done.findings if f.code == "correct_other_side_counts"]


def test_what_counts_of_a_firm_that_took_over_another_is_shown(tmp_path: Path) -> None:
    with Store.create(tmp_path / "county.duckdb") as store:
        roll = [{"year": 2022, "credit_code": c, "name": n, "township": "甲镇", "scale": "规上"}
                for c, n in ((ALONE, "甲纺织"), (LANDLORD, "丙电机"))]  # fmt: skip
        taxes = [{"year": 2022, "credit_code": c, "tax_paid": Decimal(t)} for c, t in ((ALONE, "90"), (LANDLORD, "10"))]
        store.add_batch(file("名录.xlsx", {"enterprises": rows("enterprises", *roll)}), who="甲")
        store.add_batch(file("税收.csv", {"tax": rows("tax", *taxes)}, columns={"tax": ["tax_paid"]}), who="甲")
        change = {"credit_code": LANDLORD, "since": date(2022, 3, 1), "successor": ALONE, "change": "合并"}
        store.add_batch(file("合并.xlsx", {"aliases": rows("aliases", change)}), who="甲")
    card = enterprise_card(County(tmp_path / "county.duckdb"), ALONE)
    figures = next(s.rows for s in card.sections if s.id == "figures")
    assert [(r["value"], r["under"]) for r in figures if r["field"] == "tax_paid"] == [("90", None), ("100", "计入")]


def test_a_target_with_a_base_says_how_much_of_it_no_list_has(made_small_county: Path, tmp_path: Path) -> None:
    """嵊州's plan counts from 2021: 27 firms dealt with then are on no list here."""
    own = County(shutil.copy(made_small_county, tmp_path / "small.duckdb"))
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1))
    found = status(own, date(2023, 5, 1), targets=shipped_rules() / "zhejiang" / "shengzhou-2022")
    assert found.targets is not None
    rows_ = found.targets.filter((pl.col("label").str.contains("高耗低效企业")) & (pl.col("basis") == "total"))
    assert rows_.filter(pl.col("year") == 2023).select("done", "of_file").row(0) == (Decimal(27), Decimal(27))
