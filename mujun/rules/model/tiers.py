"""How scores become tiers."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.shape import key, standing

CutRounding = Literal["half_up", "floor", "ceil"]
Ties = Literal["better", "worse"]


@dataclass(frozen=True)
class TierClass:
    """A tier and what it is called."""

    id: str = key("档次代号")
    label: str | None = key("档次名称", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Before:
    """A rule that fixes a tier before the cut."""

    id: str = key("规则代号")
    when: Expression = key("条件")
    set: str = key("定为哪一档")
    reason: str = key("理由")
    in_base: bool = key("占用名额：true 占用分档比例的名额", False)
    stands: Place = standing()


@dataclass(frozen=True)
class Pick:
    """One pick: the best of a share."""

    id: str = key("代号")
    tier: str = key("取入哪一档")
    by: tuple[str, ...] = key("按什么排序取：算式，从高到低；前加 - 从低到高", single=True)
    take: Decimal = key("取基数的百分之几")
    among: Expression | None = key("在哪些对象中取", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Cut:
    """One cut: by cumulative shares, by thresholds, or by picks."""

    shares: dict[str, Decimal] | None = key("累计百分比，由好到差，如 {A: 20, B: 60, C: 95, D: 100}", None)
    thresholds: dict[str, Decimal] | None = key("各档最低值，如 {A: 90, B: 75}", None)
    picks: tuple[Pick, ...] | None = key("依次择取", None)
    by: str = key("比较什么：用于 thresholds", "score")
    rest: str | None = key("其余的档次：用于 thresholds、picks", None)
    rounding: CutRounding = key("名额取整：half_up 四舍五入、floor、ceil", "half_up")
    ties: Ties = key("同分同名次者：better 归较好一档、worse 归较差一档", "better")
    stands: Place = standing()


@dataclass(frozen=True)
class After:
    """A rule that changes a tier after the cut."""

    id: str = key("规则代号")
    when: Expression = key("条件")
    reason: str = key("理由")
    set: str | None = key("改为此档", None)
    at_most: str | None = key("不得好于此档", None)
    at_least: str | None = key("不得差于此档", None)
    move: int | None = key("升（正）降（负）几档", None)
    unless: tuple[str, ...] = key("这些规则适用时不适用", (), single=True)
    stands: Place = standing()


@dataclass(frozen=True)
class Verify:
    """What a document promises of a tier's share; reported, never enforced."""

    max: Decimal | None = key("至多百分之几", None)
    min: Decimal | None = key("至少百分之几", None)


@dataclass(frozen=True)
class Tiers:
    """The tiers and how they are given."""

    classes: tuple[TierClass, ...] = key("档次，由好到差")
    cut: dict[str, Cut] = key("分档：default 与各评价组别")
    cells: tuple[str, ...] = key("在哪个范围内排名分档", ("cohort",))
    rank_by: dict[str, tuple[str, ...]] = key("排名依据，从高到低，依次", {"default": ("score",)}, single=True)
    before: tuple[Before, ...] = key("分档前直接定档", ())
    after: tuple[After, ...] = key("分档后调整，依次", ())
    verify: dict[str, Verify] = key("各档比例核对", {})
    stands: Place = standing()
