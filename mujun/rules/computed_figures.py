"""What mujun computes a target's actual value from, compiled: expressions over a year's enterprises, or labels."""

from __future__ import annotations

from fractions import Fraction

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.numbers import NO_UNIT, Unit, UnknownUnit, conversion, parse_unit
from mujun.rules.expressions import Compiled, Scope
from mujun.rules.model import Target, TheTargets
from mujun.rules.named_values import compile_condition, compile_number, dictionary, quotient_of

PERCENT = parse_unit("%")


@dataclass(frozen=True)
class FigurePlan:
    """How a figure is computed from the enterprises of a year.

    Attributes:
        target: the figure.
        of, per: what is summed, and by whose sum it is divided.
        members: which enterprises count.
        factor: what the result is multiplied with to have it in the figure's unit.
    """

    target: Target
    of: Compiled
    per: Compiled | None
    members: Compiled | None
    factor: Fraction


def figure_plans(file: TheTargets) -> tuple[FigurePlan, ...]:
    """Every figure that is computed from enterprises, of a file that is right."""
    plans = (compile_figure(t, []) for t in file.figures)
    return tuple(p for p in plans if p is not None)


def compile_figure(target: Target, problems: list[Problem]) -> FigurePlan | None:
    """A figure's computation, checked: nothing where it is not computed from enterprises, or wrong."""
    computed = target.computed
    if computed is None or computed.records is not None:
        return None
    if (computed.of is None) == (not computed.labels):
        problems.append(problem("computed_of_or_labels", computed.stands, id=target.id))
        return None
    if computed.of is None:
        if computed.per is not None or computed.members is not None or computed.change is not None:
            problems.append(problem("computed_labels_alone", computed.stands, id=target.id))
        if target.kind not in ("cumulative", "level"):
            problems.append(problem("computed_labels_kind", computed.stands, id=target.id, kind=target.kind))
        return None
    if target.kind not in ("level", "rate"):
        problems.append(problem("computed_kind", computed.stands, id=target.id, kind=target.kind))
    scope = Scope({m.name: m for m in dictionary()})
    before = len(problems)
    of = compile_number(computed.of, scope, problems)
    per = compile_number(computed.per, scope, problems) if computed.per is not None else None
    members = compile_condition(computed.members, scope, problems) if computed.members is not None else None
    if len(problems) > before or of is None:
        return None
    factor = _factor(target, of, per, problems)
    return None if factor is None else FigurePlan(target, of, per, members, factor)


def _factor(target: Target, of: Compiled, per: Compiled | None, problems: list[Problem]) -> Fraction | None:
    assert target.computed is not None  # it is this that is compiled
    unit = quotient_of(of.value, per.value).unit if per is not None else of.value.unit
    derived = NO_UNIT if target.computed.change is not None else unit
    wanted = unit_of(target, problems)
    if wanted is None:
        return None
    if target.computed.change is not None and wanted != PERCENT:
        problems.append(problem("computed_change_unit", target.stands, id=target.id, unit=target.unit or "—"))
        return None
    return scaled(target, derived, wanted, problems)


def unit_of(target: Target, problems: list[Problem]) -> Unit | None:
    """The unit of a figure; nothing where it is none that is known."""
    try:
        return parse_unit(target.unit) if target.unit else NO_UNIT
    except UnknownUnit:
        problems.append(problem("rules_unknown_unit", target.stands, unit=target.unit))
        return None


def scaled(target: Target, derived: Unit | None, wanted: Unit, problems: list[Problem]) -> Fraction | None:
    """What a result in one unit is multiplied with to have it in a figure's; a plain number is taken as it is."""
    if derived is None:
        return Fraction(1)
    scale = conversion(derived, wanted)
    if scale is None:
        problems.append(
            problem("computed_unit", target.stands, id=target.id, unit=target.unit or "—", derived=str(derived))
        )
    return scale
