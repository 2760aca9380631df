"""Dirt that shows only when tables, years or the two sides of a lease are laid side by side."""

from __future__ import annotations

from decimal import Decimal

from . import codes
from .dirt import Dirt
from .files import Cell, Row, Sheet
from .firms import ABOVE, BELOW, FIRST, SECOND, Firm
from .land import OWN, RENTED_IN, RENTED_OUT, LandFact
from .places import YEARS

_TENURES = {
    FIRST: {OWN: "自有", RENTED_IN: "租入", RENTED_OUT: "租出"},
    SECOND: {OWN: "自用", RENTED_IN: "承租", RENTED_OUT: "出租"},
}
_SEVERAL = 7


def contradict(dirt: Dirt) -> None:
    """Plant it in both years."""
    for year in YEARS:
        _listed_twice(dirt, year, 4)
        _without_land(dirt, year, 4)
        _without_enterprise(dirt, year, 6)
        _leases_differ(dirt, year, 5)
        _landlord_silent(dirt, year, 4)
        _tenant_silent(dirt, year, 3)
        _lets_everything(dirt, year, 2)
        _lets_nothing_held(dirt, year, 2)
        _parcel_does_not_add_up(dirt, year, 3)
    _several_holders(dirt)
    _renamed(dirt)
    _unit_slips(dirt)
    _under_the_old_code(dirt)
    _changes_that_lead_nowhere(dirt)


# ------------------------------------------------------------------------------------------------------- the register


def _listed_twice(dirt: Dirt, year: int, count: int) -> None:
    """A 规上 firm that is in the sheet of 规下 firms as well."""
    above, below = (dirt.sheet("enterprises", year, f"{scale}工业企业") for scale in (ABOVE, BELOW))
    word = {FIRST: "规下", SECOND: "否"}[year]
    for _ in range(count):
        row = dirt.pick(above, lambda r: r.firm is not None and r.firm.scale == dict.fromkeys(YEARS, ABOVE))
        again = Row({**row.cells, "scale": word}, row.firm)
        below.rows.insert(dirt.rng.randrange(len(below.rows)), again)
        dirt.manifest.add(again, "scale", "both_scales", "规上、规下两张表都有")


def _without_land(dirt: Dirt, year: int, count: int) -> None:
    land = dirt.sheet("land", year)
    for _ in range(count):
        row = dirt.pick(land, dirt.can_lose)
        assert row.firm is not None
        land.rows.remove(row)
        dirt.manifest.add(dirt.listing(row.firm, year), "area_mu", "no_land", "没有用地记录", value="")


def _without_enterprise(dirt: Dirt, year: int, count: int) -> None:
    """Taxpayers that nobody listed."""
    tax = dirt.sheet("tax", year)
    for serial in range(count):
        number = 9_000 + (year - FIRST) * 100 + serial
        model = dirt.rng.choice([r for r in tax.rows if r.firm and r.firm.number not in dirt.touched])
        cells: dict[str, Cell] = {
            **model.cells, "credit_code": codes.company_code(number), "name": f"嵊州市示例{number}商贸有限公司",
        }  # fmt: skip
        row = Row(cells)
        tax.rows.insert(dirt.rng.randrange(len(tax.rows)), row)
        dirt.manifest.add(row, "credit_code", "no_enterprise", "名录里没有", whose=codes.company_code(number))


def _under_the_old_code(dirt: Dirt) -> None:
    """Taxes of the year of a change that stand under the code of before: of a firm recoded or taken over."""
    tax = dirt.sheet("tax", SECOND)
    money = ("tax_paid", "tax_refund", "tax_credit", "land_use_tax")
    late = [c for c in dirt.county.changes if c.since.year == SECOND and c.successor]
    recoded, merged = [c for c in late if not c.absorbed][:2], [c for c in late if c.absorbed][:1]
    for change in recoded + merged:
        assert change.successor is not None
        [row] = tax.find(change.successor)
        before = Row({**row.cells, "credit_code": change.old_code, "name": change.old_name})
        for name in money:
            amount = row.cells.get(name)
            if isinstance(amount, Decimal):
                part = codes.exact(amount * Decimal("0.25"), 2)
                before.cells[name] = part
                row.cells[name] = amount if change.absorbed else amount - part
        tax.rows.insert(tax.rows.index(row), before)
        dirt.manifest.add(before, "credit_code", "alias_record", f"用的是{change.kind}前的代码", whose=change.old_code)


