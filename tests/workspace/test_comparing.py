"""Two runs of the sample county compared: a correction and a change of rules, each with its cause."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.reports.runs.comparison_json import comparison_json
from mujun.reports.runs.comparison_workbook import write_comparison
from mujun.rules import load_rules
from mujun.workspace import County
from mujun.workspace.runs.comparing import compare_runs

RULES = "zhejiang/shengzhou-2022"


def test_a_correction_and_what_it_moved(part_county: Path, tmp_path: Path) -> None:
    own = County(part_county)
    code = own.runs.table(1).filter(pl.col("tier") == "A", pl.col("rank") < 20)["credit_code"][0]
    file = tmp_path / "更正.csv"
    file.write_text(f"年度,统一社会信用代码,企业名称,实缴税金（万元）\n2022,{code},更正,0\n", encoding="utf-8")
    own.data.load([file], table="tax", reason="申诉更正", document="嵊经信〔2023〕1号")
    own.runs.rate(RULES, 2022)
    found = compare_runs(own, 1, 2)
    assert found.rules == ()
    assert found.untold is None
    mover = found.movers.filter(pl.col("credit_code") == code).row(0, named=True)
    # Its own tax fell; that takes it down against the benchmarks as they were.
    assert "own" in mover["tier_by"]
    assert mover["score_own"] < 0
    assert mover["score_own"] + mover["score_peers"] + mover["score_rules"] == mover["score_change"]
    assert mover["rank_own"] + mover["rank_peers"] + mover["rank_rules"] == mover["rank_change"]
    # Nobody else's own data changed: what else moved, moved by peers.
    others = found.movers.filter(pl.col("credit_code") != code)
    assert all(by == ["peers"] for by in others["tier_by"].to_list())
    assert found.batches is not None
    assert found.batches.select("reason", "document", "firms", "moved").rows() == [
        ("申诉更正", "嵊经信〔2023〕1号", 1, 1)
    ]
    assert found.inputs is not None
    assert found.inputs.select("credit_code", "field", "after").rows() == [(code, "tax_paid", "0")]

    told = json.loads(comparison_json(found))
    assert told["format"] == "mujun-comparison/1"
    assert [m["batches"] for m in told["movers"] if m["credit_code"] == code] == [[found.batches["number"][0]]]
    book = openpyxl.load_workbook(write_comparison(tmp_path / "比较.xlsx", found))
    assert {"概况", "档次迁移", "变动企业", "得分变化构成", "数据变化"} <= set(book.sheetnames)
    assert book["变动企业"].max_row == 1 + found.movers.height
    kinds = {c.data_type for sheet in book for line in sheet.iter_rows() for c in line}
    assert "f" not in kinds


def test_other_rules_are_the_whole_cause_of_what_they_move(part_county: Path) -> None:
    own = County(part_county)
    other = load_rules("zhejiang/huangyan-2022")
    own.runs.rate(other, 2022)
    found = compare_runs(own, 1, 2)
    assert found.causes is not None
    both = found.causes.filter(pl.col("score_0").is_not_null(), pl.col("score_3").is_not_null())
    assert both["score_own"].unique().to_list() == [0]
    assert both["score_peers"].unique().to_list() == [0]
    assert {s for by in found.movers["tier_by"].to_list() for s in by} == {"rules"}
    # Huangyan's rules make no list and charge nothing: that is no list struck off.
    assert found.lists is None
    assert found.amounts is None
    assert len(found.rules) > 20


def test_two_years_with_firms_that_changed_their_codes(sample_county: Path) -> None:
    own = County(sample_county)
    own.runs.rate(RULES, 2021)
    found = compare_runs(own, 2, 1)
    aliases = own.data.table("aliases").filter(pl.col("since").dt.year() == 2022)
    renamed = aliases.filter(pl.col("change") == "换码")
    presence = dict(found.firms.select("credit_code", "presence").iter_rows())
    followed = [new for old, new in renamed.select("credit_code", "successor").iter_rows() if new in presence]
    assert len(followed) > 3
    assert {presence[c] for c in followed} == {"both"}
    assert not set(renamed["credit_code"]) & set(presence)
    assert found.causes is not None
    whole = found.causes.filter(pl.col("score_0").is_not_null(), pl.col("score_3").is_not_null())
    assert whole.height > 1000
    causes = pl.sum_horizontal(pl.col(f"score_{s}").fill_null(0) for s in ("own", "peers", "rules", "joint"))
    assert whole.select((causes == pl.col("score_3") - pl.col("score_0")).all()).item()
    # One rule set for both years: it explains nothing.
    assert set(whole["score_rules"]) == {0}


def test_a_run_with_itself_and_a_run_there_is_none(part_county: Path) -> None:
    own = County(part_county)
    for pair, said in (((1, 1), "没有可比较的"), ((1, 7), "没有评价批次 7")):
        with pytest.raises(UsageError, match=said):
            compare_runs(own, *pair)
