"""What a cell's text means: numbers, dates, years, choices, plain words. Nothing is guessed.

Every function takes a series of texts and gives the values beside a series that names what is wrong with a cell, or
null. A text that is not understood is `unreadable_cell`; it never becomes a blank, and a blank never becomes 0.
The common forms are read by vectorised expressions, the rare ones (`12.5万元`, `(1,234.50)`, `1.2e3`) one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import QUANTITY, QUANTITY_LIMIT, Unit, UnknownUnit, conversion, parse_unit
from mujun.numbers import whole as nearest_whole

UNREADABLE = "unreadable_cell"
TOO_LARGE = "too_large"
FOREIGN = "foreign_money"
UNCLEAR = "thousands_unclear"

BLANKS = (
    "", "-", "--", "---", "—", "——", "–", "/", "\\", "//", "无", "暂无", "空", "n/a", "N/A", "NA", "null", "NULL",
    "None",
)  # fmt: skip
"""Texts that departments write for nothing."""

NO_END = ("长期", "长期有效", "永久", "永久有效", "至今")
"""Texts that say a period has no end; the end is blank then."""


@dataclass(frozen=True)
class Parsed:
    """Values of a column and, beside them, what is wrong with a cell (a finding's code) or null."""

    values: pl.Series
    trouble: pl.Series


# ------------------------------------------------------------------------------------------------------------ writing

_WIDE = {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)} | {
    "￥": "¥",
    "\u3000": " ", "\u00a0": " ", "\u2212": "-", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "", "\u2060": "",
}  # fmt: skip


def halfwidth(texts: pl.Expr) -> pl.Expr:
    """Full-width letters, digits and signs as half-width ones, without white space around.

    NFKC is not used on cells: it turns 5² into 52.
    """
    return texts.str.replace_many(list(_WIDE), list(_WIDE.values())).str.strip_chars()


def blanks_as_null(texts: pl.Expr) -> pl.Expr:
    """`-`, `/`, `无` and their like as null."""
    return pl.when(~halfwidth(texts).is_in(BLANKS)).then(texts)


def without_blanks(texts: pl.Series) -> pl.Series:
    """`blanks_as_null` of a column: only short texts that do not begin with a digit are looked at closely."""
    short = texts.str.contains(rf"^[^0-9].{{0,{_LONGEST_BLANK - 1}}}$").fill_null(False).arg_true()
    if not len(short):
        return texts
    return texts.clone().scatter(short, texts.gather(short).to_frame("t").select(blanks_as_null(pl.col("t")))["t"])


def words(texts: pl.Series) -> pl.Series:
    """Plain text: trimmed, line breaks within a cell closed up, blanks as null."""
    read = texts.str.strip_chars(" \t\r\n\u3000\u00a0\u200b\ufeff")
    if read.str.contains_any(["\r", "\n"]).any():
        read = read.str.replace_all(r"\s*[\r\n]+\s*", "")
    # A word for nothing is short; only short texts are looked at more closely.
    short = (read.str.len_chars() <= _LONGEST_BLANK).fill_null(False).arg_true()
    if len(short):
        shorts = read.gather(short).to_frame("t").select(blanks_as_null(pl.col("t")))["t"]
        read = read.scatter(short, shorts)
    return read.alias(texts.name)


_LONGEST_BLANK = 8


# ----------------------------------------------------------------------------------------------------------- quantities

_FOREIGN = r"^[(+\-]*(?:\$|US|HK|€|£)|(?:\$|USD|US|HKD|EUR|JPY|美元|美金|港元|港币|欧元|日元)\)?$"
"""Figures in another currency, which no unit of the dictionary holds."""

_UNCLEAR = r"^[(+\-]*[0-9][0-9, ]*[, ][0-9, ]*(?:\.[0-9]*)?\)?$"
"""Digits that commas or blanks part, and not into thousands: 0,001 may be a thousandth or one."""

_PLACES = 12
_MICRO = 10**6


