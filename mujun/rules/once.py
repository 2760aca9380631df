"""What is compiled of a rule set, compiled once for the same one."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from mujun.rules.ruleset import RuleSet

Plan = TypeVar("Plan")


class _ByIdentity:
    """Lets a rule set be a cache key by identity: it is frozen, but holds frames that cannot be hashed."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset

    def __hash__(self) -> int:
        return id(self.ruleset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.ruleset is self.ruleset


def once(compiling: Callable[[RuleSet], Plan]) -> Callable[[RuleSet], Plan]:
    """A function that compiles a rule set, giving the same object for the same rule set."""

    @lru_cache(maxsize=16)
    def kept(given: _ByIdentity) -> Plan:
        return compiling(given.ruleset)

    @wraps(compiling)
    def asked(ruleset: RuleSet) -> Plan:
        return kept(_ByIdentity(ruleset))

    return asked
