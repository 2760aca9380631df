"""Columns that reports know by name: those of the dictionary, and those of results that several reports show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mujun.fields import FIELDS, FRAME_FIELDS, Field, Kind
from mujun.reports.drawing.labels import Shape
from mujun.reports.drawing.sheets import Column

_SHAPES: Mapping[Kind, Shape] = {
    "quantity": "number", "whole": "whole", "date": "date", "boolean": "boolean", "texts": "texts", "text": "text",
}  # fmt: skip

RESULTS: Mapping[str, Column] = {
    c.name: c
    for c in (
        Column("after", "现在"),
        Column("before", "原来"),
        Column("burden", "企业负担增减（万元）", "number"),
        Column("counted", "其中参评（家）", "whole"),
        Column("deadline", "完成时限", "date"),
        Column("department", "责任单位"),
        Column("dimension", "分组"),
        Column("direction", "变动"),
        Column("division", "行业"),
        Column("enterprises", "企业（家）", "whole"),
        Column("expected_energy_tce", "预计腾出用能（吨标煤）", "number"),
        Column("expected_land_mu", "预计腾出用地（亩）", "number"),
        Column("firms", "企业（家）", "whole"),
        Column("leases", "租赁（宗）", "whole"),
        Column("listed", "列入整治（家）", "whole"),
        Column("measure", "措施"),
        Column("party", "对方是"),
        Column("path", "整治方式"),
        Column("per", "标准单位"),
        Column("rank", "名次", "whole"),
        Column("rank_change", "名次变化", "whole"),
        Column("rank_shift", "平均名次变动", "number"),
        Column("rate", "标准", "number"),
        Column("reason_text", "列入理由"),
        Column("score_change", "得分变化", "number"),
        Column("share", "完成率", "percent"),
        Column("state", "状态"),
        Column("subject", "信用代码或地块编号"),
        Column("subjects", "家数", "whole"),
        Column("unit", "单位"),
        Column("verdict", "核对", "verdict"),
        Column("verified_energy_tce", "核实腾出用能（吨标煤）", "number"),
        Column("verified_land_mu", "核实腾出用地（亩）", "number"),
        Column("weight", "权重（分）", "number"),
        Column("yuan", "金额（元）", "number"),
    )
}
"""What is computed and is no field of the dictionary; a column that one report alone shows stands in that report."""


def known(
    name: str,
    *,
    places: int | None = None,
    width: float | None = None,
    wrapped: bool = False,
    unit: bool = False,
) -> Column:
    """A column with the label, unit and shape that its name has everywhere.

    Args:
        name: a field of the dictionary or one of `RESULTS`.
        places: the decimals shown.
        width: its width.
        wrapped: whether its texts may take several lines.
        unit: whether the header says the field's unit: `用地面积（亩）`.

    Raises:
        KeyError: nothing is called so.
    """
    if name in RESULTS:
        made = RESULTS[name]
    else:
        field = _field(name)
        header = f"{field.label}（{field.unit}）" if unit else field.label
        made = Column(name, header, "tier" if name == "tier" else _SHAPES[field.kind])
    return replace(made, places=places, width=width, wrapped=wrapped)


def _field(name: str) -> Field:
    return FRAME_FIELDS[name] if name in FRAME_FIELDS else FIELDS[name]
