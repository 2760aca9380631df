"""Allocation files compiled: every measure's conditions, quantity and rates, with units that must fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, RuleError, problem
from mujun.messages import MessageKey
from mujun.numbers import NO_UNIT, Unit, UnknownUnit, conversion, parse_unit
from mujun.rules.cross_checks import check_unique
from mujun.rules.expressions import Compiled, Expression, Meaning, Scope, compile_expression
from mujun.rules.mentions import texts_of
from mujun.rules.model import Measure
from mujun.rules.model.allocation import Account, Exemption, Lever, Office, Period, Rate
from mujun.rules.named_values import checked_unit, compile_condition, compile_number
from mujun.rules.once import once
from mujun.rules.policy_names import PolicyNames, compile_policy_names, standing_meanings
from mujun.rules.pool_plan import PoolPlan, check_multiples, compile_pools
from mujun.rules.ruleset import AllocationPart, RuleSet

SHARE = "share"
MONEY = parse_unit("万元")

UTILITY_OF: Mapping[str, str] = {"electricity_kwh": "电", "water_m3": "水", "gas_m3": "气", "heat_gj": "热"}
"""Quantities that `usage` records can give; everything else, use over quota too, is known by the year only."""

OFFICE_OF: Mapping[str, Office] = {
    "electricity_kwh": "power", "water_m3": "water", "water_over_quota_m3": "water", "gas_m3": "gas",
    "heat_gj": "heat", "land_use_tax": "tax", "land_use_tax_due": "tax", "owned_mu": "tax",
}  # fmt: skip
"""Which office a quantity is its business."""

UTILITY_OF_OFFICE: Mapping[Office, str] = {"power": "电", "water": "水", "gas": "气", "heat": "热"}
"""Under which utility an office's account numbers stand; the tax office goes by credit codes."""

LEVER_UNITS: Mapping[Lever, str] = {
    "land_tax_relief": "万元", "award": "万元", "power_market": "万元", "new_land": "亩", "energy_quota": "吨标煤",
    "emission_quota": "吨", "power_surcharge": "万元", "water_surcharge": "万元", "emission_surcharge": "万元",
    "energy_cut": "吨标煤", "emission_cut": "吨",
}  # fmt: skip
"""The lines of the quarterly ledger in their order, and the unit of each."""


@dataclass(frozen=True)
class RatePlan:
    """A row of a rate, compiled."""

    source: Rate
    when: Compiled | None
    value: Compiled | None

    @property
    def constant(self) -> Decimal | None:
        """The rate where it is one number for all."""
        constant = self.value.value.constant if self.value is not None else None
        return constant if isinstance(constant, Decimal) else None


@dataclass(frozen=True)
class MeasurePlan:
    """A measure, compiled.

    Attributes:
        name: what results call it: its id, or `address#id` where two parts have one of the same id.
        of: the quantity; missing for a lump sum or a note.
        utility: which usage records give the quantity.
        factor: what quantity × rate is multiplied with to be in `unit`.
        unit: the unit of the amount: 万元, or for a quota whatever is allotted.
        binding: whether anything is really charged.
        refunds: the measure whose amount it gives back, by its name.
        begins, ends: the first and the last day of each enterprise's own, within the period.
    """

    name: str
    part: int
    source: Measure
    of: Compiled | None
    utility: str | None
    factor: Fraction
    unit: str
    rates: tuple[RatePlan, ...]
    exempt: tuple[tuple[Exemption, Compiled | None], ...]
    document: str
    binding: bool
    refunds: str | None = None
    begins: Compiled | None = None
    ends: Compiled | None = None

    @property
    def office(self) -> Office | None:
        """Who charges or relieves it: as the rules say, else by what it is counted in."""
        if self.source.office is not None or self.of is None:
            return self.source.office
        offices = {OFFICE_OF[n] for n in self.of.names if n in OFFICE_OF}
        return offices.pop() if len(offices) == 1 else None

    def compiled(self) -> list[Compiled | None]:
        """Every expression of the measure."""
        rates = [c for r in self.rates for c in (r.when, r.value)]
        return [self.of, *rates, *(c for _, c in self.exempt), self.begins, self.ends]


