"""`allocate` as a clerk types it: amounts, office lists, the ledger, projects, other rules; and how it refuses."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun.workspace import County
from mujun.workspace.money.amounts import allocation_of
from tests.cli.running import run
from tests.workspace.money_county import ALLOCATION, RATING, county, csv, rules_at


@pytest.fixture(scope="module")
def money(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("money")
    the_county = county(folder)
    the_county.runs.rate(rules_at(folder / "rules"), 2022, final=True)
    return the_county.path


def test_totals_other_rules_and_their_workbooks(
    capsys: pytest.CaptureFixture[str], money: Path, tmp_path: Path
) -> None:
    db = ("--db", money, "allocate")
    status, printed, _ = run(capsys, *db)
    assert (status, "加价合计 1.03333 万元，减免合计 13.4 万元" in printed) == (0, True)
    status, printed, _ = run(capsys, *db, "--by", "tier", "--by", "industry", "-o", tmp_path / "合计.xlsx")
    assert status == 0
    assert "17 纺织业" in printed
    assert "2021 年度没有评价过" in printed
    assert openpyxl.load_workbook(tmp_path / "合计.xlsx").sheetnames == ["按档次", "按行业"]
    dearer = rules_at(tmp_path / "dearer", allocation=ALLOCATION.replace("value: 0.1}", "value: 0.3}"))
    status, printed, _ = run(capsys, *db, "--what-if", dearer, "-o", tmp_path / "改.xlsx")
    assert status == 0
    assert "多缴的企业 2 家，共多缴 2.06666 万元" in printed
    book = openpyxl.load_workbook(tmp_path / "改.xlsx")
    assert book.sheetnames == ["按措施", "按档次", "按镇街", "多缴的企业", "少缴的企业"]


def test_offices_ledger_and_projects(capsys: pytest.CaptureFixture[str], money: Path, tmp_path: Path) -> None:
    db = ("--db", money, "allocate")
    status, printed, _ = run(capsys, *db, "offices", tmp_path / "清单")
    assert (status, "没有户号" in printed) == (0, True)
    files = sorted(f.name for f in (tmp_path / "清单").iterdir())
    assert files == ["2022年度差别化措施_供电.xlsx", "2022年度差别化措施_税务.xlsx"]
    status, printed, _ = run(capsys, "--lang", "en", *db, "levers", "-o", tmp_path / "台账.xlsx")
    assert status == 0
    assert "no measure of the rule set is counted in this line" in printed
    cells = [c.value for row in openpyxl.load_workbook(tmp_path / "台账.xlsx").active for c in row]
    assert "规则集没有计入这一行的措施" in cells, "the workbook is in Chinese whatever the screen says"
    status, printed, _ = run(capsys, *db, "pool", "--amount", "30", "-o", tmp_path / "分配.xlsx")
    assert (status, "2 个项目没有分够，共缺 120 吨标煤" in printed) == (0, True)
    plan = csv(tmp_path, "方案", "项目代码,来源编号,替代账户,使用数量", "X3,Y1,能耗,60", "X3,Y1,煤,20")
    status, printed, _ = run(capsys, *db, "substitute", plan, "--dry-run", "-o", tmp_path / "替代.xlsx")
    assert (status, "检查通过" in printed) == (0, True)
    assert openpyxl.load_workbook(tmp_path / "替代.xlsx").sheetnames == ["余额", "项目", "使用"]


def test_measures_of_another_year_are_tried_and_never_carried_out(
    capsys: pytest.CaptureFixture[str], money: Path, tmp_path: Path
) -> None:
    """A set with fixed dates would charge the same half year twice: by the tiers of two years."""
    elsewhere = rules_at(tmp_path / "elsewhere", allocation=ALLOCATION.replace("[2021, 2022]", "[2023]"))
    db = ("--db", money, "allocate")
    note = "适用于 2023 年度的评价结果，这里只是试用于 2022 年度"
    for words in (("--rules", elsewhere), ("--what-if", elsewhere), ("levers", "--rules", elsewhere)):
        status, printed, _ = run(capsys, *db, *words)
        assert (status, note in printed) == (0, True), words
    status, printed, error = run(capsys, *db, "offices", tmp_path / "清单", "--rules", elsewhere)
    assert (status, "不出执行清单" in error, (tmp_path / "清单").exists()) == (1, True, False)
    # Last year rated by them is no more than a trial either.
    the_county = County(shutil.copy(money, tmp_path / "two.duckdb"))
    the_county.runs.rate(
        rules_at(tmp_path / "both", rating=RATING, allocation=ALLOCATION.replace("[2021, 2022]", "[2022]")), 2021
    )
    status, printed, _ = run(capsys, "--db", the_county.path, "allocate", "--run", "1", "--by", "tier")
    assert (status, "上年的数只是试算" in printed) == (0, True)


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("offices", "x", "--office", "gas"), 1, "没有交“gas”执行的措施"),
        (("pool", "--amount", "-1"), 2, "不是不小于零"),
        (("pool", "--amount", "1e-9"), 2, "不是不小于零"),
        (("pool", "--pool", "fred"), 1, "没有分配“fred”，有的是：freed"),
        (("substitute", "没有这个文件.xlsx"), 1, "没有这个文件.xlsx"),
        (("--run", "9"), 1, "9"),
        (("--by", "tier", "-o", "x.csv"), 1, "要以 .xlsx 结尾"),
        (("levers", "-o", "x.csv"), 1, "只能写 .xlsx 文件"),
        (("--what-if", "zhejiang/huzhou-2021"), 1, "没有"),
        (("--by", "colour"), 2, "colour"),
    ],
)
def test_refusals(
    capsys: pytest.CaptureFixture[str], money: Path, words: tuple[str, ...], status: int, sentence: str
) -> None:
    got, _, error = run(capsys, "--db", money, "allocate", *words)
    assert (got, "Traceback" in error) == (status, False)
    assert sentence in error


def test_the_sample_county_s_lists_add_up(
    capsys: pytest.CaptureFixture[str], sample_county: Path, tmp_path: Path
) -> None:
    from mujun.workspace import County

    assert run(capsys, "--db", sample_county, "allocate", "offices", tmp_path / "清单")[0] == 0
    _, allocation = allocation_of(County(sample_county))
    total = Decimal(0)
    for file in (tmp_path / "清单").iterdir():
        sheet = openpyxl.load_workbook(file)["合计"]
        rows = [[c for c in row if c is not None] for row in sheet.iter_rows(values_only=True)]
        start = next(i for i, row in enumerate(rows) if row and str(row[0]) == "措施")
        end = next(i for i, row in enumerate(rows) if i > start and not row)
        place = [str(c).replace("\n", "") for c in rows[start]].index("金额（元）")
        total += sum(round(Decimal(str(row[place])), 2) for row in rows[start + 1 : end])
    charged = allocation.rows.filter(pl.col("kind").is_in(["surcharge", "relief"]))["amount"].sum()
    assert total == charged * 10_000
