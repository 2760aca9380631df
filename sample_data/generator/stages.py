"""Projects over their whole life, the land supplied and the special fund, with files of their own.

All of it is laid over the finished county with random numbers of its own, after the dirt: nobody's figures move.
Days run until the end of March of the year after the second one, when the files were put together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from .codes import exact
from .departments import County
from .files import Book, Cell, Row, Sheet
from .firms import ABOVE, FIRST, SECOND, Firm
from .forms import headers
from .parcels_and_problems import township_of
from .places import COUNTY_NAME, TOWNSHIPS

UNTIL = date(SECOND + 1, 3, 31)
STAGES: tuple[tuple[str, str, int], ...] = (
    ("sign_due", "signed_on", 0),
    ("supply_due", "supplied_on", 90),
    ("start_due", "construction_on", 100),
    ("finish_due", "finished_on", 480),
    ("production_due", "production_on", 120),
    ("target_due", "target_reached_on", 365),
)
"""The planned and the actual day of each stage, and how many days after the one before it is planned."""

_WANTED: tuple[tuple[str, str, int, bool], ...] = (
    ("储能电池", "3841", 156_000, True), ("高端厨电", "3854", 122_000, True), ("生物药原料", "2761", 108_000, True),
    ("智能电机", "3812", 86_000, True), ("数控机床", "3421", 45_000, False), ("真丝面料", "1742", 32_000, False),
    ("汽车零部件", "3670", 28_000, True), ("医疗器械", "3581", 21_000, False), ("城市综合体", "7010", 240_000, True),
    ("文旅度假", "7869", 180_000, True), ("冷链物流", "5930", 52_000, True), ("标准厂房", "4790", 36_000, False),
)  # fmt: skip
"""Projects of newcomers: what, industry, investment in 万元, whether it is the county head's."""


@dataclass(frozen=True)
class LifeProject:
    """A project from its contract to full production; a newcomer is on no roll yet."""

    code: str
    name: str
    firm: Firm | None
    owner: str
    township: str
    industry: str
    total: int
    head: bool
    tax: Decimal
    value: Decimal
    tce: Decimal
    days: Mapping[str, date | None]
    ended: date | None = None


def _days(rng: Random, begun: date, slow: int) -> dict[str, date | None]:
    """Planned days one after the other, and actual ones up to `slow` days later, as far as they have come."""
    told: dict[str, date | None] = {}
    planned, late = begun, 0
    for due, on, after in STAGES:
        planned += timedelta(days=after)
        late += rng.randrange(-8, slow + 1)
        came = planned + timedelta(days=late)
        told[due], told[on] = planned, came if came <= UNTIL else None
    return told


def begun(seed: int, county: County) -> list[LifeProject]:
    """Twelve newcomers' projects, and six of firms that produce by now."""
    rng = Random(f"{seed}:stages")
    places = [t for t in TOWNSHIPS if TOWNSHIPS[t] > 5]
    told: list[LifeProject] = []
    for n, (what, industry, total, head) in enumerate(_WANTED, start=1):
        signed = date(FIRST + (n % 3 > 0), rng.randrange(1, 12), rng.randrange(1, 28))
        owner = f"{COUNTY_NAME}示例96{n:02d}{what}有限公司"
        told.append(
            LifeProject(
                f"{FIRST}-330683-{40 + n}-{1 + n % 3:02d}-{500_000 + n * 271}", f"{owner}{what}项目", None, owner,
                rng.choice(places), industry, total, head, exact(total * rng.uniform(0.03, 0.07), 0),
                exact(total * rng.uniform(0.15, 0.3), 0), exact(total * rng.uniform(0.02, 0.08), -1) + 0,
                _days(rng, signed, 60 if n % 4 == 0 else 20), date(SECOND, 9, 30) if what == "标准厂房" else None,
            )
        )  # fmt: skip
    plain = [f for f in county.firms if f.stays and not f.arranged and not f.renamed]
    able = [f for f in plain if set(f.scale.values()) == {ABOVE}]
    for n, firm in enumerate(rng.sample(able, 6), start=1):
        given = county.figures[SECOND][firm.number]
        share = Decimal(rng.choice(("0.8", "0.95", "1.2", "1.5")))
        told.append(
            LifeProject(
                f"{FIRST - 2}-330683-{60 + n}-01-{600_000 + n * 271}", f"{firm.name[SECOND]}扩建项目", firm,
                firm.name[SECOND], firm.township, firm.industry_code, 12_000 + 3_000 * n, False,
                exact(given.tax_paid * share, 0), exact(given.value_added * share, 0),
                exact(given.energy_tce * Decimal("0.9"), 0), _days(rng, date(FIRST - 2, 1 + n, 10), 15),
            )
        )  # fmt: skip
    return told


