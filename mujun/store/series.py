"""Whose file a file is: the same sender's in all its versions, and which edition of a register it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

_VERSION = re.compile(
    r"更正|修改|修订|订正|补正|改正|修正|调整|最终|终稿|定稿|最新|新版|修改稿|正式|[稿版]|第[0-9一二三四五六七八九十]+次|"
    r"\bv[0-9]+(?:\.[0-9]+)*\b|(?<![a-z])(?:final|corrected|fixed|revised|new)(?![a-z])"
)
"""Words by which a sender marks another version of his file.

Bare numbers are none: 用电1 and 用电2 are two stations.
"""

_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])(?:年度?)?")
_SIGNS = re.compile(r"[\s_\-—–.,，。、·（）()\[\]【】《》“”\"']+")


def series_of(file: str, columns: Iterable[str]) -> str:
    """The series of a file about one table: its name without version words and years, and the columns it carries.

    >>> series_of("供电_2022年用电（更正）.csv", ["name"]) == series_of("供电用电.xlsx", ["name"])
    True
    >>> series_of("用电1.csv", []) == series_of("用电2.csv", [])
    False
    """
    return f"{name_of(file)}|{' '.join(columns)}"


def name_of(file: str) -> str:
    """The name that all versions of a sender's file have in common."""
    plain = unicodedata.normalize("NFKC", PurePath(file).stem).lower()
    bare = _SIGNS.sub("", _YEAR.sub("", _VERSION.sub("", plain)))
    return bare or _SIGNS.sub("", plain)


def edition_of(file: str) -> int | None:
    """The year that a file's name speaks of, the latest of several: of two editions of a register the newer one holds.

    >>> edition_of("2022年12月至2023年6月用电.csv"), edition_of("地块.xlsx")
    (2023, None)
    """
    years = [int(y) for y in _YEAR.findall(unicodedata.normalize("NFKC", PurePath(file).stem))]
    return max(years, default=None)
