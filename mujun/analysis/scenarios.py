"""Scenarios: named changes of rules that are tried against a baseline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from mujun.dataclass import dataclass
from mujun.errors import Place, RuleError, problem
from mujun.rules.ruleset import RuleSet
from mujun.rules.shape import Reading, in_short, key, read, standing
from mujun.rules.tree import Node, read_tree
from mujun.rules.variants import Setting, variant

_IDENTITY = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Settings:
    """What a scenario sets, by path."""

    settings: tuple[Setting, ...]

    schema: ClassVar[dict[str, Any]] = {"type": "object"}

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> Settings:
        """Settings from their mapping."""
        if not isinstance(node.value, dict):
            reading.wrong("scenario_set_mapping", node, path, value=in_short(node))
            return cls(())
        return cls(tuple(Setting(name, value, value.place(path)) for name, value in node.value.items()))


@dataclass(frozen=True)
class Scenario:
    """One thing to try: settings, other rules, or settings on other rules."""

    id: str = key("代号")
    label: str | None = key("名称", None)
    set: Settings | None = key("改动：路径与值", None)
    rules: str | None = key("换用的规则集", None)
    stands: Place = standing()

    @property
    def name(self) -> str:
        """What it is called: its label, else its id."""
        return self.label or self.id

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Its settings in order."""
        return self.set.settings if self.set is not None else ()


def scenario_of(settings: Sequence[Setting], rules: str | None, label: str | None) -> Scenario:
    """The scenario that the command line states."""
    return Scenario("whatif", label, Settings(tuple(settings)), rules)


def read_scenarios(text: str, file: str) -> tuple[Scenario, ...]:
    """The scenarios of a file: a YAML list, each with `id`, `label`, `set` (paths and values) and `rules`.

    Args:
        text: the file's text.
        file: its name, for messages.

    Raises:
        RuleError: it is no such list; every mistake at once with its line.
    """
    tree = read_tree(text, file)
    reading = Reading()
    if not isinstance(tree.value, tuple) or not tree.value:
        raise RuleError(problem("scenarios_empty", Place(file=file)))
    scenarios: tuple[Scenario | None, ...] = read(tuple[Scenario, ...], tree, "scenarios", reading)
    well_read = not reading.problems
    seen: dict[str, int] = {}
    for number, scenario in enumerate(scenarios):
        node = tree.value[number]
        if scenario is None or not scenario.id:
            continue
        if not _IDENTITY.fullmatch(scenario.id):
            reading.wrong("scenario_id", node, f"scenarios.{scenario.id}", id=scenario.id)
        if scenario.id in seen:
            reading.wrong("scenario_twice", node, f"scenarios.{scenario.id}", id=scenario.id)
        if well_read and not scenario.settings and scenario.rules is None:
            reading.wrong("scenario_says_nothing", node, f"scenarios.{scenario.id}", id=scenario.id)
        seen[scenario.id] = number
    if reading.problems:
        raise RuleError(reading.problems)
    return tuple(s for s in scenarios if s is not None)


def ruleset_of(scenario: Scenario, base: RuleSet) -> RuleSet:
    """The rules of a scenario.

    Args:
        scenario: what is to be tried.
        base: what its settings change: the baseline's rules, or the scenario's own `rules` as loaded.

    Raises:
        UsageError, RuleError: as `mujun.rules.variants.variant`.
    """
    return variant(base, scenario.id, scenario.settings) if scenario.settings else base
