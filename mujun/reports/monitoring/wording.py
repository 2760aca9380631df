"""How papers about a plan say things: numbers, months, a figure in a sentence, a warning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mujun import messages
from mujun.monitoring.month import Month
from mujun.monitoring.signs import Sign
from mujun.monitoring.standing import Placed, Standing
from mujun.numbers import round_decimal

VERDICTS = ("reached", "ahead", "behind", "open", "no_aim", "unknown")


def number(value: Fraction | Decimal | None, places: int = 2) -> str:
    """A number with at most two decimals, thousands apart; a dash for none.

    >>> number(Fraction(24685, 10)), number(Fraction(3)), number(None), number(Fraction(-1, 3))
    ('2,468.5', '3', '—', '-0.33')
    """
    if value is None:
        return "—"
    plain = f"{round_decimal(Fraction(value), places):,f}"
    shown = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if shown == "-0" else shown


def percent(share: Fraction | None) -> str:
    """A share in per cent, one decimal.

    >>> percent(Fraction(2, 3)), percent(None)
    ('66.7%', '—')
    """
    return "—" if share is None else f"{round_decimal(share * 100, 1):f}%"


def in_unit(value: Fraction, unit: str) -> str:
    """A number with its unit."""
    return f"{number(value)}{unit}"


def month_words(month: Month) -> str:
    """2022年10月."""
    return f"{month.year}年{month.month}月"


def counted(parts: Iterable[tuple[str, int]], unit: str = "项") -> str:
    """What there is of each, without what there is none of: 已达标 3 项、慢时序 2 项."""
    return "、".join(f"{label} {count} {unit}" for label, count in parts if count)


def several(names: Sequence[str], most: int | None = None) -> str:
    """Names in a row; of many the first ones, and how many there are."""
    if most is None or len(names) <= most:
        return "、".join(names)
    return f"{'、'.join(names[:most])}等 {len(names)} 项"


def sentence_of(sign: Sign) -> str:
    """A warning's sentence in the language in force."""
    told = {name: _told(v) for name, v in sign.values.items()}
    return messages.text(messages.key(f"sign_{sign.rule}"), **told)


def _told(value: object) -> object:
    """A value as a sentence says it; days and months in words where Chinese is spoken."""
    chinese = messages.language() == "zh"
    if isinstance(value, Fraction):
        return number(value)
    if isinstance(value, Month):
        return month_words(value) if chinese else str(value)
    if isinstance(value, date) and chinese:
        return f"{month_words(Month(value.year, value.month))}{value.day}日"
    return value


def figure_sentence(s: Standing, before: Standing | None = None) -> str:
    """A figure at the end of a month in a sentence that can be read out; true whatever is missing.

    Args:
        s: the figure.
        before: the same figure three months earlier, where the sentence should say what the quarter brought.
    """
    label, unit = s.target.label, s.target.unit
    if s.value is None:
        return f"{label}没有数据。"
    seen = s.value.value
    counts = s.target.kind not in ("level", "rate") and "累计" not in label
    told = [f"{label}{'累计' if counts else '为'} {in_unit(seen, unit)}{_of(s)}"]
    told += _quarter(s, before)
    told += _towards(s)
    told += _by_now(s)
    return "，".join(told) + "。"


def _of(s: Standing) -> str:
    assert s.value is not None
    return f"（{month_words(s.value.month)}数）" if s.value.month != s.month else ""


def _quarter(s: Standing, before: Standing | None) -> Iterable[str]:
    """What the quarter brought; where the value before is older, what has come since that month."""
    if before is None or before.value is None or s.value is None or before.value.month == s.value.month:
        return
    if s.target.kind == "yearly" and before.value.month.year != s.value.month.year:
        return
    change = s.value.value - before.value.value
    recent = before.value.month == before.month
    than = "比上季末" if recent else f"比{month_words(before.value.month)}"
    if change == 0:
        yield f"{than}持平" if s.target.kind in ("level", "rate") else f"{than}没有增加"
    elif s.target.kind in ("level", "rate"):
        points = "个百分点" if s.target.unit == "%" else s.target.unit
        yield f"{than}{'提高' if change > 0 else '降低'} {number(abs(change))}{points}"
    elif recent and change > 0:
        yield f"本季新增 {in_unit(change, s.target.unit)}"
    else:
        yield f"{than}{'增加' if change > 0 else '减少'} {in_unit(abs(change), s.target.unit)}"


def _towards(s: Standing) -> Iterable[str]:
    if s.aim is None or s.value is None:
        return
    year = f"{s.aim_year}年"
    if s.value.value >= s.aim:
        yield f"{'已' if s.left else ''}达到{year}目标（{in_unit(s.aim, s.target.unit)}）"
    elif s.share is not None and s.value.value >= 0:
        yield f"为{year}目标（{in_unit(s.aim, s.target.unit)}）的 {percent(s.share)}"
    else:
        yield f"{year}目标为 {in_unit(s.aim, s.target.unit)}"


def _by_now(s: Standing) -> Iterable[str]:
    if s.verdict == "reached" or s.value is None:
        return
    unit = "个百分点" if s.target.unit == "%" and s.target.kind in ("level", "rate") else s.target.unit
    if s.gap is not None and s.left > 0:
        if s.gap == 0:
            yield "与时序进度持平"
        else:
            yield f"{'快' if s.gap > 0 else '慢'}于时序进度 {in_unit(abs(s.gap), unit)}"
    if s.left == 0 and s.remaining:
        yield f"没有完成，差 {in_unit(s.remaining, unit)}"
    elif s.needed:
        yield f"今后 {s.left} 个月每月需增加 {in_unit(s.needed, unit)}"
    if s.forecast is not None and s.left > 0 and s.target.kind != "rate":
        low, high = s.forecast.low, s.forecast.high
        span = "" if low == high else f"（{number(low)} 至 {number(high)}）"
        yield f"按近月进度，{s.aim_year}年末预计 {in_unit(s.forecast.value, s.target.unit)}{span}"


def place_words(placed: Placed, unit: str) -> str:
    """甘霖镇（30亩，60.0%）."""
    share = f"，{percent(placed.share)}" if placed.share is not None else ""
    return f"{placed.township}（{in_unit(placed.value, unit)}{share}）"
