"""A ladders file compiled: its fields and conditions checked and translated."""

from __future__ import annotations

from collections.abc import Mapping

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, RuleError, problem
from mujun.fields import Kind, nearest
from mujun.messages import Guess
from mujun.rules.cross_checks import check_unique
from mujun.rules.expressions import Compiled, Meaning, Scope
from mujun.rules.expressions.kinds import ValueKind
from mujun.rules.expressions.translate import compile_expression
from mujun.rules.model.ladders import Ladder, Rung, TheLadders
from mujun.rules.model.names import RuleField
from mujun.rules.named_values import compile_condition, declared_unit, dictionary, meaning_of
from mujun.rules.ruleset import RuleSet

_KINDS: Mapping[str, ValueKind] = {"quantity": "exact", "text": "text", "date": "date", "boolean": "boolean"}


@dataclass(frozen=True)
class LadderPlan:
    """A ladder with its conditions compiled."""

    ladder: Ladder
    members: Compiled | None
    conditions: tuple[tuple[Rung, Compiled], ...]


@dataclass(frozen=True)
class LaddersPlan:
    """A ladders file compiled.

    Attributes:
        file: as read.
        fields: its computed fields in order, each seeing the ones before.
        extra: the fields that come from the `extra` table, and their kinds.
        ladders: its ladders.
        scope: every name that its conditions may use.
    """

    file: TheLadders
    fields: tuple[tuple[str, Compiled], ...]
    extra: Mapping[str, Kind]
    ladders: tuple[LadderPlan, ...]
    scope: Scope


def compile_ladders(ruleset: RuleSet) -> LaddersPlan:
    """The ladders of a rule set, compiled.

    Raises:
        RuleError: it has none, or something is wrong with them; everything at once.
    """
    if ruleset.ladders is None:
        raise RuleError(problem("rules_no_ladders", Place(file=ruleset.address)))
    plan, problems = check_ladders(ruleset.ladders, ruleset)
    if problems:
        raise RuleError(problems)
    return plan


def check_ladders(file: TheLadders, ruleset: RuleSet) -> tuple[LaddersPlan, list[Problem]]:
    """The compiled ladders and everything that is wrong with them."""
    problems: list[Problem] = []
    check_unique({"ladders": [(one.id, one.stands) for one in file.ladders]}, problems)
    if not file.ladders:
        problems.append(problem("ladders_empty", Place(file=f"{ruleset.address}/ladders.yaml", key="ladders")))
    scope = Scope({m.name: m for m in dictionary()})
    fields: list[tuple[str, Compiled]] = []
    extra: dict[str, Kind] = {}
    for name, source in file.fields.items():
        if name in scope.meanings:
            problems.append(problem("ladder_field_known", source.stands, name=name))
            continue
        scope = scope.with_meanings([_field(name, source, scope, fields, extra, problems)])
    ladders = tuple(_ladder(one, scope, ruleset, problems) for one in file.ladders)
    return LaddersPlan(file, tuple(fields), extra, ladders, scope), problems


def _field(
    name: str,
    source: RuleField,
    scope: Scope,
    fields: list[tuple[str, Compiled]],
    extra: dict[str, Kind],
    problems: list[Problem],
) -> Meaning:
    label, unit = source.label or name, declared_unit(source.unit, source.stands, problems)
    if (source.input is None) == (source.value is None):
        problems.append(problem("ladder_field_one", source.stands, name=name))
        return Meaning(name, "null", 0, unit, label)
    if source.input is not None:
        extra[name] = source.input
        return Meaning(name, _KINDS[source.input], 6 if source.input == "quantity" else 0, unit, label)
    assert source.value is not None
    compiled = compile_expression(source.value, scope, problems)
    if compiled is not None:
        fields.append((name, compiled))
    return meaning_of(name, label, compiled, unit, source.unit, source.stands, problems)


def _ladder(one: Ladder, scope: Scope, ruleset: RuleSet, problems: list[Problem]) -> LadderPlan:
    check_unique({f"ladders.{one.id}": [(c.id, c.stands) for c in one.conditions]}, problems)
    if not one.honour:
        problems.append(problem("ladder_no_honour", one.stands, id=one.id))
    if not one.conditions:
        problems.append(problem("ladder_no_condition", one.stands, id=one.id))
    elif not 0 <= one.near < len(one.conditions):
        problems.append(problem("ladder_near", one.stands, id=one.id, near=one.near, count=len(one.conditions)))
    known = [t.id for t in ruleset.targets.figures] if ruleset.targets is not None else []
    if one.goal is not None and one.goal not in known:
        near = Guess(nearest(one.goal, known))
        problems.append(problem("ladder_no_goal", one.stands, id=one.id, name=one.goal, near=near))
    members = compile_condition(one.members, scope, problems) if one.members is not None else None
    compiled = ((c, compile_condition(c.when, scope, problems)) for c in one.conditions)
    return LadderPlan(one, members, tuple((c, made) for c, made in compiled if made is not None))