def quantities(texts: pl.Series, factor: Fraction = Fraction(1), unit: Unit | None = None) -> Parsed:
    """Texts as quantities, exact to the sixth decimal, rounded 四舍五入 there.

    Args:
        texts: String series.
        factor: what a figure is multiplied with to have it in the dictionary's unit.
        unit: the dictionary's unit, for cells that carry a unit of their own (`12.5万元`, `300㎡`, `12%`), which then
            counts instead of the header's.

    Returns:
        `Decimal(18, 6)` in the dictionary's unit; trouble is `unreadable_cell`, `foreign_money`, `thousands_unclear` or
        `too_large`.
    """
    factor = Fraction(factor)
    plain = texts.str.contains(_PLAIN).fill_null(False)
    scale = Fraction(factor.numerator * _MICRO, factor.denominator * 10**_PLACES)
    if scale.numerator > _LARGEST_FACTOR:
        plain = plain & False
    # Plain numbers, the many, without a look at what else a text may be.
    many = pl.DataFrame({"n": texts}).select(pl.when(plain).then("n").str.to_decimal(scale=_PLACES))
    micro = many.select(n=pl.col("n").to_physical()).select(_scaled(pl.col("n"), scale))["n"]
    trouble = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    others = (~plain & texts.is_not_null()).arg_true()
    if len(others):
        rest = _others(texts.gather(others), factor, unit)
        micro, trouble = micro.scatter(others, rest["micro"]), trouble.scatter(others, rest["trouble"])
    too_large = (micro.abs() >= int(QUANTITY_LIMIT) * _MICRO).fill_null(False)
    if too_large.any():
        at = too_large.arg_true()
        micro = micro.scatter(at, pl.Series([None] * len(at), dtype=pl.Int128))
        trouble = trouble.scatter(at, TOO_LARGE)
    whole = micro.cast(pl.Int64).cast(pl.Decimal(38, 0)).to_frame("n")
    value = whole.select((pl.col("n") * pl.lit(Decimal("0.000001"), dtype=pl.Decimal(38, 6))).cast(QUANTITY))["n"]
    return Parsed(value.alias(texts.name), trouble)


_PLAIN = r"^-?[0-9]{1,14}(?:\.[0-9]{0,12})?$"
_LARGEST_FACTOR = 10**9
"""2 × 10^26 times the numerator has to stay below 2^127; no unit of the dictionary comes near."""


def _scaled(count: pl.Expr, scale: Fraction) -> pl.Expr:
    """Whole numbers times a factor, rounded 四舍五入."""
    twice = (count.abs() * _i128(2 * scale.numerator) + _i128(scale.denominator)) // _i128(2 * scale.denominator)
    return pl.when(count < 0).then(twice * _i128(-1)).otherwise(twice)


def _others(texts: pl.Series, factor: Fraction, unit: Unit | None) -> pl.DataFrame:
    """What is no plain number: `micro` where it can be read all the same, else `trouble`."""
    # 12.5 with a triangle before it is a loss, as accountants write it.
    plain = _without_apostrophe(halfwidth(pl.col("text"))).str.replace(r"^[△▲]\s*([0-9])", "-${1}")
    read = texts.to_frame("text").select(text=blanks_as_null(plain)).with_row_index("_at")
    read = read.with_columns(micro=_plain_micro("text", factor))
    if unit is not None:
        read = _with_units(read, unit)
    read = _with_rare(read, factor, unit)
    unread = pl.col("text").is_not_null() & pl.col("micro").is_null()
    why = (
        pl.when(pl.col("text").str.contains(_FOREIGN))
        .then(pl.lit(FOREIGN))
        .when(pl.col("text").str.contains(_UNCLEAR))
        .then(pl.lit(UNCLEAR))
        .otherwise(pl.lit(UNREADABLE))
    )
    return read.select("micro", trouble=pl.when(unread).then(why))


def _without_apostrophe(texts: pl.Expr) -> pl.Expr:
    """Without the apostrophe by which someone told Excel that a cell is text."""
    return texts.str.replace(r"^['’‘`]+\s*", "")


