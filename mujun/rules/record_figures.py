"""What a target's actual value is computed from where records with days are counted: projects, land supplied, funds."""

from __future__ import annotations

from fractions import Fraction

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.fields import TABLES, nearest
from mujun.messages import Guess
from mujun.numbers import NO_UNIT
from mujun.rules.computed_figures import PERCENT, scaled, unit_of
from mujun.rules.expressions import Compiled, Meaning, Scope
from mujun.rules.expressions.kinds import meaning_of_field
from mujun.rules.model import Target, TheTargets
from mujun.rules.named_values import compile_condition, compile_number, quotient_of

AS_OF = "as_of"
"""What an expression calls the last day of the month."""


@dataclass(frozen=True)
class RecordPlan:
    """How a figure is computed from records, each of which counts from a day on.

    Attributes:
        target: the figure.
        table: of which table.
        on: the field with the day.
        of: what is summed; every record counts one where there is none.
        per: by whose sum it is divided.
        members: which records count.
        out_of: of which records those are a part.
        factor: what the result is multiplied with to have it in the figure's unit.
    """

    target: Target
    table: str
    on: str
    of: Compiled | None
    per: Compiled | None
    members: Compiled | None
    out_of: Compiled | None
    factor: Fraction


def record_plans(file: TheTargets) -> tuple[RecordPlan, ...]:
    """Every figure that is computed from records, of a file that is right."""
    plans = (compile_records(t, []) for t in file.figures)
    return tuple(p for p in plans if p is not None)


def compile_records(target: Target, problems: list[Problem]) -> RecordPlan | None:
    """A figure's computation from records, checked: nothing where it is not computed so, or wrong."""
    computed = target.computed
    if computed is None or computed.records is None:
        if computed is not None and (computed.on is not None or computed.out_of is not None):
            problems.append(problem("computed_without_records", computed.stands, id=target.id))
        return None
    before = len(problems)
    _check(target, problems)
    fields = TABLES[computed.records].fields
    as_of = Meaning(AS_OF, "date", 0, None, "月末")
    scope = Scope({f.name: meaning_of_field(f) for f in fields} | {AS_OF: as_of})
    of = compile_number(computed.of, scope, problems) if computed.of is not None else None
    per = compile_number(computed.per, scope, problems) if computed.per is not None else None
    members = compile_condition(computed.members, scope, problems) if computed.members is not None else None
    out_of = compile_condition(computed.out_of, scope, problems) if computed.out_of is not None else None
    if len(problems) > before or computed.on is None:
        return None
    factor = _factor(target, of, per, problems)
    if factor is None:
        return None
    return RecordPlan(target, computed.records, computed.on, of, per, members, out_of, factor)


def _check(target: Target, problems: list[Problem]) -> None:
    computed = target.computed
    assert computed is not None
    assert computed.records is not None
    stands = computed.stands
    if computed.labels or computed.change is not None:
        problems.append(problem("computed_records_alone", stands, id=target.id))
    if target.kind == "rate":
        problems.append(problem("computed_records_kind", stands, id=target.id))
    if (computed.per is not None or computed.out_of is not None) and target.kind != "level":
        problems.append(problem("computed_records_ratio", stands, id=target.id, kind=target.kind))
    if computed.per is not None and computed.out_of is not None:
        problems.append(problem("computed_records_two", stands, id=target.id))
    if computed.per is not None and computed.of is None:
        problems.append(problem("computed_records_per", stands, id=target.id))
    days = [f.name for f in TABLES[computed.records].fields if f.kind == "date"]
    if computed.on not in days:
        near = Guess(nearest(computed.on or "", days))
        table = TABLES[computed.records].label
        problems.append(
            problem("computed_on", stands, id=target.id, on=computed.on or "—", table=table, known=days, near=near)
        )


def _factor(target: Target, of: Compiled | None, per: Compiled | None, problems: list[Problem]) -> Fraction | None:
    assert target.computed is not None
    wanted = unit_of(target, problems)
    if wanted is None:
        return None
    if target.computed.out_of is not None:
        if wanted != PERCENT:
            problems.append(problem("computed_out_of_unit", target.stands, id=target.id, unit=target.unit or "—"))
            return None
        return Fraction(100)
    if of is None:
        return Fraction(1)
    unit = quotient_of(of.value, per.value).unit if per is not None else of.value.unit
    return scaled(target, unit if unit is not None else NO_UNIT, wanted, problems)
