"""What titles, sheet names, file names and folders say of a table: the data year, and whether it is of 规上 or 规下."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from mujun.records.cells import with_arabic_years
from mujun.records.headers import squeezed

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
