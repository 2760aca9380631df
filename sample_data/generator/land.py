"""Who stands on which ground: parcels, title, leases from firms, villages and persons.

Areas are whole ㎡, which are exact in 亩 to four decimals. Whatever the year, the net land of all firms on a parcel is
the parcel's area: what a landlord lets is what its tenants report.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

from .changes import Change
from .codes import parcel_code
from .firms import ABOVE, FIRST, SECOND, Firm
from .places import TOWNSHIPS, YEARS

OWN, RENTED_IN, RENTED_OUT = "自有", "租入", "租出"
_MU = 2000 / 3


@dataclass
class Parcel:
    """A parcel; the holder is a firm or a name."""

    code: str
    holder: Firm | str
    m2: int
    floor_m2: int
    grade: int
    since: int


@dataclass
class LandFact:
    """One row of 用地 for each of `years`; `other` is the other side of a lease."""

    firm: Firm
    tenure: str
    m2: int
    parcel: Parcel | None
    years: frozenset[int]
    floor_m2: int | None = None
    other: Firm | str | None = None


@dataclass
class Land:
    """All parcels and land rows of the county."""

    parcels: list[Parcel] = field(default_factory=list)
    facts: list[LandFact] = field(default_factory=list)
    by_firm: dict[int, list[LandFact]] = field(default_factory=lambda: defaultdict(list))

    def add(self, fact: LandFact) -> None:
        """Note one row."""
        self.facts.append(fact)
        self.by_firm[fact.firm.number].append(fact)

    def rows(self, firm: Firm, year: int) -> list[LandFact]:
        """The firm's rows of a year."""
        return [f for f in self.by_firm[firm.number] if year in f.years]

    def net_m2(self, firm: Firm, year: int) -> int:
        """Own and rented in, less rented out."""
        return sum(-f.m2 if f.tenure == RENTED_OUT else f.m2 for f in self.rows(firm, year))

    def on(self, parcel: Parcel, year: int) -> list[LandFact]:
        """The rows that name a parcel."""
        return [f for f in self.facts if f.parcel is parcel and year in f.years]