def _changes_that_lead_nowhere(dirt: Dirt) -> None:
    """Lines of the register of changes that contradict each other; of firms that nobody else speaks of."""
    register = dirt.sheet("aliases", SECOND)
    said = (
        ("alias_self", "现代码与原代码相同", [(9301, 9301)]),
        ("alias_circle", "首尾相连", [(9311, 9312), (9312, 9311)]),
        ("alias_two_successors", "两个现代码", [(9321, 9322), (9321, 9323)]),
        ("alias_no_code", "现代码不是代码", [(9331, 0)]),
    )
    for code, note, steps in said:
        for position, (old, new) in enumerate(steps):
            successor = codes.company_code(new) if new else "待定"
            cells: dict[str, Cell] = {
                "credit_code": codes.company_code(old), "name": f"嵊州市示例{old}商贸有限公司",
                "since": f"2022.{3 + position}.{old % 28 + 1}", "change": "更名换码", "successor": successor,
                "document": f"示例市监〔2022〕{old}号",
            }  # fmt: skip
            row = Row(cells)
            register.rows.append(row)
            dirt.manifest.add(row, "successor", code, note, whose=codes.company_code(old))


def _renamed(dirt: Dirt) -> None:
    for firm in dirt.county.firms:
        if firm.renamed:
            row = dirt.listing(firm, SECOND)
            dirt.manifest.add(row, "name", "name_changed", f"上年名称：{firm.name[FIRST]}")


# ------------------------------------------------------------------------------------------------------------- leases


def _leased(dirt: Dirt, year: int) -> list[LandFact]:
    """Tenants' sides of leases between two untouched firms, neither with a second lease of the same pair."""
    pairs: dict[tuple[int, int], list[LandFact]] = {}
    for fact in dirt.county.land.facts:
        if fact.tenure == RENTED_IN and isinstance(fact.other, Firm) and year in fact.years:
            pairs.setdefault((fact.other.number, fact.firm.number), []).append(fact)
    return [f[0] for (a, b), f in pairs.items() if len(f) == 1 and not {a, b} & dirt.touched]


def _take_lease(dirt: Dirt, year: int) -> tuple[LandFact, Firm, Firm]:
    fact = dirt.rng.choice(_leased(dirt, year))
    assert isinstance(fact.other, Firm)
    dirt.touched |= {fact.firm.number, fact.other.number}
    return fact, fact.other, fact.firm


def _side(sheet: Sheet, firm: Firm, tenure: str, other: Firm) -> Row:
    """The row in which `firm` reports its lease with `other`."""
    year = sheet.year
    names = {other.code, other.name[year]}
    found = [
        r for r in sheet.find(firm) if r.cells["tenure"] == _TENURES[year][tenure] and r.cells["counterparty"] in names
    ]
    assert len(found) == 1, (firm.name, other.name)
    return found[0]


def _leases_differ(dirt: Dirt, year: int, count: int) -> None:
    land = dirt.sheet("land", year)
    for _ in range(count):
        fact, landlord, tenant = _take_lease(dirt, year)
        row = _side(land, tenant, RENTED_IN, landlord)
        row.cells["area_mu"] = _area(year, round(fact.m2 * dirt.rng.uniform(1.06, 1.3)) + 20)
        dirt.manifest.add(row, "area_mu", "lease_differs", f"出租方报 {_area(year, fact.m2)}")


def _landlord_silent(dirt: Dirt, year: int, count: int) -> None:
    land = dirt.sheet("land", year)
    for _ in range(count):
        _, landlord, tenant = _take_lease(dirt, year)
        land.rows.remove(_side(land, landlord, RENTED_OUT, tenant))
        row = _side(land, tenant, RENTED_IN, landlord)
        dirt.manifest.add(row, "counterparty", "lease_one_sided", "出租方未报")


def _tenant_silent(dirt: Dirt, year: int, count: int) -> None:
    """A landlord reports a small lease that its tenant, who has land of its own, does not."""
    land = dirt.sheet("land", year)
    own = _TENURES[year][OWN]
    for _ in range(count):
        row = dirt.pick(land, lambda r: r.cells["tenure"] == own and dirt.can_lose(r) and _m2(year, r) > 1500)
        other = dirt.pick(land, dirt.can_lose)
        assert other.firm is not None
        lets = {**row.cells, "tenure": _TENURES[year][RENTED_OUT], "area_mu": _area(year, 300), "floor_area_m2": None}
        added = Row({**lets, "counterparty": other.firm.name[year]}, row.firm)
        land.rows.insert(land.rows.index(row) + 1, added)
        dirt.manifest.add(added, "counterparty", "lease_one_sided", "承租方未报")


def _lets_everything(dirt: Dirt, year: int, count: int) -> None:
    land = dirt.sheet("land", year)
    for _ in range(count):
        row = dirt.pick(land, lambda r: r.cells["tenure"] == _TENURES[year][OWN] and dirt.can_lose(r))
        lets = {**row.cells, "tenure": _TENURES[year][RENTED_OUT], "floor_area_m2": None, "counterparty": "示例村民999"}
        land.rows.insert(land.rows.index(row) + 1, Row(lets, row.firm))
        dirt.manifest.add(row, "land_mu", "net_land_not_positive", "自有全部租出", value="0")


def _lets_nothing_held(dirt: Dirt, year: int, count: int) -> None:
    land = dirt.sheet("land", year)
    for _ in range(count):
        row = dirt.pick(land, lambda r: r.cells["tenure"] == _TENURES[year][RENTED_IN] and dirt.can_lose(r))
        row.cells |= {"tenure": _TENURES[year][RENTED_OUT], "floor_area_m2": None, "counterparty": "示例村民998"}
        dirt.manifest.add(
            row, "rented_out_mu", "lets_without_holding", "只有租出，没有自有或租入", value=row.cells["area_mu"]
        )


