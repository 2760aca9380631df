"""Questions about files: answered by option or workbook, kept for the office's next file, listed, revoked, counted."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun import County
from mujun.errors import UsageError
from mujun.messages import speaking
from mujun.reports.departments.findings import write_findings
from mujun.reports.departments.reading_text import short_lines
from tests.records.files import Rows, code, workbook

D = Decimal
YUAN = ((1, 1205000), (2, 880500), (3, 450000))


def tax(folder: Path, year: int, times: int = 1, *, name: str = "税务局{}年数据") -> Path:
    """Three firms' tax in 元, which nothing says, and below a total; on a second sheet water, which raises no doubt."""
    rows = [[code(n), f"示例{n}厂", yuan * times] for n, yuan in YUAN]
    head = ["统一社会信用代码", "企业名称", f"{year}年实缴税金"]
    total = ["合计", "", 2535500 * times]
    water: Rows = [[*head[:2], "用水量（立方米）"], [code(1), "示例1厂", 900], ["合计", "", 950]]
    return workbook(folder / f"{name.format(year)}.xlsx", {"税收": [head, *rows, total], "用水": water})


def roll(folder: Path, year: int) -> Path:
    rows = [[year, code(n), f"示例{n}厂", "规上"] for n, _ in YUAN]
    head = ["年度", "统一社会信用代码", "企业名称", "规模"]
    return workbook(folder / f"名录{year}.xlsx", {"企业名录": [head, *rows]})


def paid(county: County, year: int) -> list[Decimal]:
    return county.data.table("tax").filter(pl.col("year") == year)["tax_paid"].to_list()


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loaded by one who answered: 元."""
    folder = tmp_path_factory.mktemp("answered")
    county = County(folder / "嵊州.duckdb")
    file = tax(folder, 2022)
    (question,) = county.data.load([roll(folder, 2022), file]).questions
    county.data.load([file], answers={question.id: "元"})
    return folder


@pytest.fixture
def county(answered: Path, tmp_path: Path) -> County:
    """A copy of it with its files, to do with as one likes."""
    return County(shutil.copytree(answered, tmp_path, dirs_exist_ok=True) / "嵊州.duckdb")


def test_an_answer_takes_in_what_waited_and_is_kept(county: County, tmp_path: Path) -> None:
    assert paid(county, 2022) == [D("120.5"), D("88.05"), D(45)]
    assert county.data.coverage(2022).waiting.is_empty()
    next_year = tax(tmp_path, 2023)
    outcome = county.data.load([roll(tmp_path, 2023), next_year])
    assert outcome.questions == ()
    assert paid(county, 2023) == [D("120.5"), D("88.05"), D(45)]
    reading = outcome.files[1].records.reading  # type: ignore[union-attr]
    assert reading is not None
    assert any("mujun layouts" in line for line in short_lines(reading))
    (layout,) = county.data.layouts()
    (answer,) = layout.answers
    assert (layout.table, answer.counts, answer.given_in) == ("tax", True, ("税务局2022年数据.xlsx", 3))
    assert answer.used_for == (("税务局2023年数据.xlsx", 5),)


def test_another_office_with_the_same_headers_is_asked(county: County, tmp_path: Path) -> None:
    (question,) = county.data.read(tax(tmp_path, 2023, name="园区{}年数据")).questions
    assert question.code == "unit_unsaid"


def test_a_remembered_unit_that_no_longer_fits_is_asked_again(county: County, tmp_path: Path) -> None:
    """A hundred times this year's, in 分 perhaps: as 元 the median would be 8,805 万元."""
    (question,) = county.data.read(tax(tmp_path, 2023, times=100)).questions
    assert question.code == "unit_unsaid"


def test_revoked_answers_are_asked_anew(county: County, tmp_path: Path) -> None:
    (layout,) = county.data.layouts()
    now = county.data.revoke_layout(layout.number)
    assert [a.counts for a in now.answers] == [False]
    assert len(county.data.read(tax(tmp_path, 2023)).questions) == 1
    with pytest.raises(UsageError):
        county.data.revoke_layout(layout.number)
    with pytest.raises(UsageError):
        county.data.layout(99)
    with pytest.raises(UsageError):
        county.data.revoke_layout(layout.number, question="abc")
    assert paid(county, 2022)[0] == D("120.5")