class _Surveyor:
    """Lays out the land of one county, firm after firm."""

    def __init__(self, seed: int, firms: list[Firm]) -> None:
        self.rng = Random(f"{seed}:land")
        self.firms = firms
        self.land = Land()
        self.target = {f.number: self._target(f) for f in firms}
        self.numbers: dict[str, int] = defaultdict(int)

    def _target(self, firm: Firm) -> int:
        if firm.ever_above:
            mu = min(max(24.5 * math.exp(self.rng.gauss(0, 0.52)), 8), 80)
        elif firm.kind == "自然人":
            mu = self.rng.uniform(0.5, 1.5)
        else:
            mu = min(max(2.3 * math.exp(self.rng.gauss(0, 0.85)), 0.5), 15)
        return round(mu * _MU)

    # ------------------------------------------------------------------------------------------------ parcels

    def parcel(self, holder: Firm | str, township: str, m2: int, since: int) -> Parcel:
        """A new parcel with the next number of its township."""
        self.numbers[township] += 1
        collective = isinstance(holder, str)
        code = parcel_code(list(TOWNSHIPS).index(township) + 1, self.numbers[township], collective=collective)
        floor = int(round(m2 * self.rng.uniform(0.55, 1.9), -1))
        made = Parcel(code, holder, m2, floor, self.rng.choices((1, 2, 3, 4), (2, 3, 3, 2))[0], since)
        self.land.parcels.append(made)
        return made

    def owns(self, firm: Firm, m2: int, years: frozenset[int]) -> Parcel:
        """A parcel that the firm alone holds, and its row."""
        parcel = self.parcel(firm, firm.township, m2, min(years))
        self.land.add(LandFact(firm, OWN, m2, parcel, years, parcel.floor_m2))
        return parcel

    def lease(self, landlord: Firm, tenant: Firm, m2: int, parcel: Parcel) -> None:
        """Both sides of a lease, agreeing, for the years in which both are there."""
        years = landlord.years & tenant.years
        floor = self._floor(m2, parcel)
        self.land.add(LandFact(landlord, RENTED_OUT, m2, parcel, years, None, tenant))
        self.land.add(LandFact(tenant, RENTED_IN, m2, parcel, years, floor, landlord))

    def village(self, township: str) -> str:
        """A village's name: the township is real, the village is not."""
        return f"{township}示例{self.rng.choice('一二三四五六七八九')}村股份经济合作社"

    def rents(self, firm: Firm, m2: int, landlord: str | None, parcel: Parcel | None) -> None:
        """A lease whose landlord is no firm of the county."""
        floor = self._floor(m2, parcel)
        self.land.add(LandFact(firm, RENTED_IN, m2, parcel, firm.years, floor, landlord))

    def _floor(self, m2: int, parcel: Parcel | None) -> int:
        """A tenant's floor: its part of the parcel's, so that the landlord keeps the rest."""
        return parcel.floor_m2 * m2 // parcel.m2 if parcel else int(round(m2 * self.rng.uniform(0.5, 1.5), -1))

    # ------------------------------------------------------------------------------------------------ the county

    def survey(self) -> Land:
        """The whole county."""
        holding: dict[str, list[Firm]] = defaultdict(list)
        for firm in self.firms:
            holding[self._way(firm)].append(firm)
        self._tenants_of_firms(holding["tenant"], holding["own"])
        for firm in holding["mixed"]:
            half = self.target[firm.number] // 2
            self.owns(firm, half, firm.years)
            self.rents(firm, self.target[firm.number] - half, self.village(firm.township), None)
        for firm in holding["person"]:
            self.rents(firm, self.target[firm.number], f"示例村民{self.rng.randrange(1, 400):03d}", None)
        for firm in holding["unknown"]:
            self.rents(firm, self.target[firm.number], None, None)
        self._village_land(holding["village"])
        self._own_land(holding["own"])
        return self.land

    def _way(self, firm: Firm) -> str:
        if firm.ever_above:
            return self.rng.choices(("own", "mixed", "village", "tenant"), (84, 8, 5, 3))[0]
        if firm.kind == "自然人":
            return self.rng.choices(("person", "village"), (60, 40))[0]
        ways, weights = ("own", "village", "tenant", "person", "mixed", "unknown"), (40, 27, 22, 7, 3.6, 0.4)
        return self.rng.choices(ways, weights)[0]

    def _tenants_of_firms(self, tenants: list[Firm], owners: list[Firm]) -> None:
        """Tenants find landlords; a few large landlords have many, a few tenants let on.

        Landlords stay, so that no lease loses its landlord.
        """
        able = [f for f in owners if f.stays and f.status[FIRST] == "在业"]
        large = self.rng.sample([f for f in able if f.scale[FIRST] == f.scale[SECOND] == ABOVE], 5)
        others = self.rng.sample([f for f in able if f not in large], 160)
        slots = [f for f in large for _ in range(self.rng.randrange(6, 11))]
        slots += [f for f in others for _ in range(self.rng.choices((1, 2, 3, 4, 5), (30, 30, 20, 12, 8))[0])]
        self.rng.shuffle(slots)
        self.let_out: dict[int, list[Firm]] = defaultdict(list)
        chained = iter([t for t in tenants if t.stays and not t.ever_above and self.target[t.number] > 2200][:8])
        for tenant, landlord in zip(tenants, slots, strict=False):
            self.let_out[landlord.number].append(tenant)
        for tenant in tenants[len(slots) :]:
            self.rents(tenant, self.target[tenant.number], self.village(tenant.township), None)
        placed = tenants[: len(slots)]
        small = [t for t in placed if self.target[t.number] < 1200 and not t.ever_above]
        for through in chained:
            if through in placed and small:
                sub = small.pop()
                self._move(sub, through)

    def _move(self, tenant: Firm, landlord: Firm) -> None:
        for tenants in self.let_out.values():
            if tenant in tenants:
                tenants.remove(tenant)
        self.let_out[landlord.number].append(tenant)

    def _own_land(self, owners: list[Firm]) -> None:
        shared = self._co_owners(owners)
        for firm in owners:
            if firm.number in shared:
                continue
            tenants = self.let_out.get(firm.number, [])
            let = sum(self.target[t.number] + self._passed_on(t) for t in tenants)
            pieces = self._pieces(firm, self.target[firm.number])
            ground = self.owns(firm, pieces[0] + let, firm.years)
            for m2 in pieces[1:]:
                self.owns(firm, m2, firm.years)
            for tenant in tenants:
                self.lease(firm, tenant, self.target[tenant.number] + self._passed_on(tenant), ground)
                for sub in self.let_out.get(tenant.number, []):
                    self.lease(tenant, sub, self.target[sub.number], ground)
            if firm.stays and not tenants and self.rng.random() < 0.03:
                extra = round(self.target[firm.number] * self.rng.uniform(0.15, 0.5))
                self.owns(firm, extra, frozenset({SECOND}))

    def _passed_on(self, tenant: Firm) -> int:
        return sum(self.target[sub.number] for sub in self.let_out.get(tenant.number, []))

    def _pieces(self, firm: Firm, m2: int) -> list[int]:
        count = self.rng.choices((1, 2, 3), (64, 28, 8) if firm.ever_above else (93, 6, 1))[0]
        cuts = sorted(round(m2 * self.rng.uniform(0.15, 0.85)) for _ in range(count - 1))
        return [b - a for a, b in zip([0, *cuts], [*cuts, m2], strict=True) if b - a > 100]

    def _co_owners(self, owners: list[Firm]) -> set[int]:
        """Parcels with two or three title holders, each with its own part."""
        able = [f for f in owners if f.stays and not f.ever_above and f.number not in self.let_out]
        self.rng.shuffle(able)
        shared: set[int] = set()
        for township in TOWNSHIPS:
            local = [f for f in able if f.township == township][:9]
            while len(local) >= 2:
                members, local = local[: 2 + len(local) % 2], local[2 + len(local) % 2 :]
                total = sum(self.target[f.number] for f in members)
                parcel = self.parcel(members[0], township, total, FIRST)
                for firm in members:
                    m2 = self.target[firm.number]
                    self.land.add(LandFact(firm, OWN, m2, parcel, firm.years, parcel.floor_m2 * m2 // total))
                    shared.add(firm.number)
        return shared

    def _village_land(self, tenants: list[Firm]) -> None:
        """Half on village parcels with several firms, the rest alone, with a parcel number or without."""
        waiting: dict[str, list[Firm]] = defaultdict(list)
        for firm in tenants:
            if firm.stays and self.rng.random() < 0.5:
                waiting[firm.township].append(firm)
                continue
            village, m2 = self.village(firm.township), self.target[firm.number]
            known = self.rng.random() < 0.6
            parcel = self.parcel(village, firm.township, m2, min(firm.years)) if known else None
            self.rents(firm, m2, village, parcel)
        for township, firms in waiting.items():
            while firms:
                members, firms = firms[:4], firms[4:]
                village = self.village(township)
                parcel = self.parcel(village, township, sum(self.target[f.number] for f in members), FIRST)
                for firm in members:
                    self.rents(firm, self.target[firm.number], village, parcel)


def _hand_over(land: Land, absorbed: Firm, successor: Firm) -> None:
    """The ground of a firm that was taken over is the other's; leases between it and other firms have ended."""
    for fact in land.rows(absorbed, FIRST):
        if not isinstance(fact.other, Firm):
            land.add(replace(fact, firm=successor, years=frozenset({SECOND})))


def survey(seed: int, firms: list[Firm], changes: Iterable[Change]) -> Land:
    """The land of all firms.

    Raises:
        AssertionError: a firm would stand on nothing, which would be a defect nobody planted.
    """
    land = _Surveyor(seed, firms).survey()
    for made in changes:
        if made.absorbed and made.successor:
            _hand_over(land, made.absorbed, made.successor)
    for year in YEARS:
        for firm in firms:
            assert year not in firm.scale or land.net_m2(firm, year) > 0, (firm.name, year)
    return land
