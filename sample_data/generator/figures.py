"""What every firm earned, paid, used and let out, by year; exact decimals from the start.

亩均税收 is lognormal with sigma 1.039, as seen in a real district, larger plots paying a little less per mu. The 规上
figures of the first year are scaled so that the ratios of sums are 25 万元 tax and 100 万元 value added per mu: the
county's published targets. Later years grow from the first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from .codes import exact
from .firms import ABOVE, BELOW, FIRST, SECOND, Firm
from .land import Land
from .places import YEARS

TAX_PER_MU_MU, TAX_PER_MU_SIGMA = 3.046, 1.039
"""Lognormal that fits 667 firms of a real district, 万元/亩."""

TAX_TARGET, VALUE_TARGET = 25, 100
"""Ratios of sums over 规上 firms in the first year, 万元/亩."""

_BELOW_MU, _BELOW_SIGMA = 1.75, 1.0
_EQUIVALENT, _CALORIFIC = 2.9e-4, 1.229e-4  # tce per kWh
_FUEL_TCE = {"gas": 1.3e-3, "heat": 0.03412, "coal": 0.7143}  # tce per m³, GJ, t


@dataclass
class Figures:
    """One firm's numbers in one year, in the dictionary's units; `None` is what nobody reports."""

    tax_paid: Decimal
    tax_refund: Decimal | None
    tax_credit: Decimal | None
    electricity_kwh: Decimal
    revenue: Decimal
    value_added: Decimal
    gross_output: Decimal
    profit: Decimal
    rd_expense: Decimal | None
    employees: int
    investment: Decimal | None
    tech_investment: Decimal | None
    energy_tce: Decimal
    energy_tce_calorific: Decimal
    gas_m3: Decimal | None
    coal_t: Decimal | None
    heat_gj: Decimal | None
    emissions: dict[str, Decimal | None] | None
    water_m3: Decimal
    water_over_quota_m3: Decimal | None


@dataclass
class _Nature:
    """What stays with a firm over the years."""

    tax_per_mu: float
    value_per_tax: float
    value_per_revenue: float
    productivity: float
    value_per_tce: float
    tax_per_kwh: float
    value_per_tonne: float
    water: float
    rd: float
    power_share: float
    exports: bool
    monitored: bool
    growth: float


def believe(seed: int, firms: list[Firm], land: Land) -> dict[int, dict[int, Figures]]:
    """The figures of all firms: year, then number of the firm."""
    rng = Random(f"{seed}:figures")
    natures = {f.number: _nature(rng, f, land.net_m2(f, min(f.years)) * 0.0015) for f in firms}
    tax_scale, value_scale = _scales(firms, natures, land)
    figures: dict[int, dict[int, Figures]] = {year: {} for year in YEARS}
    for firm in firms:
        nature = natures[firm.number]
        for year in sorted(firm.years):
            mu = land.net_m2(firm, year) * 0.0015
            tax, value = _tax_and_value(nature, mu, firm.ever_above, tax_scale, value_scale)
            if year == SECOND:
                tax *= math.exp(nature.growth)
                value *= math.exp(0.8 * nature.growth)
            figures[year][firm.number] = _figures(rng, firm, nature, year, tax, value)
    return figures


def _nature(rng: Random, firm: Firm, mu: float) -> _Nature:
    above, industry = firm.ever_above, firm.industry
    size = math.log(mu / 24.5) / 0.52 if above else 0.0
    z = -0.15 * size + math.sqrt(1 - 0.15**2) * rng.gauss(0, 1) if above else rng.gauss(0, 1)
    level, sigma = (TAX_PER_MU_MU, TAX_PER_MU_SIGMA) if above else (_BELOW_MU, _BELOW_SIGMA)

    def around(median: float, spread: float, lean: float = 0.0) -> float:
        return median * math.exp(lean * z + spread * rng.gauss(0, 1))

    return _Nature(
        tax_per_mu=math.exp(level + sigma * z),
        value_per_tax=around(4.0, 0.3, -0.12),
        value_per_revenue=min(around(0.235, 0.22), 0.6),
        productivity=around(21, 0.3, 0.22),
        value_per_tce=around(industry.value_per_tce, 0.42, 0.15),
        tax_per_kwh=around(0.62, 0.5, 0.1),
        value_per_tonne=around(industry.value_per_tonne, 0.6, 0.15),
        water=around(industry.water, 0.45),
        rd=min(around(industry.rd, 0.4, 0.08), 14) if rng.random() < 0.86 else 0.0,
        power_share=rng.uniform(0.55, 0.97) if industry.value_per_tce > 1.3 else rng.uniform(0.2, 0.5),
        exports=rng.random() < (0.42 if above else 0.08),
        monitored=rng.random() < (0.74 if above else 0.06),
        growth=min(max(rng.gauss(0.035, 0.19) - 0.03 * z, -0.75), 0.75),
    )


def _tax_and_value(n: _Nature, mu: float, above: bool, tax_scale: float, value_scale: float) -> tuple[float, float]:
    tax = n.tax_per_mu * mu * (tax_scale if above else 1)
    return tax, tax * n.value_per_tax * (value_scale if above else 1)


def _scales(firms: Iterable[Firm], natures: dict[int, _Nature], land: Land) -> tuple[float, float]:
    """The factors that bring the first year's 规上 ratios of sums to their targets."""
    mu = tax = value = 0.0
    for firm in firms:
        if firm.scale.get(FIRST) == ABOVE:
            area = land.net_m2(firm, FIRST) * 0.0015
            paid, added = _tax_and_value(natures[firm.number], area, True, 1, 1)
            mu, tax, value = mu + area, tax + paid, value + added
    tax_scale = TAX_TARGET * mu / tax
    return tax_scale, VALUE_TARGET * mu / (value * tax_scale)


