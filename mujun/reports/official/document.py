"""An official paper before anybody draws it: letterhead, number, title, paragraphs, tables, pictures, signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field, replace
from datetime import date

from mujun.dataclass import dataclass
from mujun.reports.charts import Chart
from mujun.rules.document import Heading, Paragraph, Table
from mujun.rules.model.papers import ThePapers


@dataclass(frozen=True)
class Picture:
    """A chart with its finding above and how to read it below."""

    chart: Chart


Part = Heading | Paragraph | Table


@dataclass(frozen=True)
class Annex:
    """A list at the end of a paper, on a page of its own.

    Attributes:
        title: what it lists.
        note: a line below the title.
        table: the list.
        widths: how wide the columns are against one another.
    """

    title: str
    table: Table = field(repr=False)
    note: str = ""
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class OfficialPaper:
    """A paper in the form of an official document.

    Attributes:
        title: its title.
        parts: its text.
        annexes: lists at its end.
        pictures: charts behind it, on pages of their own.
        letterhead, number, to, office, day, copies: what the county words itself; what it has not worded stands as
            【…】 where such a paper cannot do without.
        year: the data year, which dates the file.
    """

    title: str
    parts: tuple[Part, ...] = field(repr=False)
    annexes: tuple[Annex, ...] = field(default=(), repr=False)
    pictures: tuple[Picture, ...] = field(default=(), repr=False)
    letterhead: str = ""
    number: str = ""
    to: str = ""
    office: str = ""
    day: str = ""
    copies: str = ""
    year: int | None = None


def blank(what: str) -> str:
    """A place to be filled in, shown as one.

    >>> blank("发文字号")
    '【发文字号】'
    """
    return f"【{what}】"


def worded(paper: OfficialPaper, texts: ThePapers) -> OfficialPaper:
    """The paper with the county's own words around it."""
    day = texts.day
    return replace(
        paper,
        letterhead=texts.letterhead or "",
        number=texts.number or (blank("发文字号") if texts.letterhead else ""),
        to=texts.to or "",
        office=texts.office or texts.letterhead or blank("落款单位"),
        day=_day(day) if day is not None else blank("成文日期"),
        copies="、".join(texts.copies),
    )


def contact(texts: ThePapers) -> str:
    """Who can be asked, in one sentence."""
    who = texts.contact or blank("联系人")
    telephone = "、".join(texts.telephone) or blank("联系电话")
    address = f"；地址：{texts.address}" if texts.address else ""
    return f"联系人：{who}；联系电话：{telephone}{address}。"


def period(texts: ThePapers) -> str:
    """The days of a notice."""
    if texts.period_from is None or texts.period_until is None:
        return f"公示期：{blank('公示期起止日期')}。"
    first, last = texts.period_from, texts.period_until
    days = (last - first).days + 1
    return f"公示期：{_day(first)}至{_day(last)}，共 {days} 天（含首尾两日）。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


_NUMBER = re.compile(r".+〔\d{4}〕.*号")
"""A document's number, which stands without the brackets of a title."""


def documents(sources: Sequence[str]) -> str:
    """The documents that a paper rests on: titles in brackets, numbers as they are.

    >>> documents(["嵊政〔2022〕28号", "浙政发〔2018〕5号"]), documents(["亩均评价办法"])
    ('嵊政〔2022〕28号、浙政发〔2018〕5号文件', '《亩均评价办法》')
    """
    if not sources:
        return blank("依据文件")
    told = [s if "《" in s or _NUMBER.fullmatch(s) else f"《{s}》" for s in sources]
    return "、".join(told) + ("文件" if _NUMBER.fullmatch(told[-1]) else "")
