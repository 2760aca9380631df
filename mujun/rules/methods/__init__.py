"""The scoring methods, each one object in a module of its own.

To add one, write its module as the others are written and enter it here: reading, the JSON Schema, the reference, the
checks, the rating, draws, explanations and documents ask the object.
"""

from __future__ import annotations

from mujun.rules.methods.formula import FORMULA
from mujun.rules.methods.inverse import INVERSE
from mujun.rules.methods.linear import LINEAR
from mujun.rules.methods.method import Peers, Scored, ScoringMethod
from mujun.rules.methods.minmax import MINMAX
from mujun.rules.methods.percentile import PERCENTILE
from mujun.rules.methods.ratio import RATIO
from mujun.rules.methods.steps import STEPS
from mujun.rules.methods.working import Figures, Working

METHODS: dict[str, ScoringMethod] = {m.name: m for m in (RATIO, MINMAX, INVERSE, LINEAR, STEPS, PERCENTILE, FORMULA)}
"""By the word in a rule file."""

__all__ = [
    "METHODS",
    "RATIO",
    "Figures",
    "Peers",
    "Scored",
    "ScoringMethod",
    "Working",
]
