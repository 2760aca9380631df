"""Everything about firms that is not a yearly figure: labels, earlier ratings, meters and what they showed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from .codes import exact
from .figures import Figures, weakest
from .firms import ABOVE, FIRST, SECOND, Firm
from .land import Land

HISTORY_YEARS = (2019, 2020)
"""Years rated before mujun, for streaks."""

METERED_FROM, METERED_UNTIL = date(2022, 12, 1), date(2023, 6, 30)
"""The period over which surcharges on power are collected."""

POWER, WATER = "电", "水"


@dataclass(frozen=True)
class Label:
    """A label in force from a day until a day; `seen` is the year in which it is first sent."""

    firm: Firm
    label: str
    since: date
    until: date | None
    document: str | None
    seen: int
    honour: bool


@dataclass(frozen=True)
class PastRating:
    """The tier of a year before mujun."""

    firm: Firm
    year: int
    tier: str
    score: Decimal
    cohort: str


@dataclass(frozen=True)
class Account:
    """A meter."""

    firm: Firm
    utility: str
    account: str


@dataclass(frozen=True)
class Usage:
    """What a meter's bill says."""

    firm: Firm
    utility: str
    since: date
    until: date
    quantity: Decimal


# ------------------------------------------------------------------------------------------------------------- labels

# Honour, how many 规上 firms have it, for how many years (0: for good).
_HONOURS: tuple[tuple[str, int, int], ...] = (
    ("高新技术企业", 190, 3),
    ("专精特新中小企业", 42, 3),
    ("专精特新小巨人", 4, 3),
    ("隐形冠军", 9, 3),
    ("单项冠军", 1, 3),
    ("上市企业", 7, 0),
    ("首台套", 19, 3),
    ("浙江制造标准", 18, 0),
    ("重大在建项目", 9, 2),
)
# What goes wrong, how often a year, for how many years it counts, whether to 规上 firms mostly.
_VIOLATIONS: tuple[tuple[str, int, int, bool], ...] = (
    ("安全生产事故", 6, 1, True),
    ("环境违法", 18, 1, True),
    ("税收违法", 4, 1, False),
    ("未完成能耗双控任务", 8, 1, True),
    ("问题隐患", 45, 2, False),
    ("逾期未整改", 12, 1, False),
    ("危旧厂房", 14, 0, False),
    ("规划非工业用地", 16, 0, False),
)


def label(seed: int, firms: list[Firm]) -> list[Label]:
    """Honours and violations, by the year in which the files have them."""
    rng = Random(f"{seed}:labels")
    able = [f for f in firms if f.stays and not f.idle]
    above = [f for f in able if set(f.scale.values()) == {ABOVE}]
    labels: list[Label] = []
    for name, count, years in _HONOURS:
        for firm in rng.sample(above, count):
            since = date(rng.choice((2019, 2020, 2021, 2021, 2022)), rng.choice((3, 6, 11, 12)), rng.randrange(1, 28))
            until = since.replace(year=since.year + years) - timedelta(days=1) if years else None
            document = f"示例认〔{since.year}〕{rng.randrange(1, 90)}号"
            labels.append(Label(firm, name, since, until, document, max(since.year, FIRST), True))
    for name, count, years, mostly_above in _VIOLATIONS:
        for year in (FIRST, SECOND):
            for firm in rng.sample(above if mostly_above else able, count):
                since = date(year, rng.randrange(1, 12), rng.randrange(1, 28))
                # A label is in force for whole data years: from the day it was found to the end of a year.
                until = date(year + years - 1, 12, 31) if years else None
                labels.append(
                    Label(firm, name, since, until, f"示例函〔{year}〕{rng.randrange(1, 300)}号", year, False)
                )
    for firm in firms:
        if firm.scale.get(SECOND) == ABOVE and firm.scale.get(FIRST) != ABOVE:
            labels.append(Label(firm, "当年新上规", date(SECOND, 1, 1), date(SECOND, 12, 31), None, SECOND, True))
        if firm.idle:
            labels.append(Label(firm, "全年停产", date(FIRST, 1, 1), None, None, FIRST, False))
    return _once(labels)


