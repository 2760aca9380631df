"""targets.yaml: what a plan promises."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from mujun.errors import Place
from mujun.rules.model.head import Head
from mujun.rules.shape import key, standing

TargetKind = Literal["level", "rate", "campaign", "cumulative"]
Counted = Literal["firms", "land", "energy"]


@dataclass(frozen=True)
class Target:
    """One indicator of a plan with its yearly targets."""

    id: str = key("代号")
    label: str = key("名称")
    kind: TargetKind = key("口径：level 本年值；rate 年增幅；campaign 自行动开始累计；cumulative 含基期累计")
    unit: str = key("单位", "")
    base: dict[str, Decimal] = key("基期值，按年", {})
    targets: dict[str, Decimal] = key("目标值，按年", {})
    yearly: dict[str, Decimal] = key("当年新增目标，按年；targets 写累计目标", {})
    group: str | None = key("类别", None)
    counts: Counted | None = key(
        "由整治闭环计数：firms 完成整治的企业（家）、land 核实腾出用地（亩）、energy 核实腾出用能（吨标煤）", None
    )
    path: str | None = key("只计这种整治方式", None)
    townships: dict[str, dict[str, Decimal]] = key("分解到镇街的目标，按镇街、再按年", {})
    actual: dict[str, Decimal] = key("实际值，按年，由人填报；campaign、cumulative 填当年新增数", {})
    doubtful: tuple[str, ...] = key("印刷表中位置存疑的年份", ())
    stands: Place = standing()


@dataclass(frozen=True)
class TheTargets(Head):
    """targets.yaml."""

    targets: tuple[Target, ...] = key("目标", ())
