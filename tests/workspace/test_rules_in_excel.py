"""`rules sheet` and `rules load`: a rule set handed out as a workbook and taken back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mujun.cli import main
from mujun.errors import InputError, MujunError
from mujun.messages import speaking
from mujun.reports.rules_form import GUIDE, ORIGINAL, write_rules_form
from mujun.rules import addresses, load_rules
from mujun.rules.filling import pages_of
from mujun.rules.filling.moving import moved_files
from mujun.rules.folders import FILES, find_folder
from mujun.workspace import rules_in_excel
from mujun.workspace.rules_in_excel import rules_form, take_back


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


@pytest.mark.parametrize("address", addresses())
def test_untouched_it_gives_the_same_files(address: str, tmp_path: Path) -> None:
    kept, sheets = rules_in_excel._workbook(handed_out(address, tmp_path))
    assert rules_in_excel._changes(pages_of(load_rules(address)), sheets, "f") == []
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
        assert rules_in_excel._changes(pages_of(load_rules(address)), sheets, "f") == []
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
