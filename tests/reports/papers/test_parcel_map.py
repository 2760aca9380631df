"""The map of parcels: what is drawn, coloured and said of three parcels, by hand."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from mujun.reports.charts import parcel_map
from mujun.reports.charts.parcel_map import MAP_SCHEMA, ParcelMap
from mujun.workspace import County
from tests.workspace.small_county import P


def box(x: float, y: float, wide: float, high: float) -> str:
    ring = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high], [x, y]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def parcels() -> pl.DataFrame:
    rows: list[tuple[Any, ...]] = [
        ("P1", "甘霖镇", 30, "甲厂", ["1"], "A", "A 1", 20.0, 0, None, None, box(0, 0, 200, 100)),
        (
            "P2",
            "甘霖镇",
            15,
            "乙、<b>丙",
            ["2", "3"],
            "D",
            "D 1",
            1.5,
            2,
            "消防",
            "关停",
            box(300, 0, 100, 100),
        ),
        ("P3", "三江街道", 45, None, [], None, None, None, 0, None, None, box(0, 300, 300, 100)),
        ("P4", "三江街道", 5, "丁厂", ["4"], "D", "D 1", 0.5, 0, None, None, None),
    ]
    numbered = [(*r[:2], Decimal(r[2]), *r[3:]) for r in rows]
    return pl.DataFrame(numbered, schema=MAP_SCHEMA, orient="row")


def drawn() -> ParcelMap:
    return ParcelMap(parcels(), ("A", "B", "D"), "示例 2022 年度")


def test_the_title_says_where_the_last_tier_s_parcels_are() -> None:
    # Drawn: 30 + 15 + 45 = 90 亩; of tier D P2 alone, for P4 has no shape.
    assert drawn().title == "有图形的地块 3 宗，共 90.00 亩，其中 D 档企业的 1 宗、15.00 亩。"
    assert "另有 1 宗没有图形" in drawn().how
    assert drawn().basis.startswith("示例 2022 年度，3 宗地块")
    none = ParcelMap(parcels().filter(pl.col("parcel") == "P1"), ("A", "B", "D"), "示例")
    assert none.title == "有图形的地块 1 宗，共 30.00 亩，其中没有 D 档企业的地块。"


def test_every_parcel_is_a_path_of_its_tier_that_says_its_firms() -> None:
    svg = str(drawn().svg())
    root = ElementTree.fromstring(svg)
    titles = {
        p.get("class"): p[0].text for p in root.iter("{http://www.w3.org/2000/svg}path") if len(p)
    }  # fmt: skip
    assert titles == {
        "t0 x2": "P1　甘霖镇　30.00 亩；甲厂；档次 A 1；亩均税收 20.00 万元/亩",
        "t2 x2": "P2　甘霖镇　15.00 亩；乙、<b>丙；档次 D 1；亩均税收 1.50 万元/亩；未销号问题 2 件：消防；整治方式 关停",  # noqa: E501
        "te": "P3　三江街道　45.00 亩；无企业",
    }
    assert "<b>" not in svg
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", svg)
    assert svg == str(drawn().svg()), "the same bytes every time"


def test_metres_of_the_map_are_metres_of_the_ground() -> None:
    root = ElementTree.fromstring(str(drawn().svg()))
    path = next(p for p in root.iter("{http://www.w3.org/2000/svg}path") if p.get("class") == "t0 x2")
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", path.get("d") or "")]
    # From 0 to 400 m east, with a margin of 3 % of 400 m on both sides, on 960 pixels: 960 / 424 a metre.
    assert max(xs) - min(xs) == pytest.approx(200 * 960 / 424, abs=0.1)


def test_a_hole_runs_the_other_way() -> None:
    ring = [[0, 0], [300, 0], [300, 200], [0, 200], [0, 0]]
    hole = [[100, 50], [200, 50], [200, 150], [100, 150], [100, 50]]
    shape = json.dumps({"type": "Polygon", "coordinates": [ring, hole]})
    one = parcels().head(1).with_columns(pl.lit(shape).alias("geometry"))
    path = re.search(r'class="t0 x2" d="([^"]+)"', str(ParcelMap(one, ("A", "D"), "").svg()))
    assert path is not None
    turns = []
    for part in path.group(1).strip("z").split("z"):
        points = [tuple(float(v) for v in p.split()) for p in part.lstrip("M").split("L")]
        pairs = zip(points, [*points[1:], points[0]], strict=True)
        turns.append(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) > 0)
    assert turns in ([True, False], [False, True])


def test_of_many_parcels_the_largest_are_drawn_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel_map, "DRAWN", 2)
    assert drawn().rows["parcel"].to_list() == ["P1", "P3"]
    assert "1 宗没有画出" in drawn().how


def test_a_county_s_map_is_made_from_what_was_loaded(two_years: County, tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"宗地号": P[n]}, "geometry": json.loads(box(n * 300, 0, 100, a / 0.15))}
        for n, a in {1: 10, 2: 15, 3: 20}.items()
    ]
    file = tmp_path / "地块.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    county = County(tmp_path / "own.duckdb")
    county.path.write_bytes(two_years.path.read_bytes())
    assert not county.data.load([file]).refused
    assert not [f for f in county.data.check(2022) if f.code.startswith("shape_")]
    rows = county.parcels.map(2022).rows
    assert rows["parcel"].to_list() == [P[1], P[2], P[3]]
    assert set(rows["tier"]) <= {"A", "B", "D"}
    told = json.loads(county.parcels.list(2022).geojson())["features"]
    assert sum(f["geometry"] is not None for f in told) == 3
    folder = tmp_path / "材料"
    county.papers.report(2022, folder, only=["report"])
    page = next(folder.glob("*全县报告.html")).read_text(encoding="utf-8")
    assert 'class="pm"' in page
    assert "有图形的地块 3 宗，共 45.00 亩" in page


@pytest.mark.parametrize(
    ("metres", "near"),
    # By hand: P1 ends at x 200 and y 100; P2 begins at x 300, 100 m away; P3 at y 300, 200 m away; P4 has no shape.
    [(99, ["P1"]), (100, ["P1", "P2"]), (200, ["P1", "P2", "P3"])],
)
def test_a_parcel_among_its_neighbours(metres: float, near: list[str]) -> None:
    around = drawn().around("P1", metres)
    assert around.rows["parcel"].to_list() == near
    svg = str(around.svg())
    paths = re.findall(r'<path class="([^"]*)" d="[^"]*"><title>(P\d)', svg)
    # The marked one is drawn last, over its neighbours' edges.
    assert [name for _, name in paths] == [*near[1:], "P1"]
    assert [name for classes, name in paths if classes.split()[-1] == "m"] == ["P1"]
    assert ".pm .m{" in svg


def test_a_parcel_without_a_shape_has_no_map() -> None:
    for unknown in ("P4", "P9"):
        assert str(drawn().around(unknown, 500).svg()) == ""