def _plain_micro(column: str, factor: Fraction) -> pl.Expr:
    """Plain numbers and numbers with thousands separators, in whole numbers of 10⁻⁶; null for everything else."""
    text = pl.col(column)
    grouped = text.str.contains(r"^[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?$")
    digits = pl.when(grouped).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    groups = digits.str.extract_groups(r"^([+-]?)([0-9]{1,14})(?:\.([0-9]{0,12}))?$").struct
    scale = Fraction(factor.numerator * _MICRO, factor.denominator * 10**_PLACES)
    if scale.numerator > _LARGEST_FACTOR:
        return pl.lit(None, dtype=pl.Int128)
    padded = pl.concat_str(
        groups.field("2"), groups.field("3").fill_null("").str.pad_end(_PLACES, "0"), ignore_nulls=False
    ).cast(pl.Int128, strict=False)
    micro = _scaled(padded, scale)
    return pl.when(groups.field("1") == "-").then(micro * _i128(-1)).otherwise(micro)


def _with_units(read: pl.DataFrame, unit: Unit) -> pl.DataFrame:
    """With the cells that are a plain number and a unit, one unit after the other."""
    left = read.filter(pl.col("micro").is_null() & pl.col("text").is_not_null()).select(
        "_at",
        number=pl.col("text").str.extract(r"^([+-]?[0-9][0-9,]*(?:\.[0-9]*)?)"),
        unit=pl.col("text").str.extract(r"^[+-]?[0-9][0-9,]*(?:\.[0-9]*)?\s*([^0-9\s,.()eE+\-][^\s]{0,20})$"),
    )
    measured = []
    for (text,), cells in left.filter(pl.col("unit").is_not_null()).partition_by("unit", as_dict=True).items():
        own_unit = _unit_of(str(text))
        scale = None if own_unit is None else converting(own_unit, unit)
        if scale is not None:
            measured.append(cells.select("_at", more=_plain_micro("number", scale)))
    if not measured:
        return read
    joined = read.join(pl.concat(measured), on="_at", how="left", maintain_order="left")
    return joined.with_columns(micro=pl.coalesce("micro", "more")).drop("more")


def _with_rare(read: pl.DataFrame, factor: Fraction, unit: Unit | None) -> pl.DataFrame:
    """With what is left, one distinct text after the other."""
    rare = read.filter(pl.col("micro").is_null() & pl.col("text").is_not_null())["text"].unique().to_list()
    if not rare:
        return read
    limit = int(QUANTITY_LIMIT) * _MICRO
    micro_of: dict[str, int | None] = {}
    for text in rare:
        value = exact_number(text, factor, unit)
        # A number too large for 128 bits is too large all the same.
        micro_of[text] = None if value is None else max(-limit, min(limit, nearest_whole(value * _MICRO)))
    known = pl.DataFrame({"text": list(micro_of), "rare": pl.Series(list(micro_of.values()), dtype=pl.Int128)})
    joined = read.join(known, on="text", how="left", maintain_order="left")
    return joined.with_columns(micro=pl.coalesce("micro", "rare")).drop("rare")


_NUMBER = re.compile(
    r"(?P<paren>\()?(?P<currency>¥\s*)?(?P<sign>[+-]?)"
    r"(?P<digits>[1-9]\d{0,2}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d*)?|\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})"
    r"(?:[eE](?P<exponent>[+-]?\d{1,2}))?\s*(?P<unit>[^\d\s()][^()]*(?:\([^()]*\))?)?(?P<closed>\))?"
)


def exact_number(text: str, factor: Fraction = Fraction(1), unit: Unit | None = None) -> Fraction | None:
    """One number in the dictionary's unit, exactly; `None` where the text is not understood.

    Understood are thousands separators, `(1,234.5)` as a loss, `¥`, powers of ten, and a unit in the cell, which
    counts instead of the header's. `$5` is no 元, and `0,001` is not read: it may be a thousandth or one.

    >>> exact_number("1.5万元", unit=parse_unit("万元")), exact_number("12万", unit=parse_unit("万元"))
    (Fraction(3, 2), None)
    """
    match = _NUMBER.fullmatch(text)
    if match is None or bool(match["paren"]) != bool(match["closed"]):
        return None
    if match["currency"] and (unit is None or unit.dimensions != (("money", 1),)):
        return None
    if match["paren"] and match["sign"]:
        return None
    value = Fraction(Decimal(re.sub("[, ]", "", match["digits"])))
    value *= Fraction(10) ** int(match["exponent"] or 0)
    if match["paren"] or match["sign"] == "-":
        value = -value
    if match["unit"] is None:
        return value * factor
    own_unit = _unit_of(match["unit"].strip())
    scale = None if own_unit is None or unit is None else converting(own_unit, unit)
    return None if scale is None else value * scale