def _figures(rng: Random, firm: Firm, n: _Nature, year: int, tax: float, value: float) -> Figures:
    above = firm.scale[year] == ABOVE
    if firm.idle:
        tax, value = 0.0, 0.0
    revenue = value / n.value_per_revenue
    # 规上 is who was above 2,000 万元 on the yearly roll; a bad year may come below, but not far.
    revenue = max(revenue, value * 1.3, rng.uniform(1850, 2600)) if above else min(revenue, rng.uniform(1500, 1990))
    if firm.idle:
        revenue = 0.0
    value = min(value, revenue * 0.75)
    energy = _energy(rng, firm, n, value, tax)
    water = max(value * n.water * rng.uniform(0.9, 1.1), 20 * rng.uniform(0.5, 2))
    invests = above and rng.random() < 0.45
    investment = revenue * 0.05 * math.exp(rng.gauss(0, 0.8)) if invests else None
    return Figures(
        tax_paid=exact(tax, 6 if tax == 0 else 4),
        tax_refund=exact(revenue * rng.uniform(0.01, 0.06), 4) if n.exports and tax else None,
        tax_credit=exact(tax * rng.uniform(0.03, 0.25), 4) if n.exports and tax and rng.random() < 0.7 else None,
        revenue=exact(revenue, 2),
        value_added=exact(value, 2),
        gross_output=exact(revenue * rng.uniform(0.97, 1.08), 2),
        profit=exact(revenue * _margin(rng), 2),
        rd_expense=exact(revenue * n.rd * rng.uniform(0.9, 1.1) / 100, 2) if above else None,
        employees=max(round(value / n.productivity * rng.uniform(0.94, 1.06)), 12 if above else 2),
        investment=exact(investment, 2) if investment is not None else None,
        tech_investment=exact(investment * rng.uniform(0.3, 1), 2) if investment is not None else None,
        emissions=_emissions(rng, n, value) if n.monitored and value else None,
        water_m3=exact(water, 0),
        water_over_quota_m3=exact(water * rng.uniform(0.02, 0.2), 0) if rng.random() < 0.05 else None,
        electricity_kwh=energy["electricity_kwh"] or Decimal(0),
        energy_tce=energy["energy_tce"] or Decimal(0),
        energy_tce_calorific=energy["energy_tce_calorific"] or Decimal(0),
        gas_m3=energy["gas_m3"],
        coal_t=energy["coal_t"],
        heat_gj=energy["heat_gj"],
    )


def _margin(rng: Random) -> float:
    """Profit per revenue, gain or loss; never so near zero that a year's change looks like a slip of units."""
    margin = rng.gauss(0.058, 0.045)
    return math.copysign(max(abs(margin), 0.01), margin)


def _energy(rng: Random, firm: Firm, n: _Nature, value: float, tax: float) -> dict[str, Decimal | None]:
    """Power, fuels, and both sums in tce; the sums follow from the parts."""
    if firm.idle:
        kwh = rng.uniform(600, 4000)
        used: dict[str, float] = {}
    elif firm.ever_above:
        tce = value / n.value_per_tce * rng.uniform(0.95, 1.05)
        kwh = max(tce * n.power_share / _EQUIVALENT, 20_000)
        used = {firm.industry.fuels[0]: tce * (1 - n.power_share)}
        if len(firm.industry.fuels) > 1:
            second = firm.industry.fuels[1]
            used = {firm.industry.fuels[0]: tce * (1 - n.power_share) * 0.7, second: tce * (1 - n.power_share) * 0.3}
    else:
        kwh = max(tax / n.tax_per_kwh * 10_000 * rng.uniform(0.95, 1.05), rng.uniform(3_000, 30_000))
        used = {}
    power = exact(kwh, 0)
    fuel = sum(used.values())
    amounts = {name: exact(used[name] / per, 0) if name in used else None for name, per in _FUEL_TCE.items()}
    return {
        "electricity_kwh": power,
        "energy_tce": exact(float(power) * _EQUIVALENT + fuel, 2),
        "energy_tce_calorific": exact(float(power) * _CALORIFIC + fuel, 2),
        "gas_m3": amounts["gas"],
        "heat_gj": amounts["heat"],
        "coal_t": amounts["coal"],
    }


def _emissions(rng: Random, n: _Nature, value: float) -> dict[str, Decimal | None]:
    tonnes = value / n.value_per_tonne * rng.uniform(0.9, 1.1)
    parts = {"cod_t": 0.4, "nh3n_t": 0.03, "so2_t": 0.17, "nox_t": 0.4}
    shares = {name: part * rng.uniform(0.5, 1.5) for name, part in parts.items()}
    whole = sum(shares.values())
    emitted = {name: exact(tonnes * share / whole, 4) for name, share in shares.items()}
    water_only = rng.random() < 0.25
    return {name: None if water_only and name in ("so2_t", "nox_t") else amount for name, amount in emitted.items()}


def weakest(firms: Iterable[Firm], figures: dict[int, Figures], land: Land, year: int, share: float) -> list[Firm]:
    """The share of the firms on 3 mu or more with the least tax per mu: who C and D will mostly be."""
    rated = [f for f in firms if year in f.scale and (f.scale[year] != BELOW or land.net_m2(f, year) >= 2000)]
    worst: list[Firm] = []
    for scale in (ABOVE, BELOW):
        of_scale = [f for f in rated if f.scale[year] == scale]
        of_scale.sort(key=lambda f: (figures[f.number].tax_paid / land.net_m2(f, year), f.number))
        worst += of_scale[: round(len(of_scale) * share)]
    return worst
