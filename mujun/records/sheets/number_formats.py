"""What a number format makes of a number: a date, a share in per cent, another figure than the cell holds.

Excel's formats, which .xls, .xlsx and .xlsb share. A cell means what a person sees in it; where the format shows a
figure a thousand times smaller, or with a point that is only drawn, nobody can tell which of the two was meant.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache

from mujun.dataclass import dataclass
from mujun.records.sheet_marks import At, Scaled
from mujun.records.sheets.sheet import Grid, fifteen_digits

_DATES = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
"""Formats that a file names by number only, and that are dates in every language of Excel."""

_BUILT_IN = {9: "0%", 10: "0.00%"}


ERRORS = {
    0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#GETTING_DATA",
}  # fmt: skip
"""What an error cell shows, by the number that binary formats keep of it."""


@dataclass(frozen=True)
class NumberFormat:
    """What a format does to a number.

    Attributes:
        date: it shows a date or a time.
        percent: it shows a hundred times the number, with a sign behind.
        foreign: the sign of another currency before the figure, `$`.
        sections: what it shows of positive, negative and zero numbers, where it shows another figure; else empty.
        unit: the words that it draws behind the figure, `万元`; empty where it draws none.
    """

    date: bool = False
    percent: bool = False
    foreign: str = ""
    sections: tuple[str, ...] = ()
    unit: str = ""

    @property
    def plain(self) -> bool:
        """Whether what is shown is the number."""
        return not (self.date or self.percent or self.foreign or self.sections or self.unit)

    def scaled(self, value: float) -> Scaled | None:
        """What is shown of a number where that is another figure."""
        if not self.sections or value == 0:
            return None
        section = self.sections[1] if value < 0 and len(self.sections) > 1 else self.sections[0]
        return _shown(section, value)


PLAIN = NumberFormat()


@lru_cache(maxsize=4096)
def number_format(number: int, code: str | None) -> NumberFormat:
    """The format of a number in the file's table and, for formats of the file's own, its code."""
    if code is None:
        return NumberFormat(date=True) if number in _DATES else number_format(-1, _BUILT_IN.get(number, "General"))
    sections = _sections(code)
    bare = [_without_literals(section) for section in sections]
    # [h]:mm counts hours beyond a day: a length of time, no moment; its number is what can be read.
    if re.search(r"\[(?:h+|m+|s+)\]", code, re.IGNORECASE):
        return PLAIN
    if re.search(r"[ymdhs]", re.sub(r"general|standard", "", bare[0], flags=re.IGNORECASE), re.IGNORECASE):
        return NumberFormat(date=True)
    foreign = (
        "$"
        if re.search(r"\[\$(?:US)?\$[\]-]|(?<!\[)\$(?!\])|\bUSD\b", re.sub(r"\[\$-[0-9A-Fa-f]+\]", "", code))
        else ""
    )
    if "%" in bare[0]:
        return NumberFormat(percent=True, foreign=foreign)
    scaling = any(_scales(section) for section in sections)
    return NumberFormat(foreign=foreign, sections=tuple(sections) if scaling else (), unit=_drawn_unit(sections[0]))


def _sections(code: str) -> list[str]:
    """The parts between semicolons that stand outside quotes and are not escaped."""
    parts, current, quoted, escaped = [], "", False, False
    for sign in code:
        if escaped:
            escaped = False
        elif quoted:
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign in "\\!_*":
            escaped = True
        elif sign == ";":
            parts.append(current)
            current = ""
            continue
        current += sign
    return [*parts, current]


_LITERAL = re.compile(r'"[^"]*"|[\\!_*].|\[[^\]]*\]', re.DOTALL)


def _without_literals(section: str) -> str:
    return _LITERAL.sub("", section)


def number_shown(value: float, form: NumberFormat, grid: Grid, at: At, *, epoch_1904: bool) -> str:
    """A cell's number as text, as a person sees it; what its format shows otherwise is marked in the grid."""
    if form.date and 0 <= value < 3_000_000:
        return day_text(value, epoch_1904) or fifteen_digits(value)
    if form.percent:
        return percent_text(value)
    if (scaled := form.scaled(value)) is not None:
        grid.scaled[at] = scaled
    if form.unit:
        grid.drawn[at] = form.unit
    if abs(value) >= 1e15:
        grid.long.add(at)
    return form.foreign + fifteen_digits(value)


