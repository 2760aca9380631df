"""A rectification file compiled: every condition checked and translated, every reference resolved."""

from __future__ import annotations

from collections.abc import Mapping

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, RuleError, problem
from mujun.fields import TABLES, nearest
from mujun.messages import Guess
from mujun.numbers import Unit, parse_unit
from mujun.rules.cross_checks import check_unique
from mujun.rules.expressions import Compiled, Meaning, Scope
from mujun.rules.mentions import texts_of
from mujun.rules.model import Statistic, TheRectification
from mujun.rules.model.names import RELATIONS
from mujun.rules.model.rectification import Exempt, Path, Reason
from mujun.rules.named_lists import check_lists, each_list, together
from mujun.rules.named_values import checked_unit, compile_condition, compile_number
from mujun.rules.names import StatisticPlan
from mujun.rules.once import once
from mujun.rules.policy_names import PolicyNames, compile_policy_names, parcel_meanings, standing_meanings
from mujun.rules.relations import check_firms_only
from mujun.rules.ruleset import RuleSet

FOUR_PATHS: tuple[str, ...] = TABLES["surveys"].by_name["proposed_path"].choices
"""四个一批: how land is dealt with."""

EFFECTS: tuple[str, ...] = ("land_mu", "energy_tce")
"""What striking an enterprise off may be expected to free."""

ENERGY_YEARS = ("energy_tce", "energy_tce_last", "energy_tce_last2")
"""The full years whose mean is the energy that a closed enterprise frees, unless the rules say otherwise."""


PATH = "path"
"""The path on which a firm is, decided or by the rules: a name of `effects` only, which follow from it."""


@dataclass(frozen=True)
class RectificationPlan:
    """Everything the listing needs to know of the rules."""

    ruleset: RuleSet
    file: TheRectification
    policy: PolicyNames
    limits: Compiled | None
    listing: tuple[tuple[Reason, Compiled | None], ...]
    exempt: tuple[tuple[Exempt, Compiled | None], ...]
    paths: tuple[tuple[Path, Compiled | None], ...]
    effects: Mapping[str, Compiled]
    exit: Compiled | None
    margin: Compiled | None = None

    @property
    def scope(self) -> Scope:
        """Every name a condition may use."""
        return self.policy.scope

    @property
    def effects_scope(self) -> Scope:
        """Every name an effect may use: those of conditions, and `path`."""
        return effects_scope(self.scope, self.file)

    @property
    def by_path(self) -> bool:
        """Whether what is expected to be freed follows from the path."""
        return PATH not in self.scope.meanings and any(PATH in e.names for e in self.effects.values())

    @property
    def energy_basis(self) -> str:
        """On which basis the freed energy is counted: `equivalent` (等价值) or `calorific` (当量值)."""
        effect = self.effects.get("energy_tce")
        unit = effect.value.unit if effect is not None else None
        return "calorific" if unit is not None and "energy_calorific" in dict(unit.dimensions) else "equivalent"

    def reads(self) -> dict[str, Meaning]:
        """The names that exist before this file and that it reads."""
        several = [c for _, c in (*self.listing, *self.exempt, *self.paths)]
        return self.policy.reads([self.limits, *several, *self.effects.values(), self.exit, self.margin])


def effects_scope(scope: Scope, file: TheRectification) -> Scope:
    """A scope with the path of a firm, unless the rules use that name for something else."""
    if PATH in scope.meanings:
        return scope
    known = tuple(dict.fromkeys((*(p.path for p in file.paths), *FOUR_PATHS)))
    return scope.with_meanings([Meaning(PATH, "text", 0, None, "整治方式", known)])


@once
def compile_rectification(ruleset: RuleSet) -> RectificationPlan:
    """The rectification of a rule set, compiled; the same object for the same rule set.

    Raises:
        RuleError: the set has no rectification.yaml, is only a base, or does not fit together; everything at once.
    """
    file = ruleset.rectification
    if file is None:
        raise RuleError(problem("rules_no_rectification", Place(file=ruleset.address)))
    if file.status == "abstract":
        raise RuleError(problem("rules_abstract", address=ruleset.address))
    if file.lists:
        known = [f"{n}（{one.label}）" if one.label else n for n, one in file.lists.items()]
        raise RuleError(problem("list_which", address=ruleset.address, known=known))
    plan, problems = check_rectification(ruleset, file)
    if problems:
        raise RuleError(problems)
    return plan


