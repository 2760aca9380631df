"""Files that come again, findings that come back corrected, and what a year's coverage says of both."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from mujun import County
from mujun.errors import UsageError
from mujun.reports.departments.findings import write_findings
from tests.records.files import Rows, code, workbook

HEAD = ["统一社会信用代码", "企业名称"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    roll = [[code(i), f"示例{i}厂", "规上", "甘霖镇", "3811"] for i in range(1, 5)]
    path = workbook(folder / "2022年名录.xlsx", {"企业名录": [[*HEAD, "规模", "镇街", "行业代码"], *roll]})
    own = County(folder / "嵊州.duckdb")
    own.data.load([path])
    return own.path


@pytest.fixture
def county(made: Path, tmp_path: Path) -> County:
    """A copy of it, to do with as one likes."""
    return County(shutil.copy(made, tmp_path / "嵊州.duckdb"))


def land_file(folder: Path, name: str, *rows: list[object]) -> Path:
    return workbook(folder / name, {"用地": [[*HEAD, "地块编号", "权属", "用地面积（亩）"], *rows]})


def mu(county: County, n: int) -> object:
    frame, _ = county.data.frame(2022)
    return frame.filter(credit_code=code(n))["land_mu"][0]


def corrected(county: County, file: Path, back: Path, row: int, column: int, value: str) -> None:
    """Load a file with its findings workbook, correct one cell of it as told, and load it back."""
    outcome = county.data.load([file])
    write_findings(back, outcome.records())
    book = openpyxl.load_workbook(back)
    sheet = next(s for s in book if s.title.startswith(("用地", "税收")))
    sheet.cell(row, column).value = value
    book.save(back)
    county.data.load([back])


def test_a_corrected_land_row_joins_the_rows_of_its_file(county: County, tmp_path: Path) -> None:
    # The cell with the code was merged over both rows: the second had none, and was loaded back as told.
    own = land_file(
        tmp_path, "2022年用地.xlsx", [code(1), "示例1厂", "P1", "自有", 10], [None, "某厂", "P2", "自有", 6]
    )
    leases = land_file(tmp_path, "2022年租赁.xlsx", [code(1), "示例1厂", "P9", "租入", 2])
    county.data.load([leases])
    corrected(county, own, tmp_path / "问题.xlsx", 2, 2, code(1))
    assert mu(county, 1) == 18
    coverage = county.data.coverage(2022)
    assert coverage.kept_out.is_empty()
    # Loaded back a second time it adds nothing, and a changed figure in it is said, not taken.
    again = openpyxl.load_workbook(tmp_path / "问题.xlsx")
    again["用地-自然资源局"].cell(2, 6).value = "7"
    again.save(tmp_path / "问题2.xlsx")
    outcome = county.data.load([tmp_path / "问题2.xlsx"])
    assert [f.code for f in outcome.findings] == ["in_already"]
    assert mu(county, 1) == 18


def test_a_corrected_figure_completes_its_file(county: County, tmp_path: Path) -> None:
    rows: Rows = [[code(1), "示例1厂", 10], [code(2), "示例2厂", "待核"], [code(3), "示例3厂", "约12"]]
    tax = workbook(tmp_path / "2022年税收.xlsx", {"税收": [[*HEAD, "实缴税金（万元）"], *rows]})
    corrected(county, tax, tmp_path / "问题.xlsx", 2, 4, "20")
    frame, _ = county.data.frame(2022)
    assert frame.sort("credit_code")["tax_paid"].to_list() == [10, 20, None, None]
    coverage = county.data.coverage(2022)
    line = coverage.fields.filter(field="tax_paid").row(0, named=True)
    told = ("on_roll", "with_value", "blank", "waiting_rows", "contested", "total", "total_in_store")
    assert [line[c] for c in told] == [4, 2, 2, 1, 0, Decimal(30), Decimal(30)]
    assert coverage.kept_out.select("table", "file", "rows").rows() == [("tax", "2022年税收.xlsx", 1)]


def test_coverage_tells_what_waits_and_in_which_unit_figures_cannot_be(county: County, tmp_path: Path) -> None:
    first, second = (
        workbook(tmp_path / f"2022年税收_{name}.xlsx", {"税收": [[*HEAD, "实缴税金（万元）"], *rows]})
        for name, rows in (
            ("一所", [[code(i), f"示例{i}厂", 1_000_000 * i] for i in (1, 2, 3)]),
            ("二所", [[code(1), "示例1厂", 5], [code(4), "示例4厂", 700_000]]),
        )
    )
    county.data.load([first, second])
    coverage = county.data.coverage(2022)
    line = coverage.fields.filter(field="tax_paid").row(0, named=True)
    assert (line["with_value"], line["contested"], line["unlikely_median"]) == (4, 1, Decimal(1_000_000))
    assert coverage.waits == 1
    document = json.loads(json.dumps(coverage.as_plain()))
    (waiting,) = document["contested"]
    assert [waiting[k] for k in ("credit_code", "field", "stands", "says", "file")] == [
        code(1), "tax_paid", "1000000", "5", "2022年税收_二所.xlsx",
    ]  # fmt: skip
    assert county.data.coverage(2022, as_of_batch=2).waits == 0


def test_files_named_by_a_reason_replace(county: County, tmp_path: Path) -> None:
    for name, area in (("甲", 10), ("乙", 8)):
        file = land_file(tmp_path, f"2022年用地_{name}.xlsx", [code(1), "示例1厂", "P1", "自有", area])
        outcome = county.data.load([file], reason="实测" if name == "乙" else None)
    assert mu(county, 1) == 8
    assert outcome.files[0].met is not None
    assert outcome.files[0].met.replaced == 1
    assert county.rounds.corrections().select("reason", "replaced").rows() == [("实测", 1)]


# ------------------------------------------------------------------------------------------------------------ the gate

RULES = """
mujun: 1
kind: rating
name: 试行
place: 嵊州市
years: [2022]
status: example
sources: [{document: 自拟, checked: 2026-11-23}]
cohorts: [{id: all, when: "true"}]
indicators:
  tax_per_mu: {label: 亩均税收, of: tax_paid, per: land_mu}
  rd: {label: 研发强度, of: "coalesce(rd_expense, 0)", per: revenue}