@dataclass(frozen=True)
class PartPlan:
    """One allocation file with its measures, in its own scope."""

    part: AllocationPart
    policy: PolicyNames
    measures: tuple[MeasurePlan, ...]
    pools: tuple[PoolPlan, ...] = ()

    @property
    def gaps(self) -> frozenset[str]:
        """What does not end a streak: years `untiered`, years in an `other_tier`."""
        rule = self.part.file.streak
        return frozenset(n for n in ("untiered", "other_tier") if getattr(rule, n) == "skipped")

    @property
    def scope(self) -> Scope:
        """Every name a condition of this file may use."""
        return self.policy.scope

    def reads(self) -> dict[str, Meaning]:
        """The names that exist before this file and that it reads."""
        return self.policy.reads(c for m in self.measures for c in m.compiled())


@dataclass(frozen=True)
class AllocationPlan:
    """Everything `allocate` needs to know of the rules."""

    ruleset: RuleSet
    parts: tuple[PartPlan, ...]

    @property
    def measures(self) -> tuple[MeasurePlan, ...]:
        """All measures, included files first, in the order of the files."""
        return tuple(m for p in self.parts for m in p.measures)

    @property
    def pools(self) -> tuple[PoolPlan, ...]:
        """All pools, included files first."""
        return tuple(pool for p in self.parts for pool in p.pools)

    @property
    def substitution(self) -> tuple[Mapping[str, Mapping[Account, Decimal]], str] | None:
        """By kind of project and account the multiple required, and the document; the last file that says so."""
        for part in reversed(self.parts):
            substitution = part.part.file.substitution
            if substitution is not None:
                multiples = {kind: m.by_account() for kind, m in substitution.multiples.items()}
                return multiples, substitution.document or part.part.first_document
        return None


@once
def compile_allocation(ruleset: RuleSet) -> AllocationPlan:
    """The allocation of a rule set, compiled; the same object for the same rule set.

    Raises:
        RuleError: the set has no allocation.yaml, is only a base, or does not fit together; everything at once.
    """
    if ruleset.allocation is None:
        raise RuleError(problem("rules_no_allocation", Place(file=ruleset.address)))
    if ruleset.allocation.status == "abstract":
        raise RuleError(problem("rules_abstract", address=ruleset.address))
    plan, problems = check_allocation(ruleset)
    if problems:
        raise RuleError(problems)
    return plan


def check_allocation(ruleset: RuleSet) -> tuple[AllocationPlan, list[Problem]]:
    """The compiled allocation and everything that is wrong with it."""
    problems: list[Problem] = []
    known = standing_meanings(ruleset)
    trial = ruleset.allocation is not None and not ruleset.allocation.binding
    ids = Counter(m.id for part in ruleset.allocation_parts for m in part.measures)
    parts: list[PartPlan] = []
    for number, part in enumerate(ruleset.allocation_parts):
        check_unique({f"{part.address} measures": [(m.id, m.stands) for m in part.measures]}, problems)
        policy = compile_policy_names(
            part.file.fields,
            part.lookups,
            part.file.statistics,
            known,
            problems,
            texts_of(part.file, *part.measures),
            part.file.population,
            rated=ruleset.rating is not None,
        )
        measures = tuple(
            _measure(
                m,
                m.id if ids[m.id] == 1 else f"{part.address}#{m.id}",
                number,
                part,
                policy.scope,
                part.file.binding and not trial,
                problems,
            )
            for m in part.measures
        )
        tiers = next((m.choices for m in known if m.name == "tier"), ())
        pools = compile_pools(part.file, part.first_document, tiers, problems)
        check_multiples(part.file, problems)
        parts.append(PartPlan(part, policy, measures, pools))
    pool_ids = Counter(pool.source.id for p in parts for pool in p.pools)
    for pool in (pool for p in parts for pool in p.pools):
        if pool_ids[pool.source.id] > 1:
            problems.append(problem("pool_id_twice", pool.source.stands, id=pool.source.id))
    return AllocationPlan(ruleset, _with_refunds(parts, problems)), problems


def _with_refunds(parts: list[PartPlan], problems: list[Problem]) -> tuple[PartPlan, ...]:
    """Every measure that gives back another's amount with the name of that other: of its own file first."""
    refunded: list[PartPlan] = []
    everywhere = {m.name: m for p in parts for m in p.measures}
    for part in parts:
        here = {m.source.id: m for m in part.measures}
        measures: list[MeasurePlan] = []
        for measure in part.measures:
            wanted = measure.source.refunds
            target = (here.get(wanted) or everywhere.get(wanted)) if wanted is not None else None
            if wanted is not None:
                code: Literal["refund_of_nothing", "refund_of_refund"] | None = None
                if target is None or target.source.kind == "note":
                    code = "refund_of_nothing"
                elif target.source.refunds is not None:
                    code = "refund_of_refund"
                if code is not None:
                    problems.append(problem(code, measure.source.stands, id=measure.source.id, of=wanted))
            measures.append(replace(measure, refunds=target.name if target is not None else None))
        refunded.append(replace(part, measures=tuple(measures)))
    return tuple(refunded)


