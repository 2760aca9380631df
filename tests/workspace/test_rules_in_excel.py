"""`rules sheet` and `rules load`: a rule set handed out as a workbook and taken back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mujun.cli import main
from mujun.errors import InputError, MujunError, Problem
from mujun.messages import speaking
from mujun.records.sheets import Sheet
from mujun.reports.rules_form import GUIDE, ORIGINAL, write_rules_form
from mujun.rules import addresses, load_rules
from mujun.rules.filling import pages_of
from mujun.rules.filling.moving import moved_files
from mujun.rules.folders import FILES, find_folder
from mujun.workspace import County, rules_in_excel
from mujun.workspace.rules_in_excel import rules_form, take_back
from tests.workspace.small_county import files_at, rules_at


def handed_out(address: str | Path, folder: Path) -> Path:
    return write_rules_form(folder / "规则.xlsx", rules_form(address))


def changed(file: Path, change: Callable[[Any], None]) -> Path:
    """The workbook as somebody saves it who did something to it."""
    book = openpyxl.load_workbook(file)
    change(book)
    book.save(file)
    return file


def cell_of(address: str | Path, page: str, path: str, nth: int = 0) -> tuple[int, int]:
    """Row and column, from 1, of the open cell of a key."""
    found = next(p for p in pages_of(load_rules(address)) if p.name == page)
    return next(
        (r + 1, c + 1) for r, c, cell in found.cells() if cell.spot and (cell.spot.path, cell.spot.nth) == (path, nth)
    )


def put(page: str, at: tuple[int, int], value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[page].cell(*at).value = value

    return change


def same_bytes(address: str, files: dict[str, bytes]) -> None:
    source = find_folder(address).path
    assert {n for n in FILES if (source / n).exists()} <= set(files)
    for name, data in files.items():
        assert (source / name).read_bytes() == data


def changes_in(sheets: Mapping[str, Sheet], address: str | Path) -> tuple[list[Any], list[Problem]]:
    """What a workbook changes of a rule set, and what is wrong with it."""
    wrong: list[Problem] = []
    return rules_in_excel._changes(pages_of(load_rules(address)), sheets, "f", wrong), wrong


@pytest.mark.parametrize("address", addresses())
def test_untouched_it_gives_the_same_files(address: str, tmp_path: Path) -> None:
    kept, sheets = rules_in_excel._workbook(handed_out(address, tmp_path))
    assert changes_in(sheets, address) == ([], [])
    same_bytes(address, moved_files(kept, kept.texts, tmp_path / "new"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_saved_by_libreoffice_it_gives_the_same_files(tmp_path: Path) -> None:
    books = [write_rules_form(tmp_path / f"{a.replace('/', '+')}.xlsx", rules_form(a)) for a in addresses()]
    profile = (tmp_path / "profile").as_uri()
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx", "--outdir",
         str(tmp_path / "out"), *map(str, books)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    for address, book in zip(addresses(), books, strict=True):
        kept, sheets = rules_in_excel._workbook(tmp_path / "out" / book.name)
        assert changes_in(sheets, address) == ([], [])
        same_bytes(address, moved_files(kept, kept.texts, tmp_path / "new"))


def test_a_threshold_and_its_reason(tmp_path: Path) -> None:
    address, page = "zhejiang/jiande-lianhua-2021", "整治清单"
    rectification = load_rules(address).rectification
    assert rectification is not None
    listing = rectification.listing[0].id
    book = handed_out(address, tmp_path)
    changed(book, put(page, cell_of(address, page, f"listing.{listing}.when"), 4))
    changed(book, put(page, cell_of(address, page, f"listing.{listing}.reason"), "亩均税收低于4万元"))
    with speaking("zh"):
        made = take_back(book, tmp_path / "new")
        said = [str(d) for d in made.differences]
    assert len(said) == 2
    assert "4" in said[0]
    source = find_folder(address).path / "rectification.yaml"
    before, after = (p.read_text(encoding="utf-8").splitlines() for p in (source, made.folder / "rectification.yaml"))
    assert len([1 for a, b in zip(before, after, strict=True) if a != b]) == 1
    # The list of three now says another limit than the cases were computed with.
    assert made.failing


def test_a_base_that_is_changed_comes_along(tmp_path: Path) -> None:
    address, page = "zhejiang/huangyan-2022", "综合评价"
    book = changed(
        handed_out(address, tmp_path), put(page, cell_of(address, page, "scoring.above.tax_per_mu.weight"), 31)
    )
    changed(book, put(page, cell_of(address, page, "scoring.above.va_per_mu.weight"), 19))
    made = take_back(book, tmp_path / "new")
    assert made.files == ("huangyan-base/rating.yaml", "rating.yaml", "tests.yaml")
    after = load_rules(tmp_path / "new").rating
    assert after is not None
    assert after.extends == "huangyan-base"
    assert [i.weight for i in after.scoring["above"].items.values()][:2] == [31, 19]
    assert len(made.differences) == 2
    assert made.failing


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("三十", "的“三十”不是数"),
        ("=15+16", "公式"),
        (-5, "改后规则不成立：") ,
    ],
)  # fmt: skip
def test_a_wrong_cell_is_said_and_nothing_is_written(value: object, said: str, tmp_path: Path) -> None:
    address, page = "zhejiang/linhai-2014", "综合评价"
    at = cell_of(address, page, "tiers.cut.default.shares.B")
    book = changed(handed_out(address, tmp_path), put(page, at, value))
    with speaking("zh"), pytest.raises(InputError) as wrong:
        take_back(book, tmp_path / "new")
    assert len(wrong.value.problems) == 1
    assert f"{openpyxl.utils.get_column_letter(at[1])}{at[0]}" in str(wrong.value)
    assert said in str(wrong.value)
    assert not (tmp_path / "new").exists()


def test_all_wrong_cells_are_named_at_once(tmp_path: Path) -> None:
    address, page = "zhejiang/linhai-2014", "综合评价"
    wrong = {
        cell_of(address, page, "years"): "去年",
        cell_of(address, page, "tiers.cut.default.shares.B"): -5,
        next(_cells_of_weights(address, page)): "三十",
        [*_cells_of_weights(address, page)][1]: -3,
    }
    book = handed_out(address, tmp_path)
    for at, value in wrong.items():
        changed(book, put(page, at, value))
    with speaking("zh"), pytest.raises(InputError) as told:
        take_back(book, tmp_path / "new")
    names = {f"{openpyxl.utils.get_column_letter(column)}{row}" for row, column in wrong}
    assert {str(p.values["cell"]) for p in told.value.problems} == names
    assert len(told.value.problems) == len(names)
    assert not (tmp_path / "new").exists()


def _cells_of_weights(address: str, page: str) -> Iterator[tuple[int, int]]:
    rating = load_rules(address).rating
    assert rating is not None
    cohort, scoring = next(iter(rating.scoring.items()))
    return (cell_of(address, page, f"scoring.{cohort}.{name}.weight") for name in scoring.items)


def test_a_per_cent_is_not_taken_for_what_it_shows(tmp_path: Path) -> None:
    address, page = "zhejiang/linhai-2014", "综合评价"
    at = cell_of(address, page, "tiers.cut.default.shares.A")

    def per_cent(book: Any) -> None:
        book[page].cell(*at).value = 0.25
        book[page].cell(*at).number_format = "0%"

    with speaking("zh"), pytest.raises(InputError, match=r"的“25%”不是数。请只写数字，不带单位。"):
        take_back(changed(handed_out(address, tmp_path), per_cent), tmp_path / "new")


def _without_page(book: Any) -> None:
    del book["综合评价"]


def _without_original(book: Any) -> None:
    del book[ORIGINAL]


def _damaged(book: Any) -> None:
    book[ORIGINAL]["A2"].value = "甲"


def _of_other_version(book: Any) -> None:
    book[ORIGINAL]["B1"].value = "99"


def _row_inserted(book: Any) -> None:
    book["综合评价"].insert_rows(5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without_page, "没有“综合评价”表"), (_without_original, "这不是 mujun rules sheet 写出的"),
        (_damaged, "损坏"), (_of_other_version, "另一版本"), (_row_inserted, "不能改"),
    ],
)  # fmt: skip
def test_another_workbook_is_refused_in_one_sentence(change: Callable[[Any], None], said: str, tmp_path: Path) -> None:
    book = changed(handed_out("zhejiang/huangyan-2022", tmp_path), change)
    with speaking("zh"), pytest.raises(MujunError, match=said) as wrong:
        take_back(book, tmp_path / "new")
    assert len(wrong.value.problems) == 1


def test_how_it_looks(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(handed_out("zhejiang/huangyan-2022", tmp_path))
    assert book.sheetnames == ["综合评价", GUIDE, ORIGINAL]
    assert book[ORIGINAL].sheet_state == "hidden"
    page = book["综合评价"]
    assert page.protection.sheet
    row, column = cell_of("zhejiang/huangyan-2022", "综合评价", "scoring.above.tax_per_mu.benchmark")
    weight = page.cell(row, column)
    assert weight.value == 24.097
    assert not weight.protection.locked
    assert page.cell(row, 1).protection.locked
    assert [page.cell(row - 1, c).value for c in range(1, 6)] == ["指标", "权重", "基准值", "得分上限", "值缺失时"]


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--lang", "zh", "rules", *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    assert run("sheet", "zhejiang/linhai-water-2022", "-o", "规则.xlsx")[0] == 0
    status, said, _ = run("load", "规则.xlsx", "--as", "甲")
    assert (status, said.split("；")[0]) == (0, "没有改动")
    at = cell_of("zhejiang/linhai-water-2022", "要素配置", "measures.water.rate.d.value")
    changed(Path("规则.xlsx"), put("要素配置", at, 0.4))
    status, said, _ = run("load", "规则.xlsx", "--as", "乙")
    assert status == 0
    assert "由 0.3 元/立方米 改为 0.4" in said or "0.4" in said
    assert "共改 1 处，已写到 乙" in said
    assert "不再成立" in said
    status, _, complaint = run("load", "规则.xlsx", "--as", "乙")
    assert status == 1
    assert complaint


NEWER = {
    "rectification.yaml": """mujun: 1
