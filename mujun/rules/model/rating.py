"""rating.yaml: who is rated, by which indicators, with which points, into which tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.messages import show
from mujun.rules.expressions.text import Expression
from mujun.rules.model.head import Head
from mujun.rules.model.names import LookupTable, RuleField, Statistic
from mujun.rules.model.scoring import Item
from mujun.rules.model.stability import Stability
from mujun.rules.model.tiers import Tiers
from mujun.rules.shape import Reading, json_schema, key, read, standing
from mujun.rules.tree import Node

SubjectKind = Literal["enterprise", "group", "parcel", "township", "park", "zone", "industry"]
Merging = Literal["enterprise", "group", "parcel"]
Area = Literal["township", "park", "zone", "industry"]

AREAS: Mapping[Area, str] = {"township": "township", "park": "park", "zone": "zone", "industry": "industry_division"}
"""What is rated by the sums of its firms, and the name that says to which one a firm belongs."""

FIRMS = "firms"
"""How many firms an area has."""

Counting = Literal["alone", "merged"]
Treatment = Literal["rated", "ungraded", "own_tier", "measured", "collected", "out"]


@dataclass(frozen=True)
class Special:
    """A special case: who is treated otherwise, and why."""

    id: str = key("代号")
    when: Expression = key("条件")
    treatment: Treatment = key(
        "处理：rated 照常参评；ungraded 参评不定档；own_tier 单列一档；measured 只算指标；collected 只采集；out 不参评"
    )
    reason: str = key("理由")
    tier: str | None = key("所列档次（own_tier 必填）", None)
    managed_as: str | None = key("政策上按哪一档管理", None)
    in_base: bool = key("计入基数：true 计入分档比例的基数", False)
    stands: Place = standing()


@dataclass(frozen=True)
class Both:
    """Firms that are rated alone and merged; one result counts, the other is shown beside it."""

    when: Expression | None = key("哪些企业：默认既有自有用地、又有租入用地的（混合型）", None)
    within: Literal["parcel", "group"] | None = key(
        "跟谁合并：parcel 同一地块上的企业、group 同一合并组；默认同 subject，subject 为 enterprise 时默认 parcel",
        None,
        name="with",
    )
    counts: Literal["alone", "merged"] | None = key(
        "以哪个结果为准：alone 单独评价的、merged 合并评价的；subject 为 enterprise 时默认 alone，其余默认 merged", None
    )
    stands: Place = standing()

    @property
    def condition(self) -> Expression:
        """Which firms: those the file says, else those with land of their own and rented land."""
        return self.when or Expression("owned_mu > 0 and rented_in_mu > 0", self.stands)


@dataclass(frozen=True)
class Population:
    """What is rated, and who is not."""

    subject: SubjectKind = key(
        "评价对象：enterprise 企业、group 合并组、parcel 地块；township 镇街、park 园区、zone 片区、industry 行业大类"
        "按所属企业的合计评价",
        "enterprise",
    )
    members: Expression | None = key("哪些企业计入合计：用于 township、park、zone、industry", None)
    scope: Expression | None = key("评价范围", None)
    apart: Expression | None = key("单独评价的企业：subject 为 parcel 时，这些企业带自己的用地单独评价", None)
    both: Both | None = key("两种都评的企业：单独评价一次，合并评价一次；true 为混合型企业", None, single=True)
    special: tuple[Special, ...] = key("特殊情形，先符合者适用", ())
    stands: Place = standing()

    @property
    def area(self) -> Area | None:
        """What is rated by the sums of its firms; `None` where firms themselves are, alone or merged."""
        return next((area for area in AREAS if area == self.subject), None)

    @property
    def merges_by(self) -> Merging:
        """How firms are merged where they are: what `subject` says, else what `both` does; an area merges none."""
        if self.subject == "group":
            return "group"
        if self.subject == "parcel":
            return "parcel"
        return "enterprise" if self.both is None or self.area is not None else self.both.within or "parcel"

    @property
    def counting(self) -> Counting | None:
        """Which result of the firms that are rated both ways counts; `None` where none is."""
        if self.both is None:
            return None
        return self.both.counts or ("alone" if self.subject == "enterprise" else "merged")


@dataclass(frozen=True)
class Cohort:
    """Subjects rated by the same indicators and weights."""

    id: str = key("代号")
    when: Expression = key("条件，先符合者归入")
    label: str | None = key("名称", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Indicator:
    """A ratio `of` ÷ `per`, or a `value`."""

    label: str | None = key("名称", None)
    unit: str | None = key("单位", None)
    of: Expression | None = key("分子", None)
    per: Expression | None = key("分母", None)
    value: Expression | None = key("算式（不是简单比值时）", None)
    stands: Place = standing()


@dataclass(frozen=True)
class ScoringGroup:
    """A first-level indicator: its weight, and the indicators that share it."""

    weight: Decimal = key("一级指标的权重（分）")
    items: dict[str, Item] = key("所属指标的计分；这里的 weight 是占一级指标的百分之几，合计 100")
    label: str | None = key("名称", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Scoring:
    """The indicators of one cohort by id, and what their weights total."""

    items: dict[str, Item]
    total: Decimal
    stands: Place

    @classmethod
    def schema(cls, definitions: dict[str, Any]) -> dict[str, Any]:
        """Its JSON Schema: `total:` aside, every key is an indicator."""
        total = {"description": "权重合计，默认 100", "type": "number"}
        groups = {
            "description": "一级指标，所属指标按百分比分它的权重",
            "type": "object",
            "additionalProperties": json_schema(ScoringGroup, definitions),
        }
        same = {"description": "与哪个组别的计分相同；再写的指标覆盖那边的", "type": "string"}
        item = json_schema(Item, definitions)
        properties = {"total": total, "groups": groups, "same_as": same}
        return {"type": "object", "properties": properties, "additionalProperties": item}

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> Scoring:
        """A cohort's scoring: `total:` aside, every key is an indicator."""
        if not isinstance(node.value, dict):
            reading.wrong("rules_want_named", node, path, value=node.text)
            return cls({}, Decimal(100), node.place(path))
        entries = dict(node.value)
        total = Decimal(100)
        if "total" in entries and isinstance(entries["total"].value, Decimal):
            total = entries.pop("total").value  # type: ignore[assignment]
        grouped = _grouped(entries.pop("groups", None), f"{path}.groups", reading)
        items = {name: read(Item, item, f"{path}.{name}", reading) for name, item in entries.items()}
        for name in grouped.keys() & items.keys():
            reading.wrong("group_item_twice", entries[name], f"{path}.{name}", name=name)
        items = grouped | items
        return cls({k: v for k, v in items.items() if v is not None}, total, node.place(path))


