"""The land register as a workbook."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl

from mujun.records.land_register import land_register
from mujun.reports.departments.land_sheets import land_document, write_land
from tests.records.test_land import YEAR
from tests.records.test_land_register import tables


def test_the_workbook_holds_what_the_register_holds(tmp_path: Path) -> None:
    path = write_land(tmp_path / "用地.xlsx", land_register(tables(), YEAR), whose="示例县")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["企业用地", "租赁关系", "名录外对方", "用地问题"]
    cells = {sheet.title: [[c.value for c in row] for row in sheet.iter_rows()] for sheet in book}
    assert "共 5 家（其中不在名录 1 家）" in str(cells["企业用地"])
    firms = next(row for row in cells["企业用地"] if row[1] == "B")
    assert firms[:9] == ["甘霖镇", "B", "浙江（嵊州）示例领带有限责任公司", "规下", "租赁型", 0, 10, 0, 10]
    assert firms[9] is None
    lease = next(row for row in cells["租赁关系"] if row[1] == "A")
    assert lease[4:11] == ["名录内企业", "P1", 8, 7.5, 0.5, "不一致", 8]
    village = next(row for row in cells["名录外对方"] if row[2] == "示例村")
    assert village[:7] == ["村集体", "出租方", "示例村", 1, 1, 2, None]
    kinds = [row[0] for row in cells["用地问题"][-4:]]
    assert kinds[-1] == "与村集体的租赁（无须更正，供核对）"
    assert set(kinds[:3]) == {"各企业面积与地块面积不符", "租赁双方所报面积不一致", "租赁只有一方报送"}


def test_the_document_is_exact_text() -> None:
    document = json.loads(json.dumps(land_document(land_register(tables(), YEAR), "0.1")))
    assert (document["format"], document["format_version"], document["year"]) == ("mujun-land", 1, YEAR)
    firm = next(f for f in document["firms"] if f["credit_code"] == "B")
    assert (firm["tenure"], firm["land_mu"], firm["floor_area_m2"]) == ("rented", "10.000000", None)
    lease = next(lease for lease in document["leases"] if lease["landlord"] == "A")
    assert (lease["area_landlord"], lease["area_tenant"], lease["difference"]) == ("8.000000", "7.500000", "0.500000")
    assert [f["code"] for f in document["findings"]][:2] == ["parcel_area_differs", "lease_differs"]


def test_names_stay_texts(tmp_path: Path) -> None:
    given = tables()
    given["land"] = given["land"].with_columns(counterparty=given["land"]["counterparty"].replace("示例村", "=1+1村"))
    book = openpyxl.load_workbook(write_land(tmp_path / "用地.xlsx", land_register(given, YEAR)))
    (cell,) = [c for row in book["租赁关系"].iter_rows() for c in row if c.value == "=1+1村"]
    assert cell.data_type == "s"
