"""What every exported column is called in Chinese, its unit, and how its numbers are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import FIELDS
from mujun.rating.members import SUBJECTS
from mujun.rules import RuleSet

Shape = Literal["text", "number", "percent", "whole", "date", "boolean", "texts", "tier", "verdict"]
"""How a column's cells are written: `percent` is a share such as 0.0236 shown as 2.36 %, `texts` a list of texts,
`verdict` a text that is red where it begins with 不."""

What = Literal[
    "ratings", "subjects", "enterprises", "rectification", "allocation", "findings", "accounts", "usage",
    "screening", "problems", "parcels",
]  # fmt: skip
"""The tables that are exported."""

TITLES: dict[str, str] = {
    "ratings": "评价结果",
    "subjects": "评价对象",
    "enterprises": "企业数据",
    "rectification": "整治清单",
    "allocation": "差别化措施",
    "findings": "数据问题",
    "accounts": "户号",
    "usage": "分月用量",
    "screening": "摸排表",
    "problems": "问题清单",
    "parcels": "工业用地普查",
}
"""What each table is called in Chinese."""


@dataclass(frozen=True)
class Heading:
    """A column's name, its Chinese label and unit, and how its cells are written.

    `places` are the decimals shown; the cell keeps all it has. `None` leaves them to the unit.
    """

    name: str
    label: str
    unit: str = ""
    shape: Shape = "text"
    places: int | None = None

    @property
    def header(self) -> str:
        """The label with its unit: `亩均税收（万元/亩）`."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label


# ---------------------------------------------------------------------------------------------- columns of every result

_RESULT: dict[str, str] = {
    "run": "评价批次",
    "subject": "评价对象",
    "cohort": FIELDS["cohort"].label,
    "treatment": "参评情形",
    "reason": "定档理由",
    "score": FIELDS["score"].label,
    "rank": "组内名次",
    "size": "组内排名数",
    "tier": FIELDS["tier"].label,
    "tier_cut": "划档结果",
    "rules_matched": "符合的规则",
    "rules_changed": "改变档次的规则",
    "members": "合并评价的企业",
    "counted_as": "以哪种评价为准",
    "other_as": "另一种评价",
    "other_subject": "另一种评价·评价对象",
    "other_members": "另一种评价·合并评价的企业",
    "other_cohort": "另一种评价·评价组别",
    "other_score": "另一种评价·综合得分",
    "other_rank": "另一种评价·组内名次",
    "other_size": "另一种评价·组内排名数",
    "other_tier": "另一种评价·档次",
}
_OF: dict[str, dict[str, str]] = {
    "ratings": _RESULT,
    "subjects": _RESULT,
    "rectification": {
        "tier": FIELDS["tier"].label,
        "score": FIELDS["score"].label,
        "reasons": "列入条件代号",
        "reason_text": "列入理由",
        "path": "整治方式",
        "deadline": "完成时限",
        "expected_land_mu": "预计腾出用地",
        "expected_energy_tce": "预计腾出用能",
        "state": "状态",
        "entry": "列入方式",
    },
    "allocation": {
        "tier": FIELDS["tier"].label,
        "measure": "措施",
        "label": "措施名称",
        "kind": "类别",
        "quantity": "计量数量",
        "yearly": "全年数量",
        "basis": "数量来源",
        "rate": "标准",
        "per": "标准的单位",
        "computed": "计算数额",
        "amount": "执行数额",
        "unit": "数额的单位",
        "exempt": "豁免",
        "exempt_reason": "豁免理由",
        "notes": "文字提示",
        "capped": "是否封顶",
        "max_amount": "每家至多",
        "excluded_by": "改按哪项执行",
        "days": "执行天数",
        "covered_days": "有用量记录的天数",
        "from": "执行起",
        "until": "执行止",
        "document": "依据",
        "binding": "是否实际执行",
    },
    "findings": {
        "batch": "导入批次",
        "severity": "级别",
        "code": "问题代号",
        "table": "数据表",
        "file": "来源文件",
        "sheet": "工作表",
        "row": "行号",
        "field": "列",
        "value": "原内容",
        "what": "问题",
        "remedy": "处理办法",
        "owner": "责任部门",
    },
    "problems": {"state": "处置状态"},
    "parcels": {
        "floor_ratio": "实际容积率",
        "firms": "地块上企业数",
        "names": "地块上的企业",
        "firms_land_mu": "地块上企业用地",
        "tax_per_mu": "地块亩均税收",
        "value_added_per_mu": "地块亩均增加值",
        "tiers": "企业档次",
        "problems": "未销号问题",
        "problem_kinds": "问题类别",
        "path": "整治方式",
        "loop_state": "整治状态",
    },
    "screening": {
        "tier": FIELDS["tier"].label,
        "mark": "标记",
        "loop_state": "整治状态",
        "untested": "无数据未判的条件",
        "hits": "符合条件代号",
        "hit_text": "符合的整治条件",
    },
}
_UNITS: dict[str, str] = {
    "expected_land_mu": "亩",
    "expected_energy_tce": "吨标煤",
    "max_amount": "万元",
    "firms_land_mu": "亩",
    "tax_per_mu": "万元/亩",
    "value_added_per_mu": "万元/亩",
}
_PLAIN_NUMBERS = frozenset({"run", "batch", "year", "row", "rank", "size", "other_rank", "other_size"})

