"""papers.yaml: the words of a county's papers that no rule and no figure gives."""

from __future__ import annotations

from datetime import date
from typing import Literal

from mujun.dataclass import dataclass
from mujun.rules.model.head import Head
from mujun.rules.shape import key


@dataclass(frozen=True)
class Chain:
    """An industrial chain: the divisions or labels whose enterprises belong to it."""

    industries: tuple[str, ...] = key("行业大类代码", ())
    labels: tuple[str, ...] = key("企业标签", ())


@dataclass(frozen=True)
class ThePapers(Head):
    """papers.yaml."""

    letterhead: str | None = key("发文机关标志", None)
    number: str | None = key("发文字号", None)
    office: str | None = key("落款单位", None)
    day: date | None = key("成文日期", None)
    to: str | None = key("主送单位", None)
    copies: tuple[str, ...] = key("抄送单位", ())
    contact: str | None = key("联系人", None)
    telephone: tuple[str, ...] = key("联系电话；各镇街不同的逐个写", ())
    address: str | None = key("联系地址", None)
    period_from: date | None = key("公示期的第一天", None)
    period_until: date | None = key("公示期的最后一天", None)
    objections: str | None = key("怎样提出异议，代替通用的一段话", None)
    order: Literal["none", "rank"] = key("公示名单的次序：none 排名不分先后；rank 按名次", "none")
    outlines: str | None = key("镇街界线：GeoJSON 图层的文件名，与本文件在同一文件夹；地图上画出", None)
    chains: dict[str, Chain] = key("产业链，按名称；每条链有一份报告", {})
