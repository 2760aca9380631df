"""allocation.yaml: what a tier costs and brings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.model.head import Head
from mujun.rules.model.names import CountedIn, LookupTable, RuleField, Statistic
from mujun.rules.shape import Reading, json_schema, key, read, standing
from mujun.rules.tree import Node

MeasureKind = Literal["surcharge", "relief", "quota", "note"]

Lever = Literal[
    "land_tax_relief", "award", "power_market", "new_land", "energy_quota", "emission_quota",
    "power_surcharge", "water_surcharge", "emission_surcharge", "energy_cut", "emission_cut",
]  # fmt: skip
"""The eleven lines that a bureau reports of its levers per quarter: six for A and B, five for C and D."""

Account = Literal["产能", "能耗", "煤", "污染物", "碳"]
"""What two-high projects have to substitute."""

Office = Literal["power", "water", "gas", "heat", "tax"]
"""Who charges or relieves: the offices that get a list."""

Rest = Literal["year"]
"""How days without a bill are charged where a firm has bills: by what is left of the year's figure."""

Gap = Literal["breaks", "skipped"]


@dataclass(frozen=True)
class StreakRule:
    """What ends the count of years running in a tier."""

    untiered: Gap = key("没有档次的年份：breaks 中断，重新起算；skipped 不计也不中断", "breaks")
    other_tier: Gap = key("列入其他档次的年份：breaks 中断，重新起算；skipped 不计也不中断，即累计年数", "breaks")


@dataclass(frozen=True)
class Period:
    """From when until when, or the nth year after the data year."""

    from_: date | None = key("自（含）", None, name="from")
    until: date | None = key("至（含）", None)
    year: int | None = key("数据年度之后第几年全年，如 +1；与起止日同写时取该年中起止日之间", None)
    begins: Expression | None = key(
        "每家企业各自自何日起（含）：日期的算式，如 notified_on；没有日期的企业不执行", None
    )
    grace: int | None = key("宽限几个月：begins 之后满这么多个月才执行", None)
    ends: Expression | None = key("每家企业各自至何日止（含）：日期的算式；没有日期的企业不执行", None)
    stands: Place = standing()

    @property
    def own_first(self) -> Expression | None:
        """The first day of each enterprise's own, after its months of grace."""
        if self.begins is None or not self.grace:
            return self.begins
        return Expression(f"({self.begins}) + interval '{self.grace} months'", self.begins.place)


@dataclass(frozen=True)
class Rate:
    """A rate, or a note in place of one; the first that holds on a day applies."""

    id: str = key("代号")
    when: Expression = key("条件")
    value: Expression | None = key("标准：数或算式", None)
    up_to: Expression | None = key("以内的标准：文件写“最高”“以内”的，按这个最高标准计算，并写明“最高”", None)
    note: str | None = key("文字：如告诫，暂不加价", None)
    from_: date | None = key("本行自何日起", None, name="from")
    until: date | None = key("本行至何日止", None)
    stands: Place = standing()

    @property
    def amount(self) -> Expression | None:
        """The number that is computed with: the rate, or the ceiling of a rate up to which one may go."""
        return self.value if self.value is not None else self.up_to


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
    refunds: str | None = key("先征后奖：返还哪项措施的执行金额，写它的代号；此时 per 写 share，不写 of", None)
    rate: tuple[Rate, ...] = key("标准，先符合者适用", ())
    exempt: tuple[Exemption, ...] = key("豁免", ())
    rest: Rest | None = key("有账单的企业没有账单的日子：year 按全年数扣除当年账单后按天折算；不写为不计", None)
    max_amount: Decimal | None = key("每家企业至多（万元）", None)
    period: Period = key("执行期；不写为数据年度当年", Period())
    exclusive: str | None = key("同名的各项中只执行金额最高的一项", None)
    lever: Lever | None = key("计入季度台账的哪一行；不写的列在台账之外", None)
    office: Office | None = key("交哪家执行：供电、供水、供气、供热、税务；不写的按计量对象判断", None)
    document: str | None = key("依据文号；不写为本文件第一个出处", None)
    stands: Place = standing()


