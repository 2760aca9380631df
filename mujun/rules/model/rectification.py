"""rectification.yaml: who is listed, for which reasons, by which path, and how one gets off the list."""

from __future__ import annotations

from dataclasses import dataclass

from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.model.head import Head
from mujun.rules.model.names import LookupTable, RuleField, Statistic
from mujun.rules.shape import key, standing


@dataclass(frozen=True)
class Reason:
    """A reason for being listed; any one lists an enterprise."""

    id: str = key("代号")
    when: Expression = key("条件")
    reason: str = key("列入理由")
    stands: Place = standing()


@dataclass(frozen=True)
class Exempt:
    """Who is not listed all the same."""

    id: str = key("代号")
    when: Expression = key("条件")
    reason: str = key("豁免理由")
    of: tuple[str, ...] = key("只豁免这些理由；不写为全部", (), single=True)
    stands: Place = standing()


@dataclass(frozen=True)
class Path:
    """How a listed enterprise is dealt with; the first that holds."""

    id: str = key("代号")
    when: Expression = key("条件")
    path: str = key("整治方式")
    months: int = key("完成时限（月）")
    stands: Place = standing()


@dataclass(frozen=True)
class Exit:
    """When an enterprise is struck off."""

    when: Expression = key("达标条件")
    evidence: tuple[str, ...] = key("佐证材料", ())
    margin: str | None = key("达标余量说明", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Watch:
    """How long an enterprise is watched after it was struck off."""

    months: int = key("跟踪月数", 12)


@dataclass(frozen=True)
class TheRectification(Head):
    """rectification.yaml."""

    fields: dict[str, RuleField] = key("新字段", {})
    tables: dict[str, LookupTable] = key("对照表", {})
    statistics: dict[str, Statistic] = key("统计值", {})
    scope: Expression | None = key("只在这些企业中筛查", None)
    listing: tuple[Reason, ...] = key("列入条件，符合其一即列入", ())
    exempt: tuple[Exempt, ...] = key("豁免", ())
    paths: tuple[Path, ...] = key("整治方式，先符合者适用", ())
    effects: dict[str, Expression] = key("预计成效：land_mu 腾出用地（亩）、energy_tce 腾出用能（吨标煤）", {})
    exit: Exit | None = key("销号条件", None)
    watch: Watch | None = key("销号后跟踪", None)
