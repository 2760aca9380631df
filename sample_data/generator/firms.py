"""The firms of the county: who they are, in which years they are there, 规上 or 规下."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from . import codes
from .places import INDUSTRIES, PARK_OF, SMALL_FIRM_PARK, TOWNSHIPS, UTILITIES, YEARS, Industry

ABOVE, BELOW = "规上", "规下"
FIRST, SECOND = YEARS

# How many firms are 规上 or 规下 in 2021 and 2022; together 3,000 in each year, 600 of them 规上.
_COURSES: tuple[tuple[str | None, str | None, int], ...] = (
    (ABOVE, ABOVE, 575),
    (ABOVE, BELOW, 10),
    (BELOW, ABOVE, 17),
    (ABOVE, None, 15),
    (None, ABOVE, 8),
    (BELOW, BELOW, 2338),
    (BELOW, None, 45),
    (None, BELOW, 52),
)
_RENAMED = 14
_ALL_DIGITS = 40
_GROUPS = 26


@dataclass(frozen=True)
class Former:
    """What a firm was before its code changed."""

    code: str
    kind: str


@dataclass
class Firm:
    """One firm; `scale` and `name` by year, only for the years in which it is there.

    `before` is what it was in earlier years; `arranged` says that its identity is part of a story, so that nothing else
    is to happen to it; `namesake` that another has its name.
    """

    number: int
    code: str
    kind: str
    trade: str
    industry: Industry
    industry_code: str
    township: str
    park: str | None
    registered_on: date
    started_on: date
    scale: dict[int, str]
    name: dict[int, str]
    group: str | None = None
    status: dict[int, str] = field(default_factory=dict)
    before: dict[int, Former] = field(default_factory=dict)
    arranged: bool = False
    namesake: bool = False

    def code_in(self, year: int) -> str:
        """The code it had in a year."""
        return self.before[year].code if year in self.before else self.code

    def kind_in(self, year: int) -> str:
        """法人, 个体 or 自然人, as it was in a year."""
        return self.before[year].kind if year in self.before else self.kind

    @property
    def years(self) -> frozenset[int]:
        """The data years in which it is in the 名录."""
        return frozenset(self.scale)

    @property
    def stays(self) -> bool:
        """Whether it is there in all data years."""
        return len(self.scale) == len(YEARS)

    @property
    def ever_above(self) -> bool:
        """Whether it was 规上 in any year."""
        return ABOVE in self.scale.values()

    @property
    def renamed(self) -> bool:
        """Whether its name differs between the years."""
        return len(set(self.name.values())) > 1

    @property
    def idle(self) -> bool:
        """Whether it has stopped producing."""
        return "停产" in self.status.values()


def lay_out(seed: int) -> list[Firm]:
    """All firms, by number."""
    rng = Random(f"{seed}:firms")
    courses = [(first, second) for first, second, count in _COURSES for _ in range(count)]
    rng.shuffle(courses)
    industries = _industries(rng, len(courses))
    firms = [_firm(rng, i + 1, courses[i], industries[i]) for i in range(len(courses))]
    _name_utilities(firms)
    _give_all_digit_codes(rng, firms)
    _rename(rng, firms)
    _form_groups(rng, firms)
    return firms


def _industries(rng: Random, count: int) -> list[Industry]:
    weights = [i.share for i in INDUSTRIES]
    return rng.choices(INDUSTRIES, weights, k=count)


def _firm(rng: Random, number: int, course: tuple[str | None, str | None], industry: Industry) -> Firm:
    scale = {year: s for year, s in zip(YEARS, course, strict=True) if s}
    above = ABOVE in course
    kind = "法人" if above else rng.choices(("法人", "个体", "自然人"), (88, 8, 4))[0]
    township = rng.choices(list(TOWNSHIPS), list(TOWNSHIPS.values()))[0]
    trade = rng.choice(industry.trades)
    registered, started = _dates(rng, course)
    status = "停产" if not above and len(scale) == 2 and rng.random() < 0.007 else "在业"
    return Firm(
        number=number,
        code={"法人": codes.company_code, "个体": codes.household_code, "自然人": codes.local_code}[kind](number),
        kind=kind,
        trade=trade,
        industry=industry,
        industry_code=rng.choice(industry.codes),
        township=township,
        park=_park(rng, township, above),
        registered_on=registered,
        started_on=started,
        scale=scale,
        name=dict.fromkeys(scale, _name(number, trade, kind)),
        status=dict.fromkeys(scale, status),
    )


def _name(number: int, trade: str, kind: str) -> str:
    ending = {"法人": "有限公司", "个体": "厂", "自然人": "加工坊"}[kind]
    return f"嵊州市示例{number:04d}{trade}{ending}"


def _park(rng: Random, township: str, above: bool) -> str | None:
    if not above and rng.random() < 0.08:
        return SMALL_FIRM_PARK
    return PARK_OF.get(township) if rng.random() < (0.65 if above else 0.28) else None


def _dates(rng: Random, course: tuple[str | None, str | None]) -> tuple[date, date]:
    if course[0] is None:
        registered = date(2020, 6, 1) + timedelta(days=rng.randrange(500))
        return registered, max(registered + timedelta(days=60), date(2022, 1, 1) + timedelta(days=rng.randrange(300)))
    years_ago = min(rng.expovariate(1 / 9) + 2.0, 30)
    registered = date(2021, 6, 30) - timedelta(days=int(years_ago * 365))
    return registered, min(registered + timedelta(days=rng.randrange(30, 420)), date(2021, 9, 30))


def _name_utilities(firms: list[Firm]) -> None:
    staying = [f for f in firms if set(f.scale.values()) == {ABOVE} and f.stays]
    for firm, industry in zip(staying[:3], UTILITIES, strict=True):
        firm.industry, firm.industry_code, firm.trade = industry, industry.codes[0], industry.trades[0]
        firm.name = dict.fromkeys(firm.scale, _name(firm.number, firm.trade, firm.kind))


def _give_all_digit_codes(rng: Random, firms: list[Firm]) -> None:
    for firm in rng.sample([f for f in firms if f.kind == "法人"], _ALL_DIGITS):
        firm.code = codes.all_digit_code(firm.number)


def _rename(rng: Random, firms: list[Firm]) -> None:
    for firm in rng.sample([f for f in firms if f.stays and f.kind == "法人"], _RENAMED):
        ending = rng.choice(("智能科技有限公司", "新材料股份有限公司", "实业集团有限公司"))
        firm.name[SECOND] = f"嵊州市示例{firm.number:04d}{firm.trade}{ending}"


def _form_groups(rng: Random, firms: list[Firm]) -> None:
    """Groups of two to four, led by a 规上 firm; the members stay and sit in one township."""
    leaders = rng.sample([f for f in firms if f.stays and set(f.scale.values()) == {ABOVE} and not f.renamed], _GROUPS)
    for i, leader in enumerate(leaders, start=1):
        mates = [
            f
            for f in firms
            if f.stays and f.kind == "法人" and f.township == leader.township and f.group is None and f not in leaders
        ]
        members = rng.sample(mates, min(len(mates), rng.choice((1, 1, 2, 3))))
        for firm in [leader, *members]:
            firm.group = f"JT{i:03d}"


def in_year(firms: Iterable[Firm], year: int) -> list[Firm]:
    """The firms that are in the 名录 of a year."""
    return [f for f in firms if year in f.scale]
