"""What money and freed energy are shared out by: land-use tax by township and grade, new projects, closed firms.

The rates are synthetic, within the 3 to 16 元/㎡ a year that published county tables show.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from .codes import exact
from .figures import Figures
from .firms import ABOVE, FIRST, SECOND, Firm
from .places import TOWNSHIPS

GRADES = "一二三四"

_RATES = {"街道": (10, 8, 6, 4), "镇": (8, 6, 5, 4), "乡": (6, 5, 4, 3)}
"""元/㎡ a year by kind of township, the best grade first."""

_CARBON_PER_TCE = 2.6


def land_tax_rate(township: str, grade: int) -> int:
    """What a square metre of that grade costs a year, 元."""
    return next(rates[grade - 1] for ending, rates in _RATES.items() if township.endswith(ending))


@dataclass(frozen=True)
class LandGrade:
    """A line of the table of rates."""

    township: str
    grade: str
    rate: int
    document: str


def land_grades() -> list[LandGrade]:
    """Every township and grade."""
    document = f"示例税〔{SECOND}〕3号"
    return [
        LandGrade(township, f"{name}级", land_tax_rate(township, grade), document)
        for township in TOWNSHIPS
        for grade, name in enumerate(GRADES, start=1)
    ]


@dataclass(frozen=True)
class Project:
    """A planned project and what it needs on each account; a 两高 project on all five."""

    code: str
    name: str
    firm: Firm
    kind: str
    tce: Decimal
    value: Decimal
    capacity: Decimal | None
    coal: Decimal | None
    pollutants: Decimal | None
    carbon: Decimal | None
    document: str


@dataclass(frozen=True)
class Source:
    """What a closed firm freed; one that closed before the first year has no code here."""

    code: str
    firm: Firm | None
    name: str
    capacity: Decimal | None
    tce: Decimal
    coal: Decimal | None
    pollutants: Decimal | None
    carbon: Decimal
    accepted: date
    document: str


# Kind, trade, need of energy per value added against the firm's own, how many.
_PROJECTS: tuple[tuple[str, str, int], ...] = (
    ("低碳新兴", "储能装备", 1),
    ("低碳新兴", "生物医药", 1),
    ("强链补链", "厨电部件", 2),
    ("强链补链", "微电机", 1),
    ("技改", "数字化车间", 4),
    ("技改", "节能改造", 1),
    ("两高", "印染", 1),
    ("两高", "涂料树脂", 1),
)
_HIGH = {"印染": ("1713", "1752"), "涂料树脂": ("2641", "2651")}

# Capacity, coal and pollutants in t; tce: firms that closed before the data years.
_CLOSED_BEFORE = (
    ("建材", 60_000, 900, 620, "18.6"),
    ("印染", 8_000, 2_400, 850, "26.4"),
    ("涂料", 12_000, 1_100, 430, "12.2"),
)


def freed(seed: int, firms: Iterable[Firm], figures: dict[int, dict[int, Figures]]) -> list[Source]:
    """The sources: the largest users among the firms that are gone, with their last year's figures, and three older."""
    rng = Random(f"{seed}:sources")
    gone = [f for f in firms if set(f.scale) == {FIRST} and not f.arranged]
    gone.sort(key=lambda f: (-figures[FIRST][f.number].energy_tce, f.number))
    sources: list[Source] = []
    for firm in gone[:9]:
        given = figures[FIRST][firm.number]
        emitted = [v for v in (given.emissions or {}).values() if v is not None]
        high = any(firm.industry_code in industries for industries in _HIGH.values())
        sources.append(
            _source(
                rng, len(sources) + 1, firm, firm.name[FIRST], exact(given.energy_tce * 4, -2) + 0 if high else None,
                given.energy_tce, given.coal_t, sum(emitted, Decimal(0)) if emitted else None,
            )
        )  # fmt: skip
    for trade, capacity, tce, coal, pollutants in _CLOSED_BEFORE:
        name = f"嵊州市示例95{len(sources):02d}{trade}有限公司"
        sources.append(
            _source(
                rng, len(sources) + 1, None, name, Decimal(capacity), Decimal(tce), Decimal(coal), Decimal(pollutants)
            )
        )
    return sources


def _source(
    rng: Random,
    number: int,
    firm: Firm | None,
    name: str,
    capacity: Decimal | None,
    tce: Decimal,
    coal: Decimal | None,
    pollutants: Decimal | None,
) -> Source:
    accepted = date(SECOND, rng.randrange(2, 12), rng.randrange(1, 28))
    return Source(
        f"TY{SECOND}{number:03d}", firm, name, capacity, tce, coal, pollutants,
        exact(float(tce) * _CARBON_PER_TCE, 1), accepted, f"示例发改〔{SECOND}〕{number + 40}号",
    )  # fmt: skip


def planned(seed: int, firms: Iterable[Firm], sources: Iterable[Source]) -> list[Project]:
    """The projects. What the two 两高 projects need together is more than the sources give, each alone is not."""
    rng = Random(f"{seed}:projects")
    able = [f for f in firms if set(f.scale.values()) == {ABOVE} and f.stays and not f.arranged]
    totals = {
        name: sum((getattr(s, name) or Decimal(0) for s in sources), Decimal(0))
        for name in ("capacity", "tce", "coal", "pollutants", "carbon")
    }
    projects: list[Project] = []
    for kind, trade, count in _PROJECTS:
        for _ in range(count):
            industries = _HIGH.get(trade)
            firm = rng.choice([f for f in able if industries is None or f.industry_code in industries])
            able.remove(firm)
            number = len(projects) + 1
            tce = exact(rng.uniform(180, 1_900), -1)
            needs: dict[str, Decimal | None] = {"tce": tce, "carbon": exact(float(tce) * _CARBON_PER_TCE, 1)}
            if kind == "两高":
                share = Decimal("0.35") if trade == "印染" else Decimal("0.55")
                needs = {name: exact(total * share, -1 if total > 1000 else 1) for name, total in totals.items()}
            energy = needs["tce"] or tce
            value = exact(float(energy) * rng.uniform(0.5, 0.9 if kind == "两高" else 6), 0)
            projects.append(
                Project(
                    f"{SECOND}-330683-{number:02d}-{rng.randrange(1, 4):02d}-{400_000 + number * 317}",
                    f"{firm.name[SECOND]}{trade}项目", firm, kind, energy + 0, value, needs.get("capacity"),
                    needs.get("coal"), needs.get("pollutants"), needs.get("carbon"), f"示例备〔{SECOND}〕{number}号",
                )
            )  # fmt: skip
    return projects