kind: rectification
name: 几张清单
sources: [{document: 虚构〔2022〕1号}]
statistics:
  last: {stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [parcel], year: previous}
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
lists:
  idle:
    label: 低效用地
    listing: [{id: low, when: "tax_paid / land_mu < 0.5 * last", reason: 不足上年所在地块平均的一半}]
    exit: {when: "tax_paid / land_mu >= 5"}
  power:
    label: 高耗能
    listing: [{id: high, when: "energy_tce > 1000", reason: 综合能耗1000吨标煤以上}]
""",
    "allocation.yaml": """mujun: 1
kind: allocation
name: 宽限
sources: [{document: 虚构〔2022〕2号}]
fields:
  notified_on: {label: 告知日期, input: date}
statistics:
  let: {stat: sum, of: tax_paid, over: [landlord], among: all}
measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    rate: [{id: d, when: "tier = 'D' and let < 100 and coalesce(power_amount_last, 0) = 0", value: 0.1}]
    period: {year: +1, begins: notified_on, grace: 6}
""",
}


def test_what_the_language_gained_goes_round(tmp_path: Path) -> None:
    source = tmp_path / "set"
    source.mkdir()
    for name, text in NEWER.items():
        (source / name).write_text(text, encoding="utf-8")
    book = handed_out(source, tmp_path)
    _, sheets = rules_in_excel._workbook(book)
    assert changes_in(sheets, source) == ([], [])
    at = cell_of(source, "要素配置", "measures.power.period.grace")
    made = take_back(changed(book, put("要素配置", at, 9)), tmp_path / "new")
    told = (tmp_path / "new" / "allocation.yaml").read_text(encoding="utf-8")
    assert told == NEWER["allocation.yaml"].replace("grace: 6", "grace: 9")
    assert (tmp_path / "new" / "rectification.yaml").read_text(encoding="utf-8") == NEWER["rectification.yaml"]
    with speaking("zh"):
        assert [str(d) for d in made.differences] != []


def test_a_changed_weight_is_tried_at_once(tmp_path: Path) -> None:
    county = County(tmp_path / "small.duckdb")
    county.data.load(files_at(tmp_path / "2022", 2022))
    source = rules_at(tmp_path / "rules")
    at = next(
        (r + 1, c + 1)
        for p in pages_of(load_rules(source))
        if p.name == "综合评价"
        for r, c, cell in p.cells()
        if cell.spot and cell.spot.path.startswith("scoring.") and cell.spot.path.endswith(".weight")
    )
    file = handed_out(source, tmp_path)
    made = county.rules.take_back(changed(file, put("综合评价", at, 55)), tmp_path / "new")
    tried = county.rules.try_taken_back(made)
    assert tried is not None
    assert tried.baseline.year == 2022
    assert tried.baseline.number is None
    comparison = tried.outcomes[0].comparison
    assert comparison is not None
    assert comparison.rules != ()


def test_without_a_store_nothing_is_tried(tmp_path: Path) -> None:
    source = rules_at(tmp_path / "rules")
    made = take_back(handed_out(source, tmp_path), tmp_path / "new")
    assert County(tmp_path / "none.duckdb").rules.try_taken_back(made) is None