# ------------------------------------------------------------------------------------------------------------ measures


def _measure(
    measure: Measure,
    name: str,
    number: int,
    part: AllocationPart,
    scope: Scope,
    binding: bool,
    problems: list[Problem],
) -> MeasurePlan:
    _check_rows(measure, problems)
    _check_period(measure, measure.period, problems)
    of = compile_number(measure.of, scope, problems) if measure.of is not None else None
    before = len(problems)
    per = _per(measure, problems)
    factor, unit = Fraction(1), str(MONEY)
    if measure.refunds is not None:
        _check_refund(measure, problems)
    elif measure.kind != "note" and (measure.of is None or of is not None) and len(problems) == before:
        factor, unit = _amount_unit(measure, of, per, problems)
    if len(problems) == before:
        _check_lever(measure, unit, problems)
    utility = _utility(of, scope)
    if measure.rest is not None and utility is None and (of is not None or measure.of is None):
        problems.append(problem("rest_without_meter", measure.stands, id=measure.id, known=list(UTILITY_OF)))
    rates = tuple(_rate(measure, r, per, scope, problems) for r in measure.rate)
    exempt = tuple((e, compile_condition(e.when, scope, problems)) for e in measure.exempt)
    return MeasurePlan(
        name, number, measure, of, utility, factor, unit, rates, exempt,
        measure.document or part.first_document, binding, None,
        _first_day(measure, scope, problems), _date(measure, measure.period.ends, scope, problems),
    )  # fmt: skip


def _first_day(measure: Measure, scope: Scope, problems: list[Problem]) -> Compiled | None:
    """The first day of each enterprise's own: the day itself is looked at before months are added to it."""
    day = _date(measure, measure.period.begins, scope, problems)
    return day and _date(measure, measure.period.own_first, scope, problems)


def _date(measure: Measure, source: Expression | None, scope: Scope, problems: list[Problem]) -> Compiled | None:
    """A day of each enterprise's own."""
    compiled = compile_expression(source, scope, problems) if source is not None else None
    if compiled is None or source is None or compiled.value.kind == "date":
        return compiled
    problems.append(problem("period_no_date", source.place, id=measure.id, expression=source.text))
    return None


def _utility(of: Compiled | None, scope: Scope) -> str | None:
    """What meters the quantity: only the plain field is what they count, not an expression of it."""
    meaning = scope.find(of.source.text.strip()) if of is not None else None
    return UTILITY_OF.get(meaning.name) if meaning is not None else None


def _rate(measure: Measure, rate: Rate, per: Unit | None, scope: Scope, problems: list[Problem]) -> RatePlan:
    when = compile_condition(rate.when, scope, problems)
    value = compile_number(rate.amount, scope, problems) if rate.amount is not None else None
    if value is not None and per is not None:
        checked_unit(value.value, per, measure.per, rate.amount.place if rate.amount else rate.stands, problems)
    plan = RatePlan(rate, when, value)
    number = plan.constant
    if number is not None and number < 0 and measure.kind in ("surcharge", "relief"):
        problems.append(problem("rate_negative", rate.stands, id=rate.id, value=number))
    if number is not None and number > 1 and measure.kind == "relief" and measure.per == SHARE:
        problems.append(problem("rate_share_above_one", rate.stands, id=rate.id, value=number))
    return plan


def _check_rows(measure: Measure, problems: list[Problem]) -> None:
    check_unique(
        {
            f"{measure.id}.rate": [(r.id, r.stands) for r in measure.rate],
            f"{measure.id}.exempt": [(e.id, e.stands) for e in measure.exempt],
        },
        problems,
    )
    if not measure.rate:
        problems.append(problem("measure_without_rate", measure.stands, id=measure.id))
    for rate in measure.rate:
        if sum(stated is not None for stated in (rate.value, rate.up_to, rate.note)) != 1:
            problems.append(problem("rate_value_or_note", rate.stands, id=rate.id))
        if measure.kind == "note" and rate.amount is not None:
            problems.append(problem("rate_value_in_note", rate.stands, id=rate.id, measure=measure.id))
        if measure.of is None and rate.amount is not None and (rate.from_ or rate.until) and measure.kind != "note":
            problems.append(problem("rate_dates_without_of", rate.stands, id=rate.id, measure=measure.id))
        _check_order(rate.from_, rate.until, rate.stands, problems)
    if measure.kind == "note":
        given = ("of", "per", "refunds", "rest", "max_amount", "exclusive", "lever")
        extra = [n for n in given if getattr(measure, n) is not None]
        if extra:
            problems.append(problem("note_with_amount", measure.stands, id=measure.id, keys=extra))
    if measure.max_amount is not None and measure.max_amount <= 0:
        problems.append(problem("measure_max_amount", measure.stands, id=measure.id, value=measure.max_amount))