@cache
def _unit_of(text: str) -> Unit | None:
    try:
        return parse_unit(text)
    except UnknownUnit:
        return None


def converting(given: Unit, wanted: Unit) -> Fraction | None:
    """What turns a figure in one unit into another; `None` where they measure different things.

    A column that is named 当量值 is written in plain 吨标煤: there, and only there, the two kinds of 吨标煤 are one.
    """
    if wanted.dimensions == (("energy_calorific", 1),) and given.dimensions == (("energy", 1),):
        return given.factor / wanted.factor
    return conversion(given, wanted)


def _i128(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int128)


# ---------------------------------------------------------------------------------------------------- dates and years


def dates(texts: pl.Series, *, end: bool = False, epoch_1904: bool = False) -> Parsed:
    """Texts as dates.

    Understood are `2021年3月5日`, `2021.3.5`, `2021-03-05`, `2021/3/5`, `20210305`, an Excel serial number, each with a
    time behind it, and a month (`2021年3月`, `2021-03`, `2021/3`), which means its first day, or its last with `end`.
    `2021.3` is not: as a number it may be what Excel made of `2021.30` or `2021.10`. Serial numbers count from 1904 in
    a workbook that says so.
    """
    plain = blanks_as_null(_without_apostrophe(halfwidth(pl.col("text"))))
    if end:
        plain = pl.when(~plain.is_in(NO_END)).then(plain)
    # Dates repeat: the few hundred distinct texts are read, not the rows.
    given = texts.to_frame("text").select(text=plain)
    read = given.unique("text")
    text = pl.col("text").str.replace_all(r"\s*([年月日号./\-])\s*", "${1}")
    time = r"(?:[ T]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
    day = pl.coalesce(
        text.str.extract_groups(r"^(\d{4})([./\-])(\d{1,2})([./\-])(\d{1,2})" + time).pipe(_ymd, "1", "3", "5"),
        text.str.extract_groups(r"^(\d{4})年(\d{1,2})月(\d{1,2})[日号]?" + time).pipe(_ymd, "1", "2", "3"),
        text.str.extract_groups(r"^(\d{4})(\d{2})(\d{2})$").pipe(_ymd, "1", "2", "3"),
    )
    month = pl.coalesce(
        text.str.extract_groups(r"^(\d{4})年(\d{1,2})月份?$").pipe(_ymd, "1", "2", None),
        text.str.extract_groups(r"^(\d{4})[/\-](\d{1,2})$").pipe(_ymd, "1", "2", None),
    )
    # Five digits are the days since 1899-12-30: 1954 to 2100; or, four years later, since 1904.
    serial = text.str.extract(r"^([2-7]\d{4})(?:\.\d+)?$").cast(pl.Int64, strict=False)
    counted = pl.when(serial.is_between(20_000, 73_415)).then(
        pl.lit("1904-01-01" if epoch_1904 else "1899-12-30").str.to_date() + pl.duration(days=serial)
    )
    read = read.with_columns(value=pl.coalesce(day, month.dt.month_end() if end else month, counted))
    read = given.join(read, on="text", how="left", maintain_order="left")
    trouble = pl.when(pl.col("text").is_not_null() & pl.col("value").is_null()).then(pl.lit(UNREADABLE))
    return Parsed(read["value"].alias(texts.name), read.select(t=trouble)["t"])


def _ymd(groups: pl.Expr, year: str, month: str, day: str | None) -> pl.Expr:
    parts = [groups.struct.field(year), groups.struct.field(month).str.zfill(2)]
    parts.append(groups.struct.field(day).str.zfill(2) if day else pl.lit("01"))
    joined = pl.concat_str(*parts, separator="-", ignore_nulls=False)
    return joined.str.to_date("%Y-%m-%d", strict=False)


