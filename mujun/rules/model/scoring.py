"""How an indicator earns points."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import Any, ClassVar, Literal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.methods import RATIO, ScoringMethod
from mujun.rules.model.benchmark import Benchmark
from mujun.rules.shape import Reading, key, standing
from mujun.rules.tree import Node

PolicyKind = Literal["zero", "full", "cap", "cohort_mean", "reweight", "points"]
_WORDS: tuple[str, ...] = ("zero", "full", "cap", "cohort_mean", "reweight")


@dataclass(frozen=True)
class Policy:
    """What a missing, negative or undividable value earns: a word, or `{points: n}`."""

    kind: PolicyKind
    points: Decimal | None = None

    schema: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {"enum": list(_WORDS)},
            {
                "type": "object",
                "properties": {"points": {"type": "number"}},
                "required": ["points"],
                "additionalProperties": False,
            },
        ]
    }

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> Policy:
        """A policy from its node."""
        if node.text in _WORDS:
            return cls(node.text)  # type: ignore[arg-type]
        if isinstance(node.value, dict) and set(node.value) == {"points"}:
            points = node.value["points"]
            if isinstance(points.value, Decimal):
                return cls("points", points.value)
        reading.wrong("rules_not_a_policy", node, path, value=node.text or "…", choices=list(_WORDS))
        return cls("zero")


ZERO_UNSTATED = Policy("zero")
"""What holds for a missing value where the rules do not say: known by identity from a `zero` that they do say."""


@dataclass(frozen=True)
class Fallback:
    """Another indicator, used where the value is missing."""

    indicator: str = key("替代指标")
    benchmark: Benchmark | None = key("替代指标的基准值", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Step:
    """One step of `steps`."""

    at_least: Decimal = key("达到此值")
    share: Decimal = key("得权重的几成")


@dataclass(frozen=True)
class Item:
    """One indicator's part in the score of a cohort."""

    weight: Decimal = key("权重（分）")
    method: ScoringMethod = key("计分方法，默认 ratio：权重 × 值 ÷ 基准值", RATIO)
    benchmark: Benchmark | None = key("基准值：数、算式，或同类企业的统计（Peers）", None)
    cap: Decimal | None = key("得分上限，权重的倍数", None)
    floor: Decimal = key("得分下限，权重的倍数", Decimal(0))
    missing: Policy = key("值缺失时", ZERO_UNSTATED)
    zero_denominator: Policy | None = key("分母不大于零时：默认按缺失处理", None)
    negative: Policy | None = key("值为负时：默认由下限处理", None)
    fallback: tuple[Fallback, ...] = key("值缺失时改用的指标，依次", (), single=True)
    start: Decimal = key("起点：最低者得权重的几成，用于 minmax", Decimal(0))
    over: tuple[str, ...] | None = key("取值范围：在哪个范围内取最大最小，用于 minmax，默认评价组别；[] 为全部", None)
    flat: Literal["full", "start"] = key("最大等于最小时：full 得满分、start 按起点，用于 minmax", "full")
    zero_at: Decimal | None = key("零分倍数：值为基准几倍时得零分，用于 inverse", None)
    points: tuple[tuple[Decimal, Decimal], ...] = key("折线：[值, 几成] 的各点，两端取平，用于 linear", ())
    steps: tuple[Step, ...] = key("分级：由高到低，第一个达到的，用于 steps", ())
    formula: Expression | None = key("公式：用 value、benchmark、weight 写的算式，用于 formula", None)
    stands: Place = standing()
    group: str | None = field(default=None, kw_only=True)
    """The first-level indicator that it is a part of, with its weight and the part, in words."""

    @property
    def says_missing(self) -> bool:
        """Whether the rules state what a missing value earns."""
        return self.missing is not ZERO_UNSTATED