def _check_refund(measure: Measure, problems: list[Problem]) -> None:
    """What gives back a part of an amount is a relief of a share of it, and competes with nothing."""
    if measure.kind != "relief" or measure.per != SHARE or measure.of is not None or measure.exclusive is not None:
        problems.append(problem("refund_not_share", measure.stands, id=measure.id))


def _check_lever(measure: Measure, unit: str, problems: list[Problem]) -> None:
    """A measure is counted in the unit of its line."""
    if measure.lever is None:
        return
    wanted = LEVER_UNITS[measure.lever]
    if measure.kind == "note" or parse_unit(unit) != parse_unit(wanted):
        shown = unit if measure.kind != "note" else "note"
        problems.append(
            problem("lever_unit", measure.stands, id=measure.id, lever=measure.lever, unit=shown, wanted=wanted)
        )


def _check_period(measure: Measure, period: Period, problems: list[Problem]) -> None:
    _check_order(period.from_, period.until, measure.stands, problems)
    if period.year is None and (period.from_ is None) != (period.until is None):
        problems.append(problem("period_one_end", measure.stands, id=measure.id))
    if period.grace is not None and (period.begins is None or period.grace < 0):
        problems.append(problem("period_grace", measure.stands, id=measure.id, months=period.grace))
    if measure.refunds is not None and (period.begins is not None or period.ends is not None):
        problems.append(problem("period_of_refund", measure.stands, id=measure.id))


def _check_order(first: date | None, last: date | None, place: Place, problems: list[Problem]) -> None:
    if first is not None and last is not None and last < first:
        problems.append(problem("period_order", place, first=first, last=last))


# --------------------------------------------------------------------------------------------------------------- units


def _per(measure: Measure, problems: list[Problem]) -> Unit | None:
    """The unit of the rate; none where nothing is said or it is a share."""
    if measure.per is None:
        valued = any(r.amount is not None for r in measure.rate)
        if measure.kind != "note" and valued:
            problems.append(problem("measure_without_per", measure.stands, id=measure.id))
        return None
    if measure.per == SHARE:
        return NO_UNIT
    try:
        return parse_unit(measure.per)
    except UnknownUnit:
        problems.append(problem("rules_unknown_unit", measure.stands, unit=measure.per))
        return None


def _amount_unit(
    measure: Measure, of: Compiled | None, per: Unit | None, problems: list[Problem]
) -> tuple[Fraction, str]:
    """What rate × quantity is multiplied with to be the amount, and the amount's unit."""
    if per is None:
        return Fraction(1), str(MONEY)
    quantity = of.value.unit if of is not None else NO_UNIT
    if of is None and measure.per == SHARE:
        problems.append(problem("measure_share_without_of", measure.stands, id=measure.id))
        return Fraction(1), str(MONEY)
    if quantity is None:
        problems.append(problem("measure_of_without_unit", measure.stands, id=measure.id, of=measure.of))
        return Fraction(1), str(MONEY)
    product = _yearless(per * quantity)
    if measure.kind == "quota":
        # A quota is counted in what it allots.
        return product.factor, str(Unit(Fraction(1), product.dimensions))
    factor = conversion(product, MONEY)
    if factor is None:
        code: MessageKey = "measure_share_of_money" if measure.per == SHARE else "measure_per_unlike"
        problems.append(
            problem(code, measure.stands, id=measure.id, per=measure.per, of=measure.of or "—", unit=str(quantity))
        )
        return Fraction(1), str(MONEY)
    return factor, str(MONEY)


def _yearless(unit: Unit) -> Unit:
    """元 per year is charged by the part of the year: the year itself is no dimension of the amount."""
    return Unit(unit.factor, tuple((d, n) for d, n in unit.dimensions if (d, n) != ("time", -1)))