def _m2(year: int, row: Row) -> Decimal:
    area = row.cells["area_mu"]
    return (
        Decimal(0)
        if not isinstance(area, (int, Decimal))
        else Decimal(area)
        if year == FIRST
        else area / Decimal("0.0015")
    )


def _area(year: int, m2: int) -> int | Decimal:
    return m2 if year == FIRST else codes.exact(Decimal(m2) * 3 / 2000, 4)


# ------------------------------------------------------------------------------------------------------------ parcels


def _parcel_does_not_add_up(dirt: Dirt, year: int, count: int) -> None:
    """A firm reports a tenth more than its parcel has."""
    land = dirt.sheet("land", year)

    def fits(row: Row) -> bool:
        return row.cells["tenure"] == _TENURES[year][OWN] and dirt.can_lose(row) and _m2(year, row) > 700

    for _ in range(count):
        row = dirt.pick(land, fits)
        true = _m2(year, row)
        row.cells["area_mu"] = _area(year, int(true * Decimal("1.1")))
        dirt.manifest.add(row, "area_mu", "parcel_area_differs", f"地块登记面积 {_area(year, int(true))}")


def _several_holders(dirt: Dirt) -> None:
    """Parcels with several title holders, all in one cell."""
    land = dirt.county.land
    for year in YEARS:
        sheet = dirt.sheet("parcels", year)
        rows = {r.cells["parcel"]: r for r in sheet.rows}
        shared = []
        for parcel in land.parcels:
            holders = [f.firm for f in land.on(parcel, year) if f.tenure == OWN] if parcel.since <= year else []
            if len(holders) > 1 and not {h.number for h in holders} & dirt.touched:
                shared.append((parcel, holders))
        for (parcel, holders), mark in zip(dirt.rng.sample(shared, _SEVERAL), "、，；/、；\n", strict=True):
            row = rows[parcel.code]
            row.cells["holder"] = mark.join(h.name[year] for h in holders)
            dirt.manifest.add(row, "holder", "several_holders", "一格里有几个权利人", whose="")
            dirt.touched |= {h.number for h in holders}


# --------------------------------------------------------------------------------------------------------- unit slips


def _unit_slips(dirt: Dirt) -> None:
    """One firm's row in another unit than its column; in the second year, where last year's figures show it."""
    tax, output = dirt.sheet("tax", SECOND), dirt.sheet("output", SECOND)
    power, land = dirt.sheet("energy", SECOND, "供电"), dirt.sheet("land", SECOND)
    money = ("tax_paid", "tax_refund", "tax_credit", "land_use_tax")
    _slip(dirt, tax, money, Decimal("0.0001"), "万元填在元里", 3)
    figures = ("revenue", "value_added", "gross_output", "profit", "investment", "tech_investment")
    # Downwards: 元 in a column of 万元 would outweigh all 规下 firms together.
    _slip(dirt, output, figures, Decimal("0.0001"), "亿元填在万元里", 3, places=6)
    _slip(dirt, power, ("electricity_kwh",), Decimal("0.0001"), "万千瓦时填在千瓦时里", 2)
    _slip(dirt, land, ("area_mu",), Decimal(2000) / 3, "平方米填在亩里", 1)


def _slip(
    dirt: Dirt, sheet: Sheet, names: tuple[str, ...], factor: Decimal, note: str, count: int, places: int = 2
) -> None:
    """Move all of `names` in some rows of firms whose figures changed by less than half, as most do."""

    def filled(row: Row) -> dict[str, Decimal]:
        cells = ((name, row.cells.get(name)) for name in names)
        return {name: Decimal(cell) for name, cell in cells if isinstance(cell, (int, Decimal)) and cell}

    def steady(firm: Firm, name: str) -> bool:
        # Land and what is due for it did not change; the others are among the figures.
        then, now = (getattr(dirt.county.figures[year][firm.number], name, 1) for year in YEARS)
        return bool(then) and bool(now) and Decimal("0.67") < Decimal(now) / Decimal(then) < Decimal("1.5")

    def fits(row: Row) -> bool:
        firm = row.firm
        if firm is None or firm.scale != dict.fromkeys(YEARS, BELOW) or not dirt.can_lose(row):
            return False
        # Small plots without a parcel: a large one in ㎡ for 亩 would outweigh all 规下 firms together.
        small = sheet.table != "land" or (not row.cells["parcel"] and filled(row).get("area_mu", 2) < 1)
        return small and bool(filled(row)) and all(steady(firm, name) for name in filled(row))

    for _ in range(count):
        row = dirt.pick(sheet, fits)
        for name, true in filled(row).items():
            row.cells[name] = codes.exact(true * factor, places)
            dirt.manifest.add(row, name, "unit_slip", note)
