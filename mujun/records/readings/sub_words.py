"""Words that stand under or beside a figure's name in headers: totals, parts, last year, months, kinds of tax.

`实缴税金` over `增值税`, `企业所得税`, `合计`; `用电量` over `1月` … `12月`; `营业收入` over `上年同期`, `本年`. A word
says how its column belongs to the figure, not what the figure is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from mujun.dataclass import dataclass
from mujun.records.headers import squeezed

WordKind = Literal[
    "total", "last", "opening", "now", "change", "month", "quarter", "half", "tariff", "tax", "office", "deed", "year",
    "rest", "of_which", "tenure", "other",
]  # fmt: skip
"""What a word says of its column.

total: the whole of the year; last: of an earlier year; opening: as it stood when the year began; now: of this month
or quarter only; change: a rate, a rank, a share; month, quarter, half: that part of the year; tariff: 峰, 平, 谷; tax:
one kind of tax; office: 国税 or 地税; deed: with or without a deed; year: the year named; rest: 其他; of_which: 其中;
tenure: what ground an area is, 自有, 租入 or 租出; other: a text that is no word we know, under a figure's name.
"""

PARTS: tuple[WordKind, ...] = ("month", "quarter", "half", "tariff", "tax", "office", "deed")
"""Parts that may make up a whole."""

ELSEWHEN: tuple[WordKind, ...] = ("last", "opening", "now", "change")
"""What is no figure of this year."""


@dataclass(frozen=True)
class Word:
    """A word and which of its kind it is: `3` for 3月, `2022` for 2022年, else its text."""

    kind: WordKind
    which: str


_FIXED: dict[str, WordKind] = {}
_TEXTS: tuple[tuple[WordKind, str], ...] = (
    (
        "total",
        "合计 总计 小计 共计 总额 全年 本年 本年累计 累计 全年累计 本年合计 全年合计 年合计 合计数 总数 "
        "本年数 当年 当年累计 本年度 本期累计 累计数 全年数 全年总计 本年总计 年度合计 1-12月 1至12月 "
        "1~12月 1—12月 1-12月累计 1-12月合计 本年实绩 年累计 全年实际 本年实际 total",
    ),
    (
        "last",
        "上年 上年同期 去年 去年同期 上年数 上年累计 上年全年 上年合计 前年 同期 上年度 上年同期数 同期数 "
        "上年同期累计 上期 上期数 去年累计 去年全年 上一年 上一年度 上年实绩",
    ),
    (
        "opening",
        "期初 年初 期初数 年初数 年初余额 期初余额",
    ),
    (
        "now",
        "本月 当月 本月数 当月数 本季 本季度 当季 本月累计",
    ),
    (
        "change",
        "同比 同比% 增减 增减% 增长率 增幅 增速 同比增长 同比增减 同比增长% 同比(%) 增减额 增减率 增减(%) "
        "增长 增长% ±% +-% 占比 比重 比重% 占比% 排名 位次 环比 增减量 比上年增长 比上年增减 较上年增减 "
        "增长(%) 增速(%) 增幅(%) 占比(%)",
    ),
    (
        "tariff",
        "尖 峰 平 谷 尖峰 高峰 平段 低谷 尖时 峰时 平时 谷时 峰段 谷段 尖段 深谷 峰电 谷电 平电 尖电 峰谷 "
        "尖峰时段 高峰时段 平时段 低谷时段 峰时段 谷时段 尖峰电量 高峰电量 低谷电量 峰电量 平电量 谷电量 "
        "平段电量",
    ),
    (
        "tax",
        "增值税 企业所得税 个人所得税 所得税 城建税 城市维护建设税 房产税 印花税 土地使用税 "
        "城镇土地使用税 消费税 资源税 环保税 环境保护税 教育费附加 地方教育附加 地方教育费附加 附加税 "
        "附加 土地增值税 耕地占用税 契税 车船税 车辆购置税 营业税 其他税 其他税种 其他税收 其他各税 "
        "水利建设基金 残疾人保障金 文化事业建设费",
    ),
    (
        "office",
        "国税 地税 国税部分 地税部分",
    ),
    (
        "deed",
        "已办证 未办证 有证 无证 已领证 未领证 已发证 未发证 已办证面积 未办证面积 有证面积 无证面积",
    ),
    (
        "rest",
        "其他 其它",
    ),
    (
        "of_which",
        "其中",
    ),
)
for _kind, _texts in _TEXTS:
    for _text in _texts.split():
        _FIXED[squeezed(_text)] = _kind

_DIGITS = {
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十一": 11,
    "十二": 12,
}
_TENURES = {
    f"{word}{more}": tenure
    for tenure, words in (("自有", ("自有", "自用")), ("租入", ("租入", "承租", "租用")), ("租出", ("租出", "出租")))
    for word in words
    for more in ("", "面积", "用地", "土地")
}
_MONTH = re.compile(r"(?:20[0-9]{2}年?)?(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?")
_COMPACT_MONTH = re.compile(r"20[0-9]{2}[./]?(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(?:第)?([1-4一二三四])季度?|q([1-4])")
_YEAR = re.compile(
    r"(20[0-9]{2})(?:年度?)?(?:0?1月?(?:份)?[—–~至到]?(?:20[0-9]{2}年)?12月(?:份)?)?(?:数|合计|累计|累计数|实绩|全年)?"
)
"""A year, or its months one to twelve: `2022年度`, `2022年1-12月累计` (which lost its hyphen when it was squeezed)."""


@lru_cache(maxsize=4096)
def word_of(text: str) -> Word | None:
    """The word a text is, or `None`.

    >>> word_of("合计"), word_of("3月份"), word_of("第二季度").which
    (Word(kind='total', which='合计'), Word(kind='month', which='3'), '2')
    """
    plain = squeezed(text).strip("()[]【】")
    kind = _FIXED.get(plain)
    if kind is not None:
        return Word(kind, plain)
    if match := _MONTH.fullmatch(plain) or _COMPACT_MONTH.fullmatch(plain):
        return Word("month", str(_number(match.group(1))))
    if match := _QUARTER.fullmatch(plain):
        return Word("quarter", str(_number(match.group(1) or match.group(2))))
    if (tenure := _TENURES.get(plain)) is not None:
        return Word("tenure", tenure)
    if plain in ("上半年", "下半年"):
        return Word("half", plain)
    if match := _YEAR.fullmatch(plain):
        return Word("year", match.group(1))
    return None


def _number(text: str) -> int:
    return _DIGITS[text] if text in _DIGITS else int(text)


@lru_cache(maxsize=4096)
def parted(text: str) -> tuple[Word, str] | None:
    """A word before, behind or in the bracket of a name, and what is left of it: `1月用电量`, `税收（合计）`."""
    plain = squeezed(text)
    bracketed = re.fullmatch(r"(.+)[(\[【]([^()\[\]【】]+)[)\]】]", plain)
    if bracketed is not None and (word := word_of(bracketed.group(2))) is not None:
        return word, bracketed.group(1)
    named = re.fullmatch(r"其中[::、]?(.+)", plain)
    if named is not None:
        return Word("of_which", "其中"), named.group(1)
    for size in range(min(10, len(plain) - 2), 0, -1):
        if (word := word_of(plain[:size])) is not None and _clear(word, plain[:size]):
            return word, plain[size:].lstrip("的/、,.")
    for size in range(min(10, len(plain) - 2), 0, -1):
        if (word := word_of(plain[-size:])) is not None and _clear(word, plain[-size:]):
            return word, plain[:-size].rstrip("/、,.")
    return None


def _clear(word: Word, text: str) -> bool:
    """Whether a word within a longer text still says the same: 平 in 平均 does not, nor 总额 in 利润总额."""
    if word.kind in ("total", "last", "now", "opening", "month", "quarter", "half", "change"):
        return text not in ("总额", "总数", "当年", "同期", "累计", "全年") or text in ("累计", "全年", "当年")
    return word.kind in ("year", "tenure")