def test_whoever_answers_otherwise_replaces_what_the_first_answer_brought(county: County, tmp_path: Path) -> None:
    (layout,) = county.data.layouts()
    (outcome,) = county.data.load(
        [tmp_path / "税务局2022年数据.xlsx"], answers={layout.answers[0].question: "千元"}
    ).files
    assert paid(county, 2022) == [D(120500), D(88050), D(45000)]
    assert outcome.batch is not None
    assert county.rounds.changes(outcome.batch).height == 3


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county where a question waits, and the findings workbook with the answer 元 chosen."""
    folder = tmp_path_factory.mktemp("waiting")
    outcome = County(folder / "嵊州.duckdb").data.load([roll(folder, 2022), tax(folder, 2022)])
    # Whoever answers is told in Chinese, as in each test.
    with speaking("zh"):
        path = write_findings(folder / "问题.xlsx", outcome.records())
    book = openpyxl.load_workbook(path)
    sheet = book["待答问题"]
    (rule,) = sheet.data_validations.dataValidation
    first = str(rule.formula1).strip('"').split(",")[0]
    assert first.startswith("1. 元")
    assert str(rule.sqref) == "I3"
    sheet["I3"] = first
    book.save(path)
    return folder


@pytest.fixture
def asked(waiting: Path, tmp_path: Path) -> tuple[County, Path]:
    """A copy of it with its files, to do with as one likes."""
    folder = shutil.copytree(waiting, tmp_path, dirs_exist_ok=True)
    return County(folder / "嵊州.duckdb"), folder / "问题.xlsx"


def test_a_workbook_with_answers_takes_in_the_file_beside_it(asked: tuple[County, Path]) -> None:
    county, path = asked
    assert county.data.coverage(2022).waiting["rows"].to_list() == [3]
    outcome = county.data.load([path])
    assert [f.file for f in outcome.files] == ["问题.xlsx", "税务局2022年数据.xlsx"]
    assert paid(county, 2022) == [D("120.5"), D("88.05"), D(45)]
    assert county.data.coverage(2022).waiting.is_empty()
    assert len(county.data.layouts()) == 1


def test_a_workbook_with_answers_needs_the_file_that_was_asked_about(
    asked: tuple[County, Path], tmp_path: Path
) -> None:
    county, path = asked
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    alone = Path(shutil.copy(path, elsewhere))
    assert [p.code for p in county.data.load([alone]).unanswered] == ["answer_file_missing"]
    tax(elsewhere, 2022, times=2)
    assert [p.code for p in county.data.load([alone]).unanswered] == ["answer_file_changed"]
    assert paid(county, 2022) == []
    county.data.load([alone, path.with_name("税务局2022年数据.xlsx")])
    assert len(paid(county, 2022)) == 3


def test_a_file_of_which_all_waits_is_on_record(tmp_path: Path) -> None:
    county = County(tmp_path / "嵊州.duckdb")
    file = workbook(
        tmp_path / "2022税收.xlsx",
        {"税收": [["统一社会信用代码", "企业名称", "实缴税金"], *[[code(n), "甲", yuan] for n, yuan in YUAN]]},
    )
    county.data.load([roll(tmp_path, 2022), file])
    waiting = county.data.coverage(2022).waiting
    assert waiting.select("file", "table", "rows").rows() == [("2022税收.xlsx", "tax", 3)]
    county.data.load([file], answers={waiting["question"][0]: "1"})
    assert county.data.coverage(2022).waits == 0
    assert len(paid(county, 2022)) == 3


def test_figures_ten_times_last_years_are_asked_about(county: County, tmp_path: Path) -> None:
    """88.05 万元 last year; 8,805 in a column without unit would be plausible by itself, up to 5,000 at least not."""
    rows = [[code(n), f"示例{n}厂", yuan / 1000] for n, yuan in YUAN]
    file = workbook(tmp_path / "园区2023税收.xlsx", {"税收": [["统一社会信用代码", "企业名称", "实缴税金"], *rows]})
    (question,) = county.data.read(file).questions
    assert (question.code, question.values["median"]) == ("unit_unsaid", D("880.5"))


def test_coverage_holds_the_files_totals_against_what_was_read(county: County) -> None:
    found = county.data.coverage(2022)
    totals = {(r["table"], r["field"]): (r["own_total"], r["read"]) for r in found.totals.iter_rows(named=True)}
    assert totals == {("tax", "tax_paid"): (D(2535500), D(2535500)), ("water", "water_m3"): (D(950), D(900))}
    assert found.differing["field"].to_list() == ["water_m3"]
    of_tax = found.fields.filter(pl.col("field") == "tax_paid").row(0, named=True)
    assert (of_tax["total_in_files"], of_tax["read_of_these"]) == (D("253.55"), D("253.55"))


def test_next_years_file_is_no_newer_version_of_this_years(county: County, tmp_path: Path) -> None:
    """Else what waits of this year would vanish from its coverage when next year's file comes."""
    last = tax(tmp_path, 2021, name="园区{}年数据")
    county.data.load([roll(tmp_path, 2021), last])
    assert county.data.coverage(2021).waiting.height == 1
    county.data.load([tax(tmp_path, 2022, name="园区{}年数据")])
    assert county.data.coverage(2021).waiting.height == 1
