"""What a cell says that tells rows of one firm apart: a total, a part of another row, months of a year."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from mujun.dataclass import dataclass
from mujun.records.cells import with_arabic_years

YEAR_LONG = 0b1111_1111_1111
"""All months of a year, one bit each, January the lowest."""

_WHOLE = re.compile(
    r"(?:全部|所有)[^0-9]{0,6}|[^0-9]{0,4}总表|总(?:量|数|额|计|和)?|总(?:用)?[电水气热]量|总(?:税额|税收|税款|金额)|"
    r"[^0-9]{0,8}(?:合计|总计|小计|共计|汇总)[^0-9]{0,4}|(?:20[0-9]{2}年?)?(?:全年|年度|本年)(?:累计|数|总)?"
)
_NO_TAX = re.compile(r"保险|社保|滞纳金|罚款|罚没|罚金|公积金|工会经费|利息")
_YEAR = r"(?:(20[0-9]{2})[年./-]?)?"
_MONTH = re.compile(
    _YEAR + r"(1[0-2]|0?[1-9])(?:月份?|[./-](?:[0-3]?[0-9])(?:00:00:00)?|月[0-9]{1,2}[日号])?(?:底|末|止)?"
)
_DAY = re.compile(r"(20[0-9]{2})[年./-]?(1[0-2]|0?[1-9])[月./-]?(?:3[01]|[12][0-9]|0?[1-9])日?(?:[t0-9:.]*)")
_QUARTER = re.compile(_YEAR + r"(?:第|q)?([1-4一二三四])(?:季度?)?")
_WHOLE_YEAR = re.compile(r"(20[0-9]{2})(?:年度?)?(?:全年)?")
_TO = re.compile(r"[-~至到―–—－]+")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True)
class Cell:
    """What a cell says: whether it is a total, a part of another row, no tax; its months as bits, and their year."""

    whole: bool = False
    of_which: bool = False
    no_tax: bool = False
    months: int = 0
    year: int | None = None


@lru_cache(maxsize=65536)
def cell_of(text: str, *, period: bool, quarters: bool = False) -> Cell:
    """What a cell says.

    Args:
        text: the cell.
        period: whether its column is one of times.
        quarters: whether its bare numbers are quarters.
    """
    plain = re.sub(r"\s+", "", with_arabic_years(unicodedata.normalize("NFKC", text))).lower()
    if not plain:
        return Cell()
    if re.match(r"[#(]?其中", plain):
        return Cell(of_which=True)
    if _WHOLE.fullmatch(plain):
        stated = re.match(r"20[0-9]{2}", plain)
        return Cell(whole=True, months=YEAR_LONG if period else 0, year=int(stated.group()) if stated else None)
    if period or "月" in plain or "季" in plain:
        months, year = months_of(plain, quarters=quarters)
        if months and (period or months == YEAR_LONG):
            return Cell(whole=months == YEAR_LONG, months=months, year=year)
    return Cell(no_tax=bool(_NO_TAX.search(plain)))


def months_of(plain: str, *, quarters: bool = False) -> tuple[int, int | None]:
    """The months that a text names, as bits, and the year they are in; no bits where it names none.

    >>> months_of("2022年1-9月"), months_of("前三季度"), months_of("202203")
    ((511, 2022), (511, None), (4, 2022))
    """
    for words, bits in (("上半年", 0b111111), ("下半年", 0b111111000000), ("前三季度", 0b111111111)):
        if plain.endswith(words):
            stated = re.match(r"20[0-9]{2}", plain)
            return bits, int(stated.group()) if stated else None
    if (whole := _WHOLE_YEAR.fullmatch(plain)) is not None:
        return YEAR_LONG, int(whole.group(1))
    if (quarters or "季" in plain or plain.startswith("q")) and (match := _QUARTER.fullmatch(plain)) is not None:
        number = _QUARTERS.get(match.group(2)) or int(match.group(2))
        return 0b111 << 3 * (number - 1), _year(match.group(1))
    if (match := _DAY.fullmatch(plain)) is not None:
        return 1 << int(match.group(2)) - 1, int(match.group(1))
    if (match := _MONTH.fullmatch(plain)) is not None:
        return 1 << int(match.group(2)) - 1, _year(match.group(1))
    for cut in _TO.finditer(plain):
        first, last = _MONTH.fullmatch(plain[: cut.start()]), _MONTH.fullmatch(plain[cut.end() :])
        if first is None or last is None:
            continue
        year, until = _year(first.group(1)), _year(last.group(1))
        lo, hi = int(first.group(2)), int(last.group(2))
        if lo <= hi and until in (None, year):
            return (1 << hi) - (1 << lo - 1), year
    return 0, None


def _year(text: str | None) -> int | None:
    return int(text) if text else None
