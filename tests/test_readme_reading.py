"""The reading that README shows is what `mujun read` prints of that sheet, in both languages."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import mujun
from mujun import messages
from mujun.messages import Language
from mujun.reports.departments.reading_text import whole_lines

SHEET: list[list[object]] = [
    ["2022年度工业企业税收情况表"],
    ["填报单位：示例市税务局", None, None, None, "金额单位：人民币千元"],
    ["纳税人识别号", "纳税人名称", "税收情况", None, None, "退税"],
    [None, None, "增值税", "其他税种", "合计", None],
    ["91330683XXXX000011", "示例一号轴承厂", 4105, 2160.5, 6265.5, 120],
    ["91330683XXXX000024", "示例二号纺织厂", 905, 388, 1293, None],
    ["合计", None, 5010, 2548.5, 7558.5, 120],
    ["注：入库数，不含社保费。"],
]


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_readme_shows_a_reading_as_it_is(page: str, language: Language, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "税收"
    for row in SHEET:
        sheet.append(row)
    for merged in ("A1:F1", "C3:E3", "A3:A4", "B3:B4", "F3:F4"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "税务局2022年税收.xlsx")
    records = mujun.read_file(tmp_path / "税务局2022年税收.xlsx")
    assert records.findings == ()
    assert records.reading is not None
    with messages.speaking(language):
        # The first line has the file's digest, which openpyxl makes anew every time.
        _, _, *lines = whole_lines(records.reading)
    shown = (Path(__file__).parents[1] / page).read_text(encoding="utf-8")
    assert "\n".join(lines) in shown