_PLACES: dict[str, int] = {
    "万元": 2, "元": 2, "亩": 2, "㎡": 2, "吨标煤": 2, "千瓦时": 0, "万千瓦时": 2, "立方米": 0, "人": 0, "吉焦": 2,
    "吨": 4, "万元/亩": 2, "万元/人": 2, "万元/吨": 2, "元/㎡": 2, "分": 2, "%": 2,
}  # fmt: skip
_SHARES = ("比重", "比例", "占比", "强度", "率", "增长", "增速", "增幅")


def places_of(unit: str, default: int = 4) -> int:
    """The decimals shown for a unit; the cell keeps all it has."""
    return _PLACES.get(unit.split("(")[0], default)


def headings(
    columns: Mapping[str, pl.DataType] | pl.Schema, *, what: str = "ratings", ruleset: RuleSet | None = None
) -> dict[str, Heading]:
    """The heading of every column of a table.

    Args:
        columns: the table's schema.
        what: which table it is; the same name can mean other things in another (`kind` of a measure or of a firm).
        ruleset: the rules whose indicators, adjustments and fields the table shows; without them such columns keep
            their names.
    """
    of_rules = _of_rules(ruleset) if ruleset is not None else {}
    by_column = {name: _heading(name, dtype, what, of_rules) for name, dtype in columns.items()}
    return {name: _typed(h, columns[name]) for name, h in by_column.items()}


def header_row(headings_: Iterable[Heading]) -> list[str]:
    """The headers of headings in order; one that would stand twice is followed by its column's name."""
    chosen = list(headings_)
    written = [h.header for h in chosen]
    return [f"{w}（{h.name}）" if written.count(w) > 1 else w for h, w in zip(chosen, written, strict=True)]


def _heading(name: str, dtype: pl.DataType, what: str, of_rules: Mapping[str, Heading]) -> Heading:
    results = _OF.get(what, {})
    if name in results:
        unit = "分" if name in ("score", "other_score") else _UNITS.get(name, "")
        return Heading(name, results[name], unit)
    if name in of_rules:
        return of_rules[name]
    if what == "ratings" and name.endswith(SUBJECTS):
        # Beside a member's own value that of all members together.
        mine = _heading(name.removesuffix(SUBJECTS), dtype, what, of_rules)
        return replace(mine, name=name, label=f"{mine.label}·合并")
    if name in FIELDS:
        f = FIELDS[name]
        # The label of 当量值 says so already.
        return Heading(name, f.label, f.unit.split("(")[0])
    return Heading(name, name)


def _typed(heading: Heading, dtype: pl.DataType) -> Heading:
    """The heading with the shape of its column's type."""
    if heading.name in ("tier", "tier_cut", "tier_last", "tier_shown", "other_tier"):
        return replace(heading, shape="tier")
    if isinstance(dtype, pl.Decimal) or dtype.is_float():
        return _of_number(heading, dtype)
    if dtype.is_integer():
        return replace(heading, shape="whole", places=0 if heading.name in _PLAIN_NUMBERS else None)
    shapes: dict[type, Shape] = {pl.Date: "date", pl.Datetime: "date", pl.Boolean: "boolean", pl.List: "texts"}
    return replace(heading, shape=next((s for t, s in shapes.items() if isinstance(dtype, t)), "text"))


def _of_number(heading: Heading, dtype: pl.DataType) -> Heading:
    if heading.shape == "percent":
        return heading
    places = heading.places
    if places is None and isinstance(dtype, pl.Decimal) and heading.unit == "分":
        places = dtype.scale
    if places is None and heading.name in ("computed", "amount", "amount_alone", "quantity", "yearly"):
        places = 6
    return replace(heading, shape="number", places=places_of(heading.unit) if places is None else places)


def _of_rules(ruleset: RuleSet) -> dict[str, Heading]:
    """Headings of what a rule set's files name: indicators with their points, adjustments, fields."""
    by_name: dict[str, Heading] = {}
    for file in (ruleset.allocation, ruleset.rectification, ruleset.rating):
        if file is not None:
            for name, f in file.fields.items():
                by_name[name] = Heading(name, f.label or name, f.unit or "")
    rating = ruleset.rating
    if rating is None:
        return by_name
    for name, i in rating.indicators.items():
        label, unit = i.label or name, i.unit or ""
        value = Heading(name, label, unit, "percent" if not unit and label.endswith(_SHARES) else "text")
        by_name[name] = value
        by_name[f"{name}_benchmark"] = replace(value, name=f"{name}_benchmark", label=f"{label}·基准值")
        by_name[f"{name}_points"] = Heading(f"{name}_points", f"{label}·得分", "分")
        by_name[f"{name}_note"] = Heading(f"{name}_note", f"{label}·计分说明")
    for a in rating.adjustments.items:
        by_name[f"adj_{a.id}"] = Heading(f"adj_{a.id}", f"{a.label or a.id}·加减分", "分")
    return by_name
