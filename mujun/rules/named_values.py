"""What an expression under a name comes to: a number or a condition, and in which unit, as is declared."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from mujun.errors import Place, Problem, problem
from mujun.fields import FRAME_FIELDS, nearest
from mujun.messages import MessageKey
from mujun.numbers import Unit, UnknownUnit, conversion, parse_unit
from mujun.rules.expressions import Compiled, Expression, Meaning, Scope, Value, compile_expression
from mujun.rules.expressions.kinds import meaning_of_field, ratio_unit


def compile_number(source: Expression, scope: Scope, problems: list[Problem]) -> Compiled | None:
    """An expression that must be a number."""
    compiled = compile_expression(source, scope, problems)
    if compiled is not None and not compiled.value.numeric and compiled.value.kind != "null":
        problems.append(problem("rule_wants_number", source.place, expression=source.text))
        return None
    return compiled


def compile_condition(source: Expression, scope: Scope, problems: list[Problem]) -> Compiled | None:
    """An expression that must hold or not hold."""
    compiled = compile_expression(source, scope, problems)
    if compiled is not None and compiled.value.kind != "boolean":
        problems.append(problem("rule_wants_condition", source.place, expression=source.text))
        return None
    return compiled


def check_key(name: str, scope: Scope, place: Place, problems: list[Problem]) -> None:
    """A grouping or lookup key must be a known name that is no list and no float."""
    meaning = scope.meanings.get(name)
    if meaning is None:
        near = nearest(name, scope.meanings)
        problems.append(problem("key_unknown_near" if near else "key_unknown", place, name=name, near=near))
    elif meaning.kind not in ("text", "boolean", "exact", "null"):
        problems.append(problem("key_no_group", place, name=name))


def declared_unit(text: str | None, place: Place, problems: list[Problem]) -> Unit | None:
    """A unit as a rule file writes it; an unknown one is a problem."""
    if text is None:
        return None
    try:
        return parse_unit(text)
    except UnknownUnit:
        problems.append(problem("rules_unknown_unit", place, unit=text))
        return None


def quotient_of(of: Value, per: Value) -> Value:
    """The unit of `of` ÷ `per`."""
    above, below = ratio_unit(of), ratio_unit(per)
    unit = above / below if above is not None and below is not None else None
    return replace(of, unit=unit, factor=of.factor / per.factor if per.factor else of.factor, constant=None)


def checked_unit(
    value: Value, wanted: Unit | None, stated: str | None, place: Place, problems: list[Problem]
) -> Unit | None:
    """The unit a number has, held against the one that is wanted.

    A literal in the expression either scales the quantity (`2 * industry_rd`) or converts its unit (`x * 0.0001`);
    which, the declared unit says. Anything else is a factor nobody meant.
    """
    if wanted is None:
        return value.unit
    if value.unit is None or value.unit == wanted:
        return wanted
    factor = conversion(value.unit, wanted)
    if factor is None:
        code: MessageKey = "unit_unlike"
        bases = {d for u in (value.unit, wanted) for d, _ in u.dimensions if d.startswith("energy")}
        if bases == {"energy", "energy_calorific"}:
            code = "unit_energy_bases"
        problems.append(problem(code, place, derived=str(value.unit), declared=stated or str(wanted)))
        return None  # fits anything: one wrong unit is said once, not wherever the name is used
    if value.factor != factor:
        problems.append(
            problem(
                "unit_factor", place, derived=str(value.unit), declared=stated or str(wanted), factor=_shown(factor)
            )
        )
        return None
    return wanted


def _shown(factor: Fraction) -> str:
    return str(factor.numerator) if factor.denominator == 1 else f"{factor.numerator}/{factor.denominator}"


def meaning_of(
    name: str,
    label: str,
    compiled: Compiled | None,
    unit: Unit | None,
    stated: str | None,
    place: Place,
    problems: list[Problem],
) -> Meaning:
    """What a name means that an expression defines."""
    if compiled is None:
        return Meaning(name, "null", 0, unit, label)
    value = compiled.value
    if not value.numeric:
        return Meaning(name, value.kind, 0, None, label, value.choices)
    # A bare literal takes the unit that is declared; without one it stays a plain number.
    derived = checked_unit(value, unit, stated, place, problems)
    return Meaning(name, value.kind, value.scale, derived, label)


def dictionary() -> list[Meaning]:
    """The dictionary's frame fields as names."""
    return [meaning_of_field(f) for f in FRAME_FIELDS.values()]