def _text(day: date | None, at: int) -> Cell:
    """A day in one of the ways in which offices write it."""
    if day is None:
        return None
    chinese = f"{day.year}年{day.month}月{day.day}日"
    return (day, f"{day.year}.{day.month}.{day.day}", chinese, f"{day:%Y-%m-%d}")[at % 4]


def books(seed: int, county: County) -> list[Book]:
    """重大项目推进表, 项目年度投资, 供地台账, 专项资金台账."""
    projects = begun(seed, county)
    supplied = _supplied(seed, county, projects)
    made = [_projects(projects), _years(seed, projects), _supply(supplied), _fund(seed, supplied)]
    for book in made:
        for sheet in book.sheets:
            sheet.count_up()
    return made


def _path(number: int, office: str, what: str) -> str:
    return f"{SECOND}/{number:02d}_{office}_{SECOND}年{what}.xlsx"


def _projects(projects: list[LifeProject]) -> Book:
    rows = []
    for n, p in enumerate(projects):
        large = p.total >= 10_000
        cells: dict[str, Cell] = {
            "project": p.code, "project_name": p.name, "name": p.owner,
            "credit_code": p.firm.code_in(SECOND) if p.firm else None, "township": p.township, "industry": p.industry,
            "total_investment": exact(p.total / 10_000, 4).normalize() + 0, "county_head": "是" if p.head else "否",
            # One of the large ones has no leader yet.
            "leader": f"示例领导{1 + n % 7}" if large and n != 10 else None,
            "team": f"示例专班{1 + n % 5}" if large and n != 10 else None,
            "promised_tax": p.tax, "added_value": p.value, "ended_on": _text(p.ended, n),
            **{name: _text(day, n) for name, day in p.days.items()},
        }  # fmt: skip
        rows.append(Row(cells, p.firm))
    title = f"{COUNTY_NAME}{SECOND}年重大项目全周期推进表"
    notes = ("填报单位：示例市发改局", f"截至{UNTIL.year}年{UNTIL.month}月底")
    form = headers("stages", first=False)
    return Book(_path(19, "发改局", "重大项目推进表"), [Sheet("重大项目", "projects", 0, title, notes, form, rows)])


def _years(seed: int, projects: list[LifeProject]) -> Book:
    rng = Random(f"{seed}:year investments")
    rows = []
    for year in (FIRST, SECOND):
        for p in projects:
            signed = p.days["signed_on"]
            if signed is None or signed.year > year or (p.ended and p.ended.year < year):
                continue
            planned = exact(p.total * rng.uniform(0.15, 0.4), 0)
            done = exact(planned * Decimal(str(round(rng.uniform(0.7, 1.15), 2))), 0)
            rows.append(
                Row(
                    {"year": year, "project": p.code, "project_name": p.name, "year_investment_due": planned,
                     "year_investment": done},
                    p.firm,
                )
            )  # fmt: skip
    title, notes = f"{COUNTY_NAME}重大项目年度投资", ("填报单位：示例市发改局", "单位：万元")
    form = headers("project_years", first=False)
    return Book(
        _path(20, "发改局", "重大项目年度投资"), [Sheet("年度投资", "project_years", 0, title, notes, form, rows)]
    )


@dataclass(frozen=True)
class Supplied:
    """A parcel that was supplied."""

    parcel: str
    on: date
    township: str
    use: str
    mu: Decimal
    standard: bool
    price: Decimal
    buyer: str
    project: str | None