def years(texts: pl.Series) -> Parsed:
    """Texts as years: `2022`, `2022年`, `2022年度`, `二〇二二年度`; `2022-12-31` is none."""
    if texts.str.contains(r"^[0-9]{4}$").all():
        # As nearly every column of years is.
        return Parsed(texts.cast(pl.Int32), pl.repeat(None, texts.len(), dtype=pl.String, eager=True).alias("t"))
    plain = arabic_year(_without_apostrophe(halfwidth(pl.col("given"))))
    # Years repeat: the few distinct texts are read, not the rows.
    given = texts.to_frame("given")
    read = given.unique().with_columns(text=blanks_as_null(plain))
    value = pl.col("text").str.extract(r"^(\d{1,6})(?:\.0+)?\s*(?:年度?)?$").cast(pl.Int32, strict=False)
    read = read.with_columns(value=value)
    unread = pl.col("text").is_not_null() & pl.col("value").is_null()
    read = read.with_columns(trouble=pl.when(unread).then(pl.lit(UNREADABLE)))
    read = given.join(read, on="given", how="left", nulls_equal=True, maintain_order="left")
    return Parsed(read["value"].alias(texts.name), read["trouble"].alias("t"))


_CHINESE_YEAR = r"二[〇○零O][〇○零O一二三四五六七八九]{2}"
_CHINESE_DIGITS = dict(zip("〇○零O一二三四五六七八九", "0000123456789", strict=True))


def arabic_year(texts: pl.Expr) -> pl.Expr:
    """Texts with the first year that is written in Chinese digits, 二〇二二, in Arabic ones."""
    chinese = texts.str.extract(f"({_CHINESE_YEAR})")
    digits = chinese.str.replace_many(list(_CHINESE_DIGITS), list(_CHINESE_DIGITS.values()))
    return pl.when(chinese.is_not_null()).then(texts.str.replace(_CHINESE_YEAR, digits)).otherwise(texts)


def with_arabic_years(text: str) -> str:
    """A text with every year in Chinese digits in Arabic ones.

    >>> with_arabic_years("二〇二二年度税收")
    '2022年度税收'
    """
    return re.sub(_CHINESE_YEAR, lambda match: "".join(_CHINESE_DIGITS.get(c, c) for c in match[0]), text)


# ------------------------------------------------------------------------------------------------------- choices, codes


def choices(texts: pl.Series, allowed: tuple[str, ...], synonyms: tuple[tuple[str, str], ...]) -> pl.Series:
    """Texts as the dictionary's choices; a text that is no choice and no synonym stays as it is, to be found."""
    spellings: Mapping[str, str] = {_squeezed(s): choice for s, choice in synonyms} | {_squeezed(c): c for c in allowed}
    squeezed = halfwidth(pl.col("t")).str.replace_all(r"\s+", "").str.to_lowercase()
    choice = squeezed.replace_strict(
        list(spellings), list(spellings.values()), default=pl.col("t"), return_dtype=pl.String
    )
    return words(texts).to_frame("t").select(choice)["t"]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def industries(texts: pl.Series) -> pl.Series:
    """GB/T 4754 codes: the section letter before and the name behind the digits are left out (`C3811`, `3811 电机`)."""
    plain = halfwidth(pl.col("t"))
    digits = plain.str.extract(r"^(?:[A-Ta-t])?(\d{2,4})(?:[\s\-—:、.]*[^\d\s.,\-—:、][^\d]*)?$")
    return words(texts).to_frame("t").select(pl.coalesce(digits, pl.col("t")))["t"]


def tiers(texts: pl.Series) -> pl.Series:
    """Tiers as letters: `A类`, `a档`, `Ａ` are A; what is no letter stays as it is."""
    plain = halfwidth(pl.col("t")).str.replace_all(r"\s+", "").str.to_uppercase()
    letter = plain.str.extract(r"^([A-Z][+\-]?)(?:[类档级等])?(?:企业)?$")
    return words(texts).to_frame("t").select(pl.coalesce(letter, pl.col("t")))["t"]