def _grouped(node: Node | None, path: str, reading: Reading) -> dict[str, Item]:
    """The indicators of all groups, each with its part of the group's weight as its own."""
    if node is None:
        return {}
    items: dict[str, Item] = {}
    for name, group in read(dict[str, ScoringGroup], node, path, reading).items():
        if group is None:
            continue
        inner = {indicator: item for indicator, item in group.items.items() if item is not None}
        whole = sum((item.weight for item in inner.values()), Decimal(0))
        if whole != 100:
            reading.wrong("group_weights", node, f"{path}.{name}", name=group.label or name, total=whole)
        for indicator, item in inner.items():
            if indicator in items:
                reading.wrong("group_item_twice", node, f"{path}.{name}", name=indicator)
            words = f"{group.label or name}{show(group.weight)}分的{show(item.weight)}%"
            items[indicator] = replace(item, weight=group.weight * item.weight / 100, group=words)
    return items


@dataclass(frozen=True)
class Decimals:
    """To how many decimals points and scores are rounded."""

    points: int = key("指标得分的小数位数", 4)
    score: int = key("综合得分的小数位数", 4)


@dataclass(frozen=True)
class Adjustment:
    """A bonus or a penalty."""

    id: str = key("代号")
    points: Expression = key("加减分：数或算式")
    when: Expression | None = key("条件", None)
    label: str | None = key("名称", None)
    family: str | None = key("所属类别，同类合计有上限", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Family:
    """Adjustments that are limited together."""

    label: str | None = key("名称", None)
    take: Literal["sum", "highest"] = key("取法：sum 累加；highest 只取最高", "sum")
    max: Decimal | None = key("上限", None)
    min: Decimal | None = key("下限", None)


@dataclass(frozen=True)
class ScoreLimits:
    """Limits of the score."""

    min: Decimal | None = key("最低", None)
    max: Decimal | None = key("最高", None)


@dataclass(frozen=True)
class Adjustments:
    """Bonuses and penalties."""

    items: tuple[Adjustment, ...] = key("加减分项", ())
    families: dict[str, Family] = key("类别", {})
    score: ScoreLimits = key("综合得分的上下限", ScoreLimits())
    stands: Place = standing()


@dataclass(frozen=True)
class AddedIndicators:
    """What may be added to a base."""

    count: tuple[int, int] | None = key("可增加的指标个数：[至少, 至多]", None)
    weight: Decimal | None = key("增加指标的权重之和", None)


@dataclass(frozen=True)
class Requirement:
    """What a base asks of the cohort scoring that completes it."""

    total: Decimal | None = key("权重合计", None)
    added: AddedIndicators = key("增加的指标", AddedIndicators())
    stands: Place = standing()


@dataclass(frozen=True)
class TheRating(Head):
    """rating.yaml."""

    require: dict[str, Requirement] = key("对补全者的要求，如 scoring.above: {total: 100}", {})
    fields: dict[str, RuleField] = key("新字段", {})
    tables: dict[str, LookupTable] = key("对照表", {})
    statistics: dict[str, Statistic] = key("统计值", {})
    population: Population = key("评价对象与范围", Population())
    cohorts: tuple[Cohort, ...] = key("评价组别", ())
    indicators: dict[str, Indicator] = key("指标", {})
    scoring: dict[str, Scoring] = key("各组别的计分", {})
    decimals: Decimals = key("小数位数", Decimals())
    adjustments: Adjustments = key("加减分", Adjustments())
    tiers: Tiers | None = key("分档", None)
    stability: Stability | None = key("稳固性检验的浮动范围；不写按默认", None)
    binding: bool = key("是否生效：false 为试评，结果不作执行依据", True)
