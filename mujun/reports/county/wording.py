"""How papers say a number: decimals as people write them, shares, changes; the same in every paper."""

from __future__ import annotations

from decimal import Decimal

from mujun.numbers import round_decimal
from mujun.reports.drawing.industries import DIVISIONS

Number = Decimal | float | int


def amount(value: object, places: int = 2) -> str:
    """A number at some decimals, 四舍五入, thousands apart; a dash for none.

    >>> amount(Decimal("12345.675")), amount(None), amount(3, 0), amount(0.1 + 0.2, 4)
    ('12,345.68', '—', '3', '0.3000')
    """
    if value is None:
        return "—"
    return f"{round_decimal(_exact(value), places):,f}"


_LARGER = {"万元": "亿元", "吨标煤": "万吨标煤", "亩": "万亩"}
"""What ten thousand of a unit are called."""


def spoken(value: object, unit: str) -> str:
    """An amount as it is read out: of ten thousand and more in the next larger unit, two decimals.

    >>> spoken(Decimal("507256.36"), "万元"), spoken(Decimal("194.43"), "亩"), spoken(10000, "吨标煤")
    ('50.73 亿元', '194.43 亩', '1.00 万吨标煤')
    """
    if value is None or unit not in _LARGER or abs(_exact(value)) < 10_000:
        return f"{amount(value)} {unit}"
    return f"{amount(_exact(value) / 10_000)} {_LARGER[unit]}"


def percent(value: object, places: int = 1) -> str:
    """A share that is in per cent already.

    >>> percent(Decimal("12.35")), percent(None)
    ('12.4%', '—')
    """
    return "—" if value is None else f"{amount(value, places)}%"


def growth(now: object, before: object) -> Decimal | None:
    """By how many per cent a number grew, one decimal; of what was not above zero there is none.

    >>> growth(Decimal(110), Decimal(100)), growth(5, 0), growth(None, 3)
    (Decimal('10.0'), None, None)
    """
    if now is None or before is None or _exact(before) <= 0:
        return None
    return round_decimal((_exact(now) - _exact(before)) * 100 / _exact(before), 1)


def grown(now: object, before: object) -> str:
    """The change as papers say it; empty where there is none to say.

    >>> grown(110, 100), grown(95, 100), grown(100, 100), grown(1, None)
    ('增长 10.0%', '下降 5.0%', '持平', '')
    """
    by = growth(now, before)
    if by is None:
        return ""
    return "持平" if by == 0 else f"{'增长' if by > 0 else '下降'} {abs(by)}%"


def group_name(by: str, group: str) -> str:
    """What a township or an industry division is called; a division that is not known, by its code.

    >>> group_name("industry_division", "17"), group_name("township", "甘霖镇")
    ('纺织业', '甘霖镇')
    """
    return DIVISIONS.get(group, group) if by == "industry_division" else group


def _exact(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
