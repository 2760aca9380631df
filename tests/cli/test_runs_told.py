"""What the commands say of runs: whose figures changed, what came in since, a list that is out, firms by name."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.workspace import County
from tests.cli import running
from tests.workspace.small_county import F, county


def run(capsys: pytest.CaptureFixture[str], db: Path, *words: object) -> tuple[int, str, str]:
    return running.run(capsys, "--db", db, *words)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small county, firm 3 corrected from 5 to 6 万元 and firm 4 said again, and rated once more."""
    folder = tmp_path_factory.mktemp("corrected")
    the_county = county(folder)
    file = folder / "更正.csv"
    head = "年度,统一社会信用代码,企业名称,实缴税金(万元)"
    file.write_text(f"{head}\n2022,{F[3]},示例3厂,6\n2022,{F[4]},示例4厂,6\n", encoding="utf-8")
    the_county.data.load([file], table="tax", reason="申诉更正", document="小县〔2023〕1号")
    the_county.runs.rate(folder / "rules", 2022)
    return the_county.path


def test_whose_own_figures_changed_is_told_though_the_tier_did_not(
    corrected: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    comparison = County(corrected).runs.diff(1, 2)
    # By hand: firm 3 has 6 ÷ 5 = 1.2 万元/亩, 12 points in place of 10; firm 4 says what it said.
    assert comparison.movers.is_empty()
    assert comparison.changed.select("credit_code", "score_change").rows() == [(F[3], 2)]
    assert comparison.batches is not None
    assert comparison.batches.select("firms", "changed", "moved").rows() == [(2, 1, 0)]
    _, out, _ = run(capsys, corrected, "runs", "diff", 1, 2, "-o", tmp_path / "比较.xlsx")
    assert "本企业数据有改动、档次未变的 1 家" in out
    assert any(f"示例3厂  {F[3]}" in line and "实缴税金 5万元→6万元" in line for line in out.splitlines())
    rows = pl.read_excel(tmp_path / "比较.xlsx", sheet_name="数据变化", infer_schema_length=0)
    assert rows["统一社会信用代码"].to_list() == [F[3]]
    _, out, _ = run(capsys, corrected, "runs", "diff", 1, 2, "--format", "json")
    assert [(r["credit_code"], r["inputs"][0]["after"], r["batches"]) for r in json.loads(out)["changed"]] == [
        (F[3], "6", [comparison.batches["number"][0]])
    ]


def test_an_export_of_a_run_that_is_behind_says_so(
    corrected: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, out, err = run(capsys, corrected, "export", "ratings", "--run", 1, "-o", tmp_path / "结果.csv")
    assert "8 行" in out
    assert "第 1 次评价之后又导入了 1 批数据" in err
    _, _, err = run(capsys, corrected, "export", "ratings", "--run", 2, "-o", tmp_path / "结果.csv")
    assert err == ""


@pytest.mark.parametrize("asked", [F[3], "示例3厂", "3厂", f" {F[3].lower()} "])
def test_firms_are_asked_for_by_code_or_name(
    corrected: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, asked: str
) -> None:
    for words in (("explain", asked), ("show", asked)):
        head = run(capsys, corrected, *words)[1].splitlines()[0]
        assert head.startswith("示例3厂")
        assert F[3] in head
    run(capsys, corrected, "export", "ratings", "--run", 2, "--firm", asked, "-o", tmp_path / "一家.csv")
    assert pl.read_csv(tmp_path / "一家.csv", infer_schema_length=0)["credit_code"].to_list() == [F[3]]


def test_nobody_and_several_are_answered_with_names(corrected: Path) -> None:
    the_county = County(corrected)
    for call in (the_county.firms.explain, lambda asked: the_county.runs.export("ratings", firms=[asked])):
        with pytest.raises(UsageError, match=f"可指 8 家企业，有：示例1厂（{F[1]}）"):
            call("示例")
        with pytest.raises(UsageError, match=f"没有企业“{F[3][:-1]}”.*示例3厂（{F[3]}）"):
            call(F[3][:-1])


def test_a_second_final_result_after_a_list_is_asked_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    the_county = county(tmp_path)
    rate = ("rate", "--rules", tmp_path / "rules", "--year", 2022, "--final")
    assert run(capsys, the_county.path, *rate)[0] == 0  # no list is out yet
    issued = ("rectify", "issue", "--title", "整治清单", "--document", "小县〔2023〕2号", "--on", "2023-05-01")
    assert run(capsys, the_county.path, *issued)[0] == 0
    status, _, err = run(capsys, the_county.path, *rate)
    assert status == 1
    assert "已据第 2 次评价于 2023-05-01 印发第 1 号清单《整治清单》" in err
    assert "--after-list" in err
    assert the_county.runs.list().height == 2
    assert run(capsys, the_county.path, *rate[:-1])[0] == 0  # a draft is nobody's business
    assert run(capsys, the_county.path, *rate, "--dry-run")[0] == 0
    assert run(capsys, the_county.path, *rate, "--after-list")[0] == 0
    assert the_county.runs.list()["final"].to_list() == [True, True, False, True]