@dataclass(frozen=True)
class MeasureChange:
    """What an including file changes in an included measure."""

    id: str = key("所引用措施的代号")
    label: str | None = key("名称", None)
    of: Expression | None = key("计量对象", None)
    rest: Rest | None = key("没有账单的日子怎么计", None)
    max_amount: Decimal | None = key("每家企业至多（万元）", None)
    period: Period | None = key("执行期", None)
    exclusive: str | None = key("同名的各项中只执行金额最高的一项", None)
    lever: Lever | None = key("计入季度台账的哪一行", None)
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
        include = read(Include, node, path, reading)
        return cls(include if include is not None else Include("", stands=node.place(path)), node)


@dataclass(frozen=True)
class PoolOrder:
    """One rank of the order in which projects are served."""

    id: str = key("代号")
    when: Expression = key("哪些项目：按项目的字段和企业的档次 tier")
    weight: Expression | None = key("同一顺位内按什么权重分；不写为相同权重", None)
    stands: Place = standing()


@dataclass(frozen=True)
class PoolRefusal:
    """Which projects get nothing."""

    id: str = key("代号")
    when: Expression = key("条件")
    reason: str = key("理由")
    stands: Place = standing()


@dataclass(frozen=True)
class Pool:
    """How freed energy is shared out among projects."""

    id: str = key("代号")
    label: str = key("名称")
    order: tuple[PoolOrder, ...] = key("分配顺位：前一顺位满足后才轮到后一顺位")
    amount: Decimal | None = key("可分配总量（吨标煤）；不写为腾退来源中尚未用于替代的用能，加整治验收核定的用能", None)
    share: Decimal = key("其中用于分配的比例", Decimal(1))
    step: Decimal = key("分到的最小单位（吨标煤）", Decimal("0.01"))
    refuse: tuple[PoolRefusal, ...] = key("不予分配的项目，先符合者适用", ())
    document: str | None = key("依据文号；不写为本文件第一个出处", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Multiples:
    """By account: how many times its need a project has to find elsewhere."""

    capacity: Decimal | None = key("产能替代倍数", None, name="产能")
    energy: Decimal | None = key("能耗替代倍数", None, name="能耗")
    coal: Decimal | None = key("煤炭替代倍数", None, name="煤")
    pollutants: Decimal | None = key("污染物替代倍数", None, name="污染物")
    carbon: Decimal | None = key("碳排放替代倍数", None, name="碳")
    stands: Place = standing()

    def by_account(self) -> dict[Account, Decimal]:
        """The multiples that are stated, by account."""
        values = (self.capacity, self.energy, self.coal, self.pollutants, self.carbon)
        return {a: v for a, v in zip(get_args(Account), values, strict=True) if v is not None}


@dataclass(frozen=True)
class Substitution:
    """What projects have to substitute."""

    multiples: dict[str, Multiples] = key("按项目类别的替代倍数，如 两高；没有写的类别不需要替代")
    document: str | None = key("依据文号；不写为本文件第一个出处", None)
    stands: Place = standing()


@dataclass(frozen=True)
class TheAllocation(Head):
    """allocation.yaml."""

    include: tuple[IncludeEntry, ...] = key("引用的措施", ())
    fields: dict[str, RuleField] = key("新字段", {})
    tables: dict[str, LookupTable] = key("对照表", {})
    statistics: dict[str, Statistic] = key("统计值", {})
    population: CountedIn = key("本文件的统计值在谁当中算", CountedIn())
    streak: StreakRule = key("连续年数怎样中断", StreakRule())
    measures: tuple[Measure, ...] = key("措施", ())
    pools: tuple[Pool, ...] = key("腾出用能向项目的分配", ())
    substitution: Substitution | None = key("两高项目的替代倍数", None)
    binding: bool = key("是否生效：false 为试行，不实际收取", True)