scoring:
  all:
    tax_per_mu: {weight: 60, benchmark: 10}
    rd: {weight: 40, benchmark: 0.03, missing: zero}
tiers:
  classes: [{id: A, label: 甲}, {id: B, label: 乙}]
  rank_by: [score]
  cut: {default: {shares: {A: 50, B: 100}}}
"""


def year(folder: Path, county: County, taxed: int, revenue: int) -> Path:
    """A year of four firms, of which some have a tax and some a revenue; and the rules."""
    land = land_file(folder, "2022年用地.xlsx", *([code(i), f"示例{i}厂", f"P{i}", "自有", 10] for i in range(1, 5)))
    files = [land]
    for name, header, count in (("税收", "实缴税金（万元）", taxed), ("产出", "营业收入（万元）", revenue)):
        rows = [[code(i), f"示例{i}厂", 100 * i] for i in range(1, count + 1)]
        if rows:
            files.append(workbook(folder / f"2022年{name}.xlsx", {name: [[*HEAD, header], *rows]}))
    county.data.load(files)
    rules = folder / "rules"
    rules.mkdir()
    (rules / "rating.yaml").write_text(RULES, encoding="utf-8")
    return rules


@pytest.mark.parametrize(
    ("taxed", "revenue", "refused"),
    [(4, 4, []), (0, 4, ["tax_paid"]), (1, 4, ["tax_paid"]), (2, 4, []), (4, 1, []), (4, 0, ["revenue"]),
     (0, 0, ["tax_paid", "revenue"])],
)  # fmt: skip
def test_a_rating_is_refused_where_what_it_asks_for_is_missing(
    county: County, tmp_path: Path, taxed: int, revenue: int, refused: list[str]
) -> None:
    rules = year(tmp_path, county, taxed, revenue)
    if refused:
        with pytest.raises(UsageError) as error:
            county.runs.rate(rules, 2022)
        assert {p.values["field"] for p in error.value.problems} == set(refused)
        assert county.runs.list().is_empty()
    assert county.runs.rate(rules, 2022, despite=refused).number == 1


def test_a_tie_for_want_of_figures_is_named(county: County, tmp_path: Path) -> None:
    from mujun.workspace.runs.gate import ties_for_want

    rules = year(tmp_path, county, 0, 4)
    result = county.runs.rate(rules, 2022, despite=["实缴税金"])
    (tie,) = ties_for_want(result)
    assert (tie.tier, tie.firms, tie.fields) == ("A", tuple(f"示例{i}厂" for i in range(1, 5)), ("tax_paid",))
    with pytest.raises(UsageError):
        county.runs.rate(rules, 2022, despite=["tax_payed"])