def _supplied(seed: int, county: County, projects: list[LifeProject]) -> list[Supplied]:
    """Industrial parcels as the register has them and for the projects, homes and shops in between."""
    rng = Random(f"{seed}:supply")
    told: list[Supplied] = []
    for parcel in sorted(county.land.parcels, key=lambda p: p.code):
        title = county.titles[parcel.code]
        if title.standard and title.on is not None and title.on.year == SECOND and isinstance(parcel.holder, Firm):
            mu = exact(Decimal(parcel.m2) * 3 / 2000, 2)
            name = next(reversed(parcel.holder.name.values()))
            price = exact(mu * rng.randrange(26, 38), 0)
            told.append(Supplied(parcel.code, title.on, township_of(parcel), "工业", mu, True, price, name, None))
    told = told[:10]
    for n, p in enumerate(projects):
        on = p.days["supplied_on"]
        if on is not None and on.year in (FIRST, SECOND):
            industrial = p.industry < "44"
            mu = exact(p.total / 400, 1)
            township = list(TOWNSHIPS).index(p.township) + 1
            # Two parcels of the first year were not sold as 标准地 yet.
            standard = industrial and (on.year == SECOND or n % 3 == 0)
            told.append(
                Supplied(
                    f"330683{township:03d}001GB9{n:04d}", on, p.township, "工业" if industrial else "商业", mu,
                    standard, exact(mu * rng.randrange(28, 40 if industrial else 160), 0), p.owner, p.code,
                )
            )  # fmt: skip
    for n in range(8):
        on = date(FIRST + n % 2, rng.randrange(2, 12), rng.randrange(1, 28))
        place = rng.randrange(1, 5)
        mu = exact(rng.uniform(30, 80), 1)
        told.append(
            Supplied(
                f"330683{place:03d}002GB9{n:04d}", on, list(TOWNSHIPS)[place - 1], "住宅" if n % 3 else "其他", mu,
                False, exact(mu * rng.randrange(380, 620), 0), f"{COUNTY_NAME}示例97{n:02d}置业有限公司", None,
            )
        )  # fmt: skip
    return sorted(told, key=lambda s: (s.on, s.parcel))


def _supply(supplied: list[Supplied]) -> Book:
    words = {"工业": "工业用地", "商业": "商服用地", "住宅": "住宅用地", "其他": "其他"}
    rows = [
        Row(
            {"parcel": s.parcel, "supplied_on": _text(s.on, n), "township": s.township, "land_use": words[s.use],
             "supply_mu": s.mu, "standard_land": "是" if s.standard else "否", "supply_price": s.price,
             "buyer": s.buyer, "project": s.project, "document": f"示例让〔{s.on.year}〕{n + 1}号"}
        )
        for n, s in enumerate(supplied)
    ]  # fmt: skip
    title, notes = f"{COUNTY_NAME}国有建设用地供地台账", ("填报单位：示例市自然资源局", f"{FIRST}—{SECOND}年")
    form = headers("land_supply", first=False)
    sheet = Sheet("供地台账", "land_supply", 0, title, notes, form, rows, sums=("supply_mu", "supply_price"))
    return Book(_path(21, "自然资源局", "供地台账"), [sheet])


def _fund(seed: int, supplied: list[Supplied]) -> Book:
    """Transfer income by quarter, 0.52 % of it set aside but for what is still owed at the end, and what was spent."""
    rng = Random(f"{seed}:fund")
    rows: list[Row] = []

    def entry(on: date, what: str, income: Decimal | None, paid: Decimal | None, spent: Decimal | None) -> None:
        number = f"ZJ{on:%Y%m}{len(rows) + 1:03d}"
        cells: dict[str, Cell] = {
            "entry": number, "booked_on": on, "transfer_income": income, "fund_paid_in": paid, "fund_spent": spent,
            "purpose": what,
        }  # fmt: skip
        rows.append(Row(cells))

    for year in (FIRST, SECOND):
        for quarter in range(1, 5):
            end = date(year, 3 * quarter, 28)
            mine = [s.price for s in supplied if s.on.year == year and (s.on.month - 1) // 3 + 1 == quarter]
            income = sum(mine, Decimal(0))
            share = Decimal("0.0052") if (year, quarter) != (SECOND, 4) else Decimal("0.0049")
            entry(end, f"{year}年第{quarter}季度土地出让收入", income, exact(income * share, 2), None)
            if quarter > 1:
                entry(end, "低效整治奖补", None, None, exact(rng.uniform(20, 90), 2))
    title, notes = f"{COUNTY_NAME}专项资金台账", ("填报单位：示例市财政局", "单位：万元")
    form = headers("special_fund", first=False)
    return Book(_path(22, "财政局", "专项资金台账"), [Sheet("专项资金", "special_fund", 0, title, notes, form, rows)])
