"""The township's workbook of parcels: what is on record about each, locked, and what is to be seen on site."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun import messages
from mujun.records.surveys import PROBLEMS
from mujun.reports.rounds.survey_workbook import COLOURS_SAID, Given, Survey, Surveyed, cells_of

KEY, HOLDER, AREA = "地块编号", "权利人", "登记面积（亩）"

_COLUMNS: tuple[Given, ...] = (
    Given("parcel", KEY, number=False, width=21.0),
    Given("holder", HOLDER, number=False, width=24.0),
    Given("township", "镇街", number=False, width=10.0),
    Given("address", "地址", number=False, width=22.0),
    Given("park", "园区", number=False, width=10.0),
    Given("title", "权属性质", number=False, width=9.0),
    Given("title_number", "不动产权证号", number=False, width=20.0),
    Given("area_mu", AREA, number=True, width=9.0),
    Given("floor_ratio", "实际容积率", number=True, width=8.0),
    Given("standard_land", "标准地", number=False, width=6.0),
    Given("names", "地块上的企业", number=False, width=32.0),
    Given("tax_per_mu", "地块亩均税收（万元/亩）", number=True, width=9.0),
    Given("value_added_per_mu", "地块亩均增加值（万元/亩）", number=True, width=9.0),
    Given("tiers", "企业档次", number=False, width=9.0),
    Given("problem_kinds", "未销号问题", number=False, width=12.0),
    Given("loop_state", "整治状态", number=False, width=9.0),
    Given("path", "整治方式", number=False, width=9.0),
    Given("planned_use", "规划用途", number=False, width=10.0),
    Given("floor_area_m2", "建筑面积（㎡）", number=True, width=10.0),
    Given("firms", "企业数", number=True, width=7.0),
    Given("firms_land_mu", "地块上企业用地（亩）", number=True, width=9.0),
    Given("promised_tax_per_mu", "承诺亩均税收（万元/亩）", number=True, width=9.0),
)

PARCELS = Surveyed(
    "parcel_surveys", "地块核查", KEY, HOLDER,
    ("surveyed_area_mu", "use_state", *PROBLEMS, "proposed_path", "remark", "verified_by", "verified_on"),
    "整治方式", COLOURS_SAID.format(what="地块"),
)  # fmt: skip


def parcel_survey_of(rows: pl.DataFrame, *, title: str, origin: str) -> Survey:
    """A workbook's content from the census of parcels.

    Args:
        rows: columns as in `mujun.workspace.firms.census.CENSUS_SCHEMA`.
        title, origin: its first lines.
    """
    words = _state_words(rows)
    told = rows.with_columns(pl.col("loop_state").replace_strict(words, default=None, return_dtype=pl.String))
    cells = cells_of(told, [c.name for c in _COLUMNS])
    named = cells.with_columns(told["parcel"].alias("credit_code"), told["holder"].alias("name"))
    return Survey(title, origin, _COLUMNS, named, PARCELS)


def _state_words(rows: pl.DataFrame) -> Mapping[str, str]:
    with messages.speaking("zh"):
        states = rows["loop_state"].drop_nulls().unique().to_list()
        return {s: messages.text(messages.key(f"state_{s}")) for s in states}
