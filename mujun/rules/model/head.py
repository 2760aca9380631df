"""The head that every rule file begins with."""

from __future__ import annotations

from datetime import date
from typing import Literal

from mujun.dataclass import dataclass
from mujun.rules.shape import key

TO_FILL = "待填"
"""What `rules new` writes where somebody has to fill something in."""

Persons = Literal["masked", "full"]
Status = Literal["official", "excerpt", "example", "abstract"]


@dataclass(frozen=True)
class Source:
    """A document that numbers come from, and the day a person last looked at it."""

    document: str = key("文件名称或文号")
    url: str | None = key("公开网址", None)
    checked: date | None = key("最近一次核对的日期", None)
    note: str | None = key("说明：看到了哪一部分", None)


@dataclass(frozen=True)
class Head:
    """What a file says about itself."""

    mujun: int = key("规则语言版本，现为 1")
    kind: str = key("文件种类：rating、rectification、allocation、targets、ladders、tests")
    name: str = key("名称")
    place: str | None = key("适用地区", None)
    years: tuple[int, ...] = key("适用的数据年度", ())
    status: Status = key("性质：official 全文；excerpt 所见部分；example 示例；abstract 供继承的基础", "example")
    sources: tuple[Source, ...] = key("出处", ())
    omits: tuple[str, ...] = key("出处未见的内容，以及这里用什么代替", ())
    persons: Persons = key("公开的文件里怎样写自然人：masked 写作“张*”、遮去号码中间几位；full 照写", "masked")
    extends: str | None = key("所继承的规则集（相对本文件夹的路径，或地址）", None)
