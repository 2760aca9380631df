"""The cover: what the workbook is, of which year and rules, and what stands on each sheet, to be clicked."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mujun.reports.drawing.sheets import Column, Sheet, Table, Text
from mujun.reports.drawing.wording import STATUSES
from mujun.reports.year.document import YearDocument

COVER = "封面"

_HOLDS = {
    "概况": "参评家数、合计与亩均、档次分布、比例核对、特殊情形、数据问题、规则依据",
    "图表": "各组档次、各档占用和产出、各镇街和各行业的图，随表中的数变动",
    "按镇街": "各镇街家数、档次、用地、税收、亩均、整治和金额",
    "按行业": "各行业家数、档次、用地、税收、亩均、整治和金额",
    "全部评价结果": "每家企业一行：打印一张 A4 的宽度，其余各列收在右边，点“+”展开",
    "合并评价": "合并评价的主体和成员",
    "两种评价": "单独评价和合并评价的对照",
    "整治清单": "列入高耗低效整治的企业、理由、方式和时限",
    "差别化措施": "各项措施按档次的家数和金额",
    "差别化措施明细": "每家企业每项措施的数量、标准和金额",
    "数据问题": "逐条的数据问题和怎样改正",
    "说明": "怎样看、指标和计分、出处未见的内容、存档与复核",
}


def cover_sheet(document: YearDocument, sheets: Sequence[Sheet]) -> Sheet:
    """The cover of a workbook of these sheets."""
    rating = document.rating.plan.rating
    run = f"第 {document.run} 次评价，结果摘要 {document.rating.digest[:12]}"
    lines = [
        f"适用地区：{rating.place}" if rating.place else "",
        f"数据年度：{document.year}" if document.year else "",
        f"评价规则：{rating.name}（{document.ruleset.address}，{STATUSES[rating.status]}）",
        f"依据：{'、'.join(s.document for s in document.ruleset.sources)}" if document.ruleset.sources else "",
        run if document.run is not None else "未存档的结果",
        f"参评 {document.facts.rows['counted'].sum()} 家，名录企业 {document.facts.rows.height} 家",
    ]
    rows = pl.DataFrame(
        {"sheet": [s.name for s in sheets], "holds": [_HOLDS.get(s.name, s.title) for s in sheets]},
        schema={"sheet": pl.String, "holds": pl.String},
    )
    columns = (Column("sheet", "表", width=22.0, to_sheet=True), Column("holds", "内容", width=70.0, wrapped=True))
    parts = (Text(tuple(s for s in lines if s)), Table(columns, rows, "目录（点表名可到该表）"))
    return Sheet(COVER, document.title, (), parts, trial=document.trial, portrait=True)
