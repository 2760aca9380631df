"""What titles, sheet names, file names and folders say of a table: the data year, and whether it is of 规上 or 规下."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from mujun.records.cells import with_arabic_years
from mujun.records.headers import squeezed
from mujun.records.readings.row_words import YEAR_LONG, months_of

_STRONG_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年度")
_WEAK_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])(?!\s*[年.\-/]\s*[0-9]{1,2}\s*[月.\-/])(?!\s*年\s*[0-9])")


def years_said(texts: Sequence[str]) -> list[int]:
    """The data years that titles and names speak of: `2022年度` before a bare 2022; a date is no data year.

    >>> years_said(["二〇二二年度税收"]), years_said(["2023年报送2022年度税收"])
    ([2022], [2022])
    """
    plain = [with_arabic_years(unicodedata.normalize("NFKC", t)) for t in texts]
    for pattern in (_STRONG_YEAR, _WEAK_YEAR):
        years = sorted({int(y) for t in plain for y in pattern.findall(t)})
        if years:
            return years
    return []


_TO = r"\s*[-~至到―–—－]+\s*"
_MONTHS = re.compile(
    rf"(?:(20[0-9]{{2}})年)?(?<![0-9])([0-9]{{1,2}})月?(?:份)?{_TO}(?:20[0-9]{{2}}年)?([0-9]{{1,2}})月"
)
_UNTIL = re.compile(r"截[至止]到?\s*(20[0-9]{2})年([0-9]{1,2})月")
_ONE_MONTH = re.compile(r"(20[0-9]{2})年([0-9]{1,2})月(?:份)?(?![0-9]|\s*[0-9]{1,2}[日号]|底|末)")
_QUARTERS = re.compile(r"(?:(20[0-9]{2})年)?(?:上半年|下半年|前三季度|第?[一二三四1-4]季度)")
_ALL_QUARTERS = re.compile(rf"[一1](?:季度)?{_TO}(?:第)?[四4]季度")


def period_said(texts: Sequence[str], year: int, *, to_date: bool = False) -> str:
    """The months of a year that titles and names speak of where they are not all twelve; blank where they are.

    >>> period_said(["2022年1-9月税收"], 2022), period_said(["2022年1—12月", "截至2022年12月31日"], 2022)
    ('1-9月', '')

    Args:
        texts: titles and names.
        year: the data year: months of another year say when a file was made.
        to_date: whether a header says that its figures are of the year to date.
    """
    for plain in (with_arabic_years(unicodedata.normalize("NFKC", t)) for t in texts):
        if (m := _MONTHS.search(plain)) is not None:
            if m.group(1) in (None, str(year)) and (int(m.group(2)), int(m.group(3))) != (1, 12):
                return m.group(0).removeprefix(f"{year}年")
            continue
        if (m := _UNTIL.search(plain)) is not None:
            if int(m.group(1)) == year and int(m.group(2)) < 12:
                return m.group(0)
            continue
        for m in _ONE_MONTH.finditer(plain):
            if int(m.group(1)) == year and not (to_date and int(m.group(2)) == 12):
                return m.group(0)
        m = None if _ALL_QUARTERS.search(plain) else _QUARTERS.search(plain)
        if m is not None and m.group(1) in (None, str(year)):
            return m.group(0)
    return ""


_PERIOD = re.compile(
    rf"(?:20[0-9]{{2}}[年./-]?)?(?:全年|上半年|下半年|前三季度|第?[一二三四1-4]季度|q[1-4]|"
    rf"(?:1[0-2]|0?[1-9])月?(?:份)?{_TO}(?:20[0-9]{{2}}年)?(?:1[0-2]|0?[1-9])月(?:份)?|"
    rf"(?<![0-9])(?:1[0-2]|0?[1-9])月(?:份)?(?!\s*[0-9]{{1,2}}[日号]))",
    re.IGNORECASE,
)
_BARE_MONTH = re.compile(r"20[0-9]{2}[年./-]?(?:1[0-2]|0[1-9])")
WHOLE_SHEETS = ("汇总", "合计", "总表", "全年", "年度", "累计", "汇总表", "总计")
"""Sheets that hold the whole year, beside others of its months."""


def months_named(texts: Sequence[str]) -> tuple[int, str]:
    """The months that a sheet's name or a title names as its own, as bits, and the words that do; 0 where none does.

    >>> months_named(["3月"]), months_named(["2022年下半年用电量"])[1], months_named(["2023年3月5日制"])[0]
    ((4, '3月'), '2022年下半年', 0)
    """
    for text in texts:
        plain = squeezed(with_arabic_years(unicodedata.normalize("NFKC", text)))
        plain = unicodedata.normalize("NFKC", with_arabic_years(text)).replace(" ", "") if "-" in text else plain
        if plain in WHOLE_SHEETS:
            return YEAR_LONG, plain
        if _BARE_MONTH.fullmatch(plain) or plain.lower() in ("q1", "q2", "q3", "q4"):
            return months_of(plain.lower(), quarters=True)[0], plain
        named = {m.group(0) for m in _PERIOD.finditer(plain)}
        bits = {months_of(n.lower().removesuffix("份"), quarters=True)[0]: n for n in named}
        bits.pop(0, None)
        if any("全年" in n for n in named):
            return YEAR_LONG, "全年"
        if len(bits) == 1:
            return next(iter(bits.items()))
    return 0, ""


def scale_said(texts: Sequence[str]) -> str | None:
    """规上 or 规下, where a title, sheet or file name says exactly one of them."""
    for text in texts:
        plain = squeezed(text).replace("规模以上", "规上").replace("规模以下", "规下")
        scales = [s for s in ("规上", "规下") if s in plain]
        if scales:
            return scales[0] if len(scales) == 1 else None
    return None


def said_year(text: str) -> int | None:
    """The year that a folder is named after: `2022`, `2022年`, `2022年度`."""
    match = re.fullmatch(r"(20[0-9]{2})(?:年度?)?", text.strip())
    return int(match.group(1)) if match else None