# ------------------------------------------------------------------------------------------------- formats that scale

_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|[_*].|\[[^\]]*\]|(?P<sign>.)', re.DOTALL)


def _tokens(section: str) -> list[tuple[bool, str]]:
    """The signs of a section: whether each is drawn as it stands, and the sign."""
    tokens: list[tuple[bool, str]] = []
    for token in _TOKEN.finditer(section):
        if (quoted := token["quoted"]) is not None:
            tokens += [(True, sign) for sign in quoted]
        elif token["escaped"] is not None:
            tokens.append((True, token["escaped"]))
        elif token["sign"] is not None:
            tokens.append((False, token["sign"]))
    return tokens


def _scales(section: str) -> bool:
    tokens = _tokens(section)
    digits = [i for i, (drawn, sign) in enumerate(tokens) if not drawn and sign in "0#?"]
    if not digits:
        return False
    inside = tokens[digits[0] : digits[-1]]
    return _thousands(tokens) > 0 or any(drawn and sign in ".．" for drawn, sign in inside)


def _drawn_unit(section: str) -> str:
    tokens = _tokens(section)
    last = max((i for i, (drawn, sign) in enumerate(tokens) if not drawn and sign in "0#?"), default=len(tokens))
    behind = "".join(sign for drawn, sign in tokens[last + 1 :] if drawn or sign not in ",.").strip(" ()（）")
    return behind if re.search("[\u4e00-\u9fff㎡A-Za-z]", behind) else ""


def _thousands(tokens: list[tuple[bool, str]]) -> int:
    """How often a comma behind the last place of whole digits or of decimals divides by a thousand."""
    signs = "".join(sign for drawn, sign in tokens if not drawn and sign in "0#?.,")
    whole, _, decimals = signs.partition(".")
    return sum(len(part) - len(part.rstrip(",")) for part in (whole, decimals) if part.strip(","))


def _shown(section: str, value: float) -> Scaled | None:
    tokens = _tokens(section)
    divisor = 1000 ** _thousands(tokens)
    signs = [(drawn, sign) for drawn, sign in tokens if drawn or sign in "0#?.,"]
    places = sum(1 for drawn, sign in _after_point(signs) if not drawn and sign in "0#?")
    figure = abs(Decimal(fifteen_digits(value))) / divisor
    digits = list(f"{figure:.{places}f}".replace(".", ""))
    # From the right, one digit for each place; what is left goes before the first.
    out: list[str] = []
    first = next(i for i, (drawn, sign) in enumerate(signs) if not drawn and sign in "0#?")
    for i in range(len(signs) - 1, -1, -1):
        drawn, sign = signs[i]
        if drawn or sign == ".":
            out.append(sign)
        elif sign in "0#?" and digits:
            out.append(digits.pop())
            if i == first:
                out += reversed(digits)
                digits = []
    text = "".join(reversed(out))
    return Scaled(("-" if value < 0 else "") + text, divisor)


def _after_point(signs: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    at = next((i for i, (drawn, sign) in enumerate(signs) if not drawn and sign == "."), len(signs))
    return signs[at:]


# --------------------------------------------------------------------------------------------------------------- dates


def day_text(serial: float, epoch_1904: bool) -> str | None:
    """The moment that a number of days means, as text; `None` where no calendar has it.

    >>> day_text(44625.0, False), day_text(44625.5, False), day_text(0.25, False), day_text(43163, True)
    ('2022-03-05', '2022-03-05 12:00:00', '06:00:00', '2022-03-05')
    """
    days, seconds = divmod(round(serial * 86_400), 86_400)
    clock = str(dt.timedelta(seconds=seconds)).zfill(8)
    if days == 0 and not epoch_1904:
        return clock
    # 1900 counts as a leap year there: days before its March stand one off.
    begin = dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 31 if days < 60 else 30)
    try:
        day = begin + dt.timedelta(days=days)
    except OverflowError:
        return None
    return day.isoformat() if seconds == 0 else f"{day.isoformat()} {clock}"


def percent_text(value: float) -> str:
    """A share as a person sees it: 0.125 is 12.5%."""
    shown = (Decimal(fifteen_digits(value)) * 100).normalize()
    return f"{shown:f}%"
