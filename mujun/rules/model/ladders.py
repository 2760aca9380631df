"""ladders.yaml: who could be next: the honours of firms, and the conditions for each."""

from __future__ import annotations

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.model.head import Head
from mujun.rules.model.names import RuleField
from mujun.rules.shape import key, standing


@dataclass(frozen=True)
class Rung:
    """One condition of an honour."""

    id: str = key("代号")
    when: Expression = key("条件：一年企业数据的算式")
    label: str = key("条件的说法，如 营业收入1亿元以上")
    stands: Place = standing()


@dataclass(frozen=True)
class Ladder:
    """An honour: who has it, and by which conditions others could be next."""

    id: str = key("代号")
    label: str = key("名称")
    honour: tuple[str, ...] = key("哪些标签就是这项荣誉", single=True)
    office: str | None = key("由哪个单位培育：单位名称，写在名单上", None)
    goal: str | None = key("targets.yaml 中这项荣誉的目标代号", None)
    after: tuple[str, ...] = key("只在有这些标签之一的企业中找，如上一级荣誉；不写为所有企业", (), single=True)
    members: Expression | None = key("只在这些企业中找，如 \"scale = '规上'\"", None)
    conditions: tuple[Rung, ...] = key("条件，全部具备的是可以申报的", ())
    near: int = key("差几个条件以内的也列出，作为培育对象", 1)
    stands: Place = standing()


@dataclass(frozen=True)
class TheLadders(Head):
    """ladders.yaml."""

    fields: dict[str, RuleField] = key("新的量：由“补充指标”表填报（input），或按算式得出（value）", {})
    ladders: tuple[Ladder, ...] = key("梯队，按从低到高写", ())
