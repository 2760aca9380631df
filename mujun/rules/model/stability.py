"""How far the numbers of a rating may be off: what a test of its stability draws from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.shape import key, standing

USUAL: Mapping[str, Decimal] = {
    "weights": Decimal(10),
    "benchmarks": Decimal(5),
    "caps": Decimal(10),
    "cuts": Decimal(2),
    "inputs": Decimal(3),
}
"""Half the width of each range where a rule set does not say: per cent of the number, of a cut by shares in points."""


def _range(source: str, doc: str) -> dict[str, Decimal]:
    by_name: dict[str, Decimal] = key(doc, {"default": USUAL[source]}, single=True)
    return by_name


@dataclass(frozen=True)
class Stability:
    """What is drawn, how far, how often. Every draw is uniform between minus and plus the range."""

    weights: dict[str, Decimal] = _range("weights", "权重上下浮动百分之几，之后按原合计折算；可按指标写")
    benchmarks: dict[str, Decimal] = _range("benchmarks", "基准值上下浮动百分之几，每个基准数各自浮动；可按指标写")
    caps: dict[str, Decimal] = _range("caps", "封顶倍数上下浮动百分之几；可按指标写")
    cuts: dict[str, Decimal] = _range("cuts", "分档的累计比例上下浮动几个百分点，分数线为百分之几；可按档次写")
    inputs: dict[str, Decimal] = _range("inputs", "各企业数据上下浮动百分之几；可按指标的分子、分母或算式写")
    draws: int = key("抽取次数", 1000)
    seed: int = key("随机数种子：同一种子得同一结果", 1)
    fragile_below: Decimal = key("本档频率低于百分之几的，为不稳固", Decimal(80))
    stands: Place = standing()

    def width(self, source: str, name: str) -> float:
        """Half the width of the range of one number of a source, as stated in per cent or points."""
        stated: Mapping[str, Decimal] = getattr(self, source)
        return float(stated.get(name, stated.get("default", USUAL[source])))