def check_rectification(ruleset: RuleSet, file: TheRectification) -> tuple[RectificationPlan, list[Problem]]:
    """The compiled rectification and everything that is wrong with it; of several lists all of their rules in one."""
    if file.lists:
        wrong: list[Problem] = []
        check_lists(file, ruleset.address, wrong)
        for one in each_list(file):
            wrong += check_rectification(ruleset, one)[1]
        return check_rectification(ruleset, together(file))[0], wrong
    problems: list[Problem] = []
    _check_references(file, ruleset.address, problems)
    policy = compile_policy_names(
        file.fields,
        ruleset.lookups.get("rectification", {}),
        _statistics_of(file),
        standing_meanings(ruleset) if file.subject == "enterprise" else parcel_meanings(ruleset),
        problems,
        texts_of(file),
        file.population,
        rated=ruleset.rating is not None and file.subject == "enterprise",
    )
    if file.subject == "parcel":
        plans = (s for s in policy.names.all_of(StatisticPlan) if isinstance(s, StatisticPlan))
        check_firms_only({s.name: s.source for s in plans}, problems)
    scope = policy.scope
    effects: dict[str, Compiled] = {}
    for name, source in file.effects.items():
        if name not in EFFECTS:
            near = Guess(nearest(name, EFFECTS))
            problems.append(problem("effect_unknown", source.place, name=name, known=list(EFFECTS), near=near))
            continue
        compiled = compile_number(source, effects_scope(scope, file), problems)
        if compiled is not None:
            wanted = _effect_unit(name, compiled)
            checked_unit(compiled.value, wanted, None, source.place, problems)
            effects[name] = compiled
    plan = RectificationPlan(
        ruleset,
        file,
        policy,
        compile_condition(file.scope, scope, problems) if file.scope else None,
        tuple((r, compile_condition(r.when, scope, problems)) for r in file.listing),
        tuple((e, compile_condition(e.when, scope, problems)) for e in file.exempt),
        tuple((p, compile_condition(p.when, scope, problems)) for p in file.paths),
        effects,
        compile_condition(file.exit.when, scope, problems) if file.exit else None,
        compile_condition(file.exit.margin, scope, problems) if file.exit and file.exit.margin else None,
    )
    return plan, problems


def _statistics_of(file: TheRectification) -> dict[str, Statistic]:
    """A file's statistics; of a list of parcels without those of firms that only other lists of the file ask for."""
    if file.subject == "enterprise":
        return file.statistics
    mentioning = "\n".join(texts_of(*file.listing, *file.exempt, *file.paths, file.exit, *file.fields.values()))
    mentioning += "\n".join(e.text for e in (*file.effects.values(), *([file.scope] if file.scope else [])))
    return {n: s for n, s in file.statistics.items() if n in mentioning or not set(s.over) & set(RELATIONS)}


def _effect_unit(name: str, compiled: Compiled) -> Unit:
    if name == "land_mu":
        return parse_unit("亩")
    unit = compiled.value.unit
    calorific = unit is not None and "energy_calorific" in dict(unit.dimensions)
    # Freed energy may be counted on either basis, but on one.
    return parse_unit("吨标煤当量值" if calorific else "吨标煤")


def _check_references(file: TheRectification, address: str, problems: list[Problem]) -> None:
    check_unique(
        {
            "listing": [(r.id, r.stands) for r in file.listing],
            "exempt": [(e.id, e.stands) for e in file.exempt],
            "paths": [(p.id, p.stands) for p in file.paths],
        },
        problems,
    )
    reasons = [r.id for r in file.listing]
    if not reasons and file.status != "abstract":
        problems.append(problem("listing_empty", Place(file=f"{address}/rectification.yaml", key="listing")))
    for e in file.exempt:
        for name in e.of:
            if name not in reasons:
                near = Guess(nearest(name, reasons))
                problems.append(
                    problem("exempt_of_unknown", e.stands, id=e.id, name=name, known=reasons or "—", near=near)
                )
    paths = list(dict.fromkeys(p.path for p in file.paths))
    for entry in file.exit.evidence if file.exit else ():
        for name in entry.evidence.paths:
            if name not in paths:
                near = Guess(nearest(name, paths))
                problems.append(
                    problem(
                        "evidence_of_unknown", entry.evidence.stands, kind=entry.evidence.kind, name=name,
                        known=paths or "—", near=near,
                    )
                )  # fmt: skip
    for p in file.paths:
        if p.months <= 0:
            problems.append(problem("path_months", p.stands, id=p.id, months=p.months))
    if file.watch is not None and file.watch.months < 0:
        problems.append(
            problem(
                "path_months", Place(file=f"{address}/rectification.yaml", key="watch"), id="watch",
                months=file.watch.months,
            )
        )  # fmt: skip
