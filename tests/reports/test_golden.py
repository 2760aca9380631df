"""Golden documents: a workbook's cells, pages, a paper, as they stood when a person last looked at them.

A change that is meant is taken over with `pytest tests/reports/test_golden.py --snapshot-update`, and its diff is read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mujun.messages import speaking
from mujun.reports.notice import notice_html
from mujun.reports.rectification.firm_papers import FirmPaper, Ground, OnParcel, notices_html, plans_html
from mujun.reports.year.year_workbook import write_year
from mujun.rules import load_rules
from mujun.rules.showing import show_rules
from tests.reports.given import year

FIRM = FirmPaper(
    name="甲&乙<有限>公司", code="91330683000000010X", township="甘霖镇", park="", industry="3812 电动机制造",
    scale="规上", tier="D", land_mu=Decimal("39.156"), tax_per_mu=2.345678, va_per_tce=None,
    list_title="2022年度清单", list_document="嵊腾笼办〔2023〕1号", list_day=date(2023, 3, 1),
    path="整治提升", deadline=date(2024, 2, 29), department="甘霖镇人民政府", expected_land_mu=Decimal("3.5"),
    expected_energy_tce=None, energy_basis="等价值",
    grounds=(Ground("亩均税收低", "亩均税收低于6万元/亩", ("亩均税收 2.35 万元/亩",)),),
    parcels=(OnParcel("GL-001", Decimal("39.156"), "整治提升", ()),), standard="亩均税收不少于5万元/亩", margin="",
    evidence=("纳税证明",), watch_months=12, state="已列入",
    course=((date(2023, 3, 1), "列入", "嵊腾笼办〔2023〕1号", ""),),
)  # fmt: skip


def _cells(file: Path, *names: str) -> str:
    """The cells of some sheets, a line each: place, value, number format."""
    book: Any = openpyxl.load_workbook(file)
    lines = []
    for name in names:
        lines.append(f"# {name} {book[name].dimensions} {book[name].freeze_panes or ''}")
        for row in book[name].iter_rows():
            lines += [f"{c.coordinate}\t{c.value}\t{c.number_format}" for c in row if c.value is not None]
    return "\n".join(lines)


def test_the_years_workbook(snapshot: Any, tmp_path: Path) -> None:
    write_year(tmp_path / "年度.xlsx", year(), ())
    book: Any = openpyxl.load_workbook(tmp_path / "年度.xlsx", read_only=True)
    assert book.sheetnames == snapshot(name="sheets")
    assert _cells(tmp_path / "年度.xlsx", *book.sheetnames[:2]) == snapshot(name="front")


def test_the_plan_of_a_firm(snapshot: Any) -> None:
    with speaking("zh"):
        assert plans_html([FIRM]) == snapshot


def test_the_notice_that_a_firm_is_struck_off(snapshot: Any) -> None:
    struck = replace(
        FIRM, accepted_on=date(2023, 11, 2), accepted_document="嵊腾笼办〔2023〕9号", verified_land_mu=Decimal("3.2"),
        struck_on=date(2023, 12, 1), struck_document="嵊腾笼办〔2023〕11号", watch_until=date(2024, 12, 1),
    )  # fmt: skip
    with speaking("zh"):
        assert notices_html([struck]) == snapshot


@pytest.mark.parametrize("address", ["zhejiang/pinghu-2022"])
def test_rules_as_a_page(snapshot: Any, address: str) -> None:
    assert notice_html(show_rules(load_rules(address))) == snapshot