def _once(labels: Iterable[Label]) -> list[Label]:
    """Each firm has a label at most once a time of validity: a second accident a year is still one label."""
    first: dict[tuple[int, str, int], Label] = {}
    for given in labels:
        first.setdefault((given.firm.number, given.label, given.since.year), given)
    return list(first.values())


# ---------------------------------------------------------------------------------------------------- earlier ratings


def rate_earlier(seed: int, firms: list[Firm], figures: dict[int, Figures], land: Land) -> list[PastRating]:
    """Tiers of the years before: whoever pays well now mostly did so then."""
    rng = Random(f"{seed}:ratings")
    there = [f for f in firms if FIRST in f.scale and f.registered_on < date(HISTORY_YEARS[0], 1, 1) and not f.idle]
    ratings: list[PastRating] = []
    shares = {"规上": (0.2, 0.6, 0.95), "规下": (0.05, 0.75, 0.95)}
    for year in HISTORY_YEARS:
        for cohort, (a, b, c) in shares.items():
            rated = [f for f in there if f.scale[FIRST] == cohort and land.net_m2(f, FIRST) >= 2000]
            level = {f.number: math.log(float(figures[f.number].tax_paid) / land.net_m2(f, FIRST)) for f in rated}
            noisy = {number: value + rng.gauss(0, 0.35) for number, value in level.items()}
            best_first = sorted(rated, key=lambda f: (-noisy[f.number], f.number))
            for rank, firm in enumerate(best_first, start=1):
                place = rank / len(best_first)
                tier = "A" if place <= a else "B" if place <= b else "C" if place <= c else "D"
                score = exact(138 - 100 * place**0.8 + rng.uniform(0, 0.01), 2)
                ratings.append(PastRating(firm, year, tier, score, cohort))
    return ratings


# ------------------------------------------------------------------------------------------------------------- meters


def meter(seed: int, firms: list[Firm]) -> list[Account]:
    """Power accounts of all firms of the last year, water accounts of all 规上 firms and a quarter of the others."""
    rng = Random(f"{seed}:accounts")
    accounts: list[Account] = []
    for firm in firms:
        if SECOND not in firm.scale:
            continue
        for serial in range(rng.choice((1, 2)) if firm.ever_above else 1):
            accounts.append(Account(firm, POWER, f"33{firm.number:06d}{serial:02d}"))
        if firm.ever_above or rng.random() < 0.25:
            accounts.append(Account(firm, WATER, f"SZ{firm.number:06d}"))
    return accounts


# Power of the months from December to June, as a share of an average month; the New Year holiday is short.
_MONTHS = (1.05, 0.72, 0.83, 1.06, 1.03, 1.06, 1.1)


def bill(seed: int, firms: list[Firm], figures: dict[int, Figures], land: Land, accounts: list[Account]) -> list[Usage]:
    """Bills of those whom surcharges may reach: power by the month, water every two months."""
    rng = Random(f"{seed}:usage")
    metered = {(a.firm.number, a.utility) for a in accounts}
    bills: list[Usage] = []
    for firm in sorted(weakest(firms, figures, land, SECOND, 0.22), key=lambda f: f.number):
        given = figures[firm.number]
        month = METERED_FROM
        for share in _MONTHS:
            following = _next_month(month)
            power = exact(float(given.electricity_kwh) / 12 * share * rng.uniform(0.88, 1.1), 0)
            bills.append(Usage(firm, POWER, month, following - timedelta(days=1), power))
            month = following
        if (firm.number, WATER) in metered:
            start = date(2022, 11, 16)
            while start < METERED_UNTIL:
                end = _next_month(_next_month(start)) - timedelta(days=1)
                water = exact(float(given.water_m3) / 6 * rng.uniform(0.8, 1.15), 0)
                bills.append(Usage(firm, WATER, start, end, water))
                start = end + timedelta(days=1)
    return bills


def _next_month(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
