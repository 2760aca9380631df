"""Shapes of parcels: areas worked out by hand, what is no shape, and how a layer of them is read and checked."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mujun.errors import InputError
from mujun.fields import TABLES
from mujun.records.outlines import outlines_of
from mujun.records.reading import read_file
from mujun.records.shapes import Shape, flattened, shape_findings, shape_of

SQUARE = [[0, 0], [300, 0], [300, 200], [0, 200], [0, 0]]
HOLE = [[100, 50], [200, 50], [200, 150], [100, 150], [100, 50]]


def text(kind: str, coordinates: object) -> str:
    return json.dumps({"type": kind, "coordinates": coordinates})


def area(given: str) -> float:
    shape = shape_of(given)
    assert isinstance(shape, Shape), shape
    return shape.area_m2


def test_areas_in_metres() -> None:
    # 300 × 200 = 60,000 ㎡ is 90 亩; the hole of 100 × 100 leaves 50,000; a second part of 600 adds.
    assert area(text("Polygon", [SQUARE])) == 60_000
    assert area(text("Polygon", [SQUARE[::-1]])) == 60_000, "whichever way round it is drawn"
    assert area(text("Polygon", [SQUARE, HOLE])) == 50_000
    part = [[1000, 0], [1020, 0], [1020, 30], [1000, 30], [1000, 0]]
    assert area(text("MultiPolygon", [[SQUARE, HOLE], [part]])) == 50_600
    # The same far from the origin, as plane coordinates of a 3° zone with its number in front are.
    far = [[x + 40_512_345.25, y + 3_276_543.75] for x, y in SQUARE]
    assert area(text("Polygon", [far])) == 60_000


def test_areas_in_degrees() -> None:
    # At 30° north a degree of latitude is 110,852 m, one of longitude 96,486 m (tables of WGS 84). 0.003° × 0.002°:
    # 289.458 m × 221.704 m = 64,174 ㎡.
    corners = [[120, 30], [120.003, 30], [120.003, 30.002], [120, 30.002], [120, 30]]
    assert area(text("Polygon", [corners])) == pytest.approx(64_174, rel=2e-4)
    assert area("POLYGON ((120 30, 120.003 30, 120.003 30.002, 120 30.002, 120 30))") == pytest.approx(64_174, rel=2e-4)


def test_a_shape_on_the_plane_is_metres_from_the_point() -> None:
    shape = shape_of(text("Polygon", [[[120, 30], [120.01, 30], [120.01, 30.01], [120, 30.01], [120, 30]]]))
    assert isinstance(shape, Shape)
    x, y = flattened(shape, 120, 30).polygons[0][0][2]
    assert (x, y) == (pytest.approx(964.86, abs=0.1), pytest.approx(1108.52, abs=0.1))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("见图", "none"),
        ('{"type": "Polygon"}', "none"),
        ("POINT (120.8 29.6)", "point"),
        (text("LineString", [[0, 0], [1, 1]]), "kind"),
        (text("Polygon", [[[0, 0], [1, 1], [0, 0]]]), "ring"),
        (text("Polygon", []), "ring"),
        (text("Polygon", [[[0, 0], ["一", 1], [2, 2]]]), "numbers"),
        (text("Polygon", 5), "numbers"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [NaN, 1], [2, 2]]]}', "numbers"),
        (text("Polygon", [[[29.6, 120.8], [29.7, 120.8], [29.7, 120.9], [29.6, 120.8]]]), "swapped"),
    ],
)
def test_what_is_no_shape(given: str, why: str) -> None:
    assert shape_of(given) == why


def layer(*features: tuple[dict[str, object], object]) -> str:
    listed = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "features": listed}, ensure_ascii=False)


def test_a_layer_is_read_as_parcels_and_a_shape_that_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    file = tmp_path / "地块.geojson"
    good, line = {"type": "Polygon", "coordinates": [SQUARE]}, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    file.write_text(
        layer(({"宗地号": "P1"}, good), ({"宗地号": "P2"}, line), ({"宗地号": "P3"}, None)), encoding="utf-8"
    )
    records = read_file(file)
    (table,) = records.tables
    assert (table.table, table.rows["parcel"].to_list()) == ("parcels", ["P1", "P2", "P3"])
    assert table.rows["_row"].to_list() == [1, 2, 3]
    assert area(table.rows["geometry"][0]) == 60_000
    told = [(f.code, f.severity, f.row) for f in records.findings if f.code == "shape_unreadable"]
    assert told == [("shape_unreadable", "warning", 2)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"type": "FeatureCollection", "features": []}', "没有图形"),
        ('{"type": "FeatureCollection", "features": [', "损坏"),
        ('{"type": "Topology", "objects": {}}', "JSON"),
    ],
)
def test_layers_without_anything_on_them(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "地块.geojson"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_file(file)


def test_areas_are_held_against_the_record() -> None:
    # 90 亩 drawn: 2 % of 88.3 is 1.766, 1.70 apart is within; of 88.2 it is 1.764, 1.80 apart is not.
    drawn = text("Polygon", [SQUARE])
    given = pl.DataFrame(
        {"parcel": ["P1", "P2", "P3", "P4"], "geometry": [drawn, drawn, drawn, None]},
    ).with_columns(pl.Series("area_mu", [Decimal("88.3"), Decimal("88.2"), None, Decimal(1)], dtype=pl.Decimal(18, 6)))
    blank = [pl.lit(None, dtype=t).alias(n) for n, t in TABLES["parcels"].schema.items() if n not in given.columns]
    findings = shape_findings(given.with_columns(blank))
    assert [(f.code, f.values["parcel"]) for f in findings] == [
        ("shape_area_differs", "P2"), ("shape_without_record", "P3"),
    ]  # fmt: skip
    assert findings[0].values["shape_mu"] == Decimal("90.00")
    assert findings[0].values["percent"] == Decimal("2.0")
    assert "90 亩" in findings[0].what


def test_outlines_bear_names(tmp_path: Path) -> None:
    file = tmp_path / "界线.geojson"
    polygon = {"type": "Polygon", "coordinates": [SQUARE]}
    file.write_text(layer(({"id": 1, "名称": "甘霖镇"}, polygon)), encoding="utf-8")
    assert set(outlines_of(file)) == {"甘霖镇"}
    for content, says in (
        (layer(({"id": 1}, polygon)), "没有写镇街名称"),
        (layer(({"名称": "甘霖镇"}, {"type": "Point", "coordinates": [1, 2]})), "只有一个点"),
        ("镇街,界线\n甘霖镇,1\n", "GeoJSON"),
    ):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=says):
            outlines_of(file)
