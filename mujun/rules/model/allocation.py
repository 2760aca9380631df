"""allocation.yaml: what a tier costs and brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.model.head import Head
from mujun.rules.model.names import LookupTable, RuleField, Statistic
from mujun.rules.shape import Reading, json_schema, key, read, standing
from mujun.rules.tree import Node

MeasureKind = Literal["surcharge", "relief", "quota", "note"]


@dataclass(frozen=True)
class Period:
    """From when until when, or the nth year after the data year."""

    from_: date | None = key("自（含）", None, name="from")
    until: date | None = key("至（含）", None)
    year: int | None = key("数据年度之后第几年全年，如 +1；与起止日同写时取该年中起止日之间", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Rate:
    """A rate, or a note in place of one; the first that holds on a day applies."""

    id: str = key("代号")
    when: Expression = key("条件")
    value: Expression | None = key("标准：数或算式", None)
    note: str | None = key("文字：如告诫，暂不加价", None)
    from_: date | None = key("本行自何日起", None, name="from")
    until: date | None = key("本行至何日止", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Exemption:
    """Who is not charged."""

    id: str = key("代号")
    when: Expression = key("条件")
    reason: str = key("豁免理由")
    stands: Place = standing()


@dataclass(frozen=True)
class Measure:
    """One measure of one document."""

    id: str = key("代号")
    label: str = key("名称")
    kind: MeasureKind = key("类别：surcharge 加价；relief 减免；quota 配额；note 文字")
    of: Expression | None = key("计量对象，如 electricity_kwh；不写为一次性数额", None)
    per: str | None = key("标准的单位，如 元/kWh；share 为金额的比例；没有 of 时为一次性数额的单位，如 万元", None)
    rate: tuple[Rate, ...] = key("标准，先符合者适用", ())
    exempt: tuple[Exemption, ...] = key("豁免", ())
    max_amount: Decimal | None = key("每家企业至多（万元）", None)
    period: Period = key("执行期；不写为数据年度当年", Period())
    exclusive: str | None = key("同名的各项中只执行金额最高的一项", None)
    document: str | None = key("依据文号；不写为本文件第一个出处", None)
    stands: Place = standing()


@dataclass(frozen=True)
class MeasureChange:
    """What an including file changes in an included measure."""

    id: str = key("所引用措施的代号")
    label: str | None = key("名称", None)
    max_amount: Decimal | None = key("每家企业至多（万元）", None)
    period: Period | None = key("执行期", None)
    exclusive: str | None = key("同名的各项中只执行金额最高的一项", None)
    document: str | None = key("依据文号", None)
    rate: tuple[Rate, ...] = key("标准", ())
    exempt: tuple[Exemption, ...] = key("豁免", ())
    stands: Place = standing()


@dataclass(frozen=True)
class Include:
    """Another allocation file taken in, perhaps with other dates."""

    from_: str = key("所引用规则集的地址", name="from")
    measures: tuple[MeasureChange, ...] = key("对所引用措施的改动，按 id 合并", ())
    only: tuple[str, ...] = key("只引用这些措施", ())
    stands: Place = standing()


@dataclass(frozen=True)
class IncludeEntry:
    """An include as written: an address, or an address with changes."""

    include: Include
    node: Node

    @classmethod
    def schema(cls, definitions: dict[str, Any]) -> dict[str, Any]:
        """Its JSON Schema: an address, or an address with changes."""
        address = {"type": "string", "description": "所引用规则集的地址"}
        return {"anyOf": [address, json_schema(Include, definitions)]}

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> IncludeEntry:
        """An include from its node."""
        if isinstance(node.value, str):
            return cls(Include(node.text, stands=node.place(path)), node)
        found = read(Include, node, path, reading)
        return cls(found if found is not None else Include("", stands=node.place(path)), node)


@dataclass(frozen=True)
class TheAllocation(Head):
    """allocation.yaml."""

    include: tuple[IncludeEntry, ...] = key("引用的措施", ())
    fields: dict[str, RuleField] = key("新字段", {})
    tables: dict[str, LookupTable] = key("对照表", {})
    statistics: dict[str, Statistic] = key("统计值", {})
    measures: tuple[Measure, ...] = key("措施", ())
    binding: bool = key("是否生效：false 为试行，不实际收取", True)
