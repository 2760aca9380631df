"""The census of parcels: title, firms, yield of the whole parcel, problems and path, by hand from the small county."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun import messages
from mujun.errors import UsageError
from mujun.rectification.states import Action, Event
from mujun.reports.firms.card import card_text
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.book import event_rows
from mujun.workspace.firms.census import census
from mujun.workspace.firms.showing_parcels import parcel_card
from mujun.workspace.papers import census_paper
from mujun.workspace.rectification.lists import issue
from mujun.workspace.rectification.paper_files import notice_pages, plan_pages
from tests.workspace.small_county import F, P

TITLE = {
    "地块编号": P[2], "权属性质": "出让", "不动产权证号": "浙2022嵊0001", "发证日期": "2022-01-05", "坐落": "三江路2号",
    "容积率": "1.5", "标准地": "是", "承诺亩均税收": "30", "约定竣工日期": "2024-06-30", "转让方": "示例旧厂",
    "转让日期": "2022-03-01", "建筑面积(㎡)": "20000", "图形": '"POLYGON ((0 0, 1 0, 1 1, 0 0))"',
}  # fmt: skip
TITLES = f"{','.join(TITLE)}\n{','.join(TITLE.values())}\n"
PROBLEM = f"""问题编号,统一社会信用代码,地块编号,问题类别,发现日期
W1,{F[3]},,消防隐患,2023-01-05
W2,,{P[2]},违法建设,2023-01-05
W3,{F[4]},,消防隐患,2023-01-05
"""


@pytest.fixture(scope="module")
def own(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("census")
    own = County(shutil.copy(made_small_county, folder / "small.duckdb"))
    for name, text in (("地块权属", TITLES), ("问题清单", PROBLEM)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        outcome = own.data.load([folder / f"{name}.csv"])
        assert not outcome.refused
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1))
    return own


def test_a_parcel_as_a_whole(own: County) -> None:
    rows = {r["parcel"]: r for r in census(own, 2022).rows.iter_rows(named=True)}
    assert set(rows) == set(P.values())
    two = rows[P[2]]
    # Firms 2, 3 and 4: 4 + 5 + 6 = 15 mu, 4 + 5 + 6 = 15 万元. Floor: 20,000 ㎡ on 15 mu = 10,000 ㎡.
    wanted = (
        "firms",
        "firms_land_mu",
        "tax_per_mu",
        "floor_ratio",
        "township",
        "title",
        "title_number",
        "standard_land",
    )
    assert [two[n] for n in wanted] == [
        3, Decimal(15), 1.0, 2.0, "三江街道", "国有出让", "浙2022嵊0001", "是"
    ]  # fmt: skip
    assert two["promised_tax_per_mu"] == Decimal(30)
    assert (two["problems"], two["problem_kinds"]) == (3, "消防隐患、违法建设")
    assert (two["path"], two["loop_state"]) == ("整治提升", "listed")
    assert (rows[P[5]]["tax_per_mu"], rows[P[5]]["path"], rows[P[5]]["problems"]) == (30.0, None, 0)


def test_one_township_or_none(own: County) -> None:
    assert census(own, 2022, "三江街道").rows["parcel"].to_list() == [P[1], P[2]]
    with pytest.raises(UsageError) as caught:
        census(own, 2022, "三江")
    assert "三江街道" in str(caught.value)


def test_as_workbook_and_as_geojson(own: County, tmp_path: Path) -> None:
    found = census(own, 2022)
    page = openpyxl.load_workbook(census_paper(found, tmp_path / "普查.xlsx")).active
    assert page is not None
    heads = [str(c.value).replace("\n", "") for c in page[1]]
    assert {"权属性质", "地块亩均税收（万元/亩）", "未销号问题"} <= set(heads)
    told = json.loads(census_paper(found, tmp_path / "普查.geojson").read_text(encoding="utf-8"))
    shapes = {f["properties"]["parcel"]: f["geometry"] for f in told["features"]}
    assert shapes[P[2]] == {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    assert shapes[P[1]] is None


def test_the_card_of_a_parcel_has_its_problems(own: County) -> None:
    card = parcel_card(own, P[2])
    (section,) = (s for s in card.sections if s.id == "problems")
    assert [r["problem"] for r in section.rows] == ["W2", "W1", "W3"], "the parcel's own first"
    assert pl.DataFrame(section.rows)["problem_kind"].to_list() == ["违法建设", "消防隐患", "消防隐患"]


def test_the_card_of_a_parcel_shows_its_title_by_the_dictionary_s_labels(own: County) -> None:
    """Every field that a parcel can have stands on its card under its label, in both languages."""
    text = card_text(parcel_card(own, P[2]))
    for said in ("权属性质：国有出让", "标准地：是", "面积（亩）：15"):
        assert said in text, said
    with messages.speaking("en"):
        assert "title: 国有出让" in card_text(parcel_card(own, P[2]))


def test_a_parcel_has_a_plan_and_a_notice(own: County, tmp_path: Path) -> None:
    assert plan_pages(own, tmp_path / "方案.html", code=P[2]) == 1
    text = (tmp_path / "方案.html").read_text(encoding="utf-8")
    for said in (
        "一地一策",
        P[2],
        "示例持有人2",
        "国有出让",
        "违法建设",
        "示例3厂",
        "三江街道办事处",
        "权利人、企业（盖章、签字）",
        "2024-03-01",
    ):
        assert said in text, said
    with pytest.raises(UsageError) as caught:
        notice_pages(own, tmp_path / "销号.html", code=P[2])
    assert caught.value.problems[0].code == "notice_not_struck"
    accepted = {"evidence": ("镇街核查表",), "land_mu": Decimal("1.5")}
    steps: tuple[tuple[Action, dict[str, Any]], ...] = (
        ("plan", {}), ("start", {}), ("report", {}), ("accept", accepted), ("strike_off", {"document": "销3号"})
    )  # fmt: skip
    several = [Event(P[2], a, date(2023, 5, d), kind="parcel", **m) for d, (a, m) in enumerate(steps, start=1)]
    with Store.open(own.path, write=True) as store:
        store.add_events(event_rows(several), who="t")
    assert notice_pages(own, tmp_path / "销号.html", code=P[2]) == 1
    text = (tmp_path / "销号.html").read_text(encoding="utf-8")
    for said in ("销3号", "1.5", "2023年5月5日", "抄送：自然资源局"):
        assert said in text, said
