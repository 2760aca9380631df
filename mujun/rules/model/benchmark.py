"""A benchmark as a rule file states it: an expression, or what the subject's peers come to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.model.names import Among, Interpolation, StatisticKind
from mujun.rules.shape import Reading, json_schema, key, read, standing
from mujun.rules.tree import Node

EVERYBODY = "all"
"""`otherwise: all`: the same statistic, not divided into groups."""


@dataclass(frozen=True)
class Peers:
    """What the peers of a subject come to in the same indicator: a statistic in one place."""

    peers: StatisticKind = key(
        "统计方式，同 statistics 的 stat；ratio_of_sums 为本指标分子合计 ÷ 分母合计，其余对指标值统计"
    )
    over: tuple[str, ...] = key("按哪些字段分组；[] 为全部一组", ())
    among: Among | None = key("在谁当中：rated 参评的（默认）；all 全部，不论是否参评；cohort 本组参评的", None)
    members: Expression | None = key("哪些评价对象计入", None)
    min_members: int = key("有值的成员少于这么多个时用 otherwise", 1)
    otherwise: Expression | None = key("成员太少时的值：all 为不分组的同一统计；也可写统计值的名称、数或算式", None)
    times: Decimal = key("取几倍：如上年平均值的2倍写 2", Decimal(1))
    q: Decimal | None = key("分位，0 到 1：用于 quantile", None)
    interpolation: Interpolation = key("落在两数之间时：用于 quantile", "linear")
    year: Literal["this", "previous"] = key("数据年：previous 用上一年数据计算", "this")
    round: int | None = key("统计值四舍五入的位数", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Benchmark(Expression):
    """A benchmark: an expression; as read it may be `peers`, which loading turns into a statistic and its name."""

    peers: Peers | None = None

    @classmethod
    def schema(cls, definitions: dict[str, Any]) -> dict[str, Any]:
        """Its JSON Schema: an expression, or the peers."""
        return {"anyOf": [json_schema(Expression, definitions), json_schema(Peers, definitions)]}

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> Benchmark:
        """A benchmark from its node."""
        if isinstance(node.value, dict):
            peers = read(Peers, node, path, reading)
            return cls("null", node.place(path), peers)
        plain = read(Expression, node, path, reading)
        return cls(plain.text, plain.place)
