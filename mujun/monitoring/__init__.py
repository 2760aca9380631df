"""Monitoring: what has been achieved, held against what a plan promises, by group and as a race.

`progress` is a pure function of where everyone on the lists stands and of a day; `against_targets` holds it, and what
is reported by hand, against targets.yaml.
"""

from mujun.monitoring.progress import DIMENSIONS, GROUP_SCHEMA, Totals, by_group, totals
from mujun.monitoring.targets import TARGET_SCHEMA, against_targets

__all__ = [
    "DIMENSIONS",
    "GROUP_SCHEMA",
    "TARGET_SCHEMA",
    "Totals",
    "against_targets",
    "by_group",
    "months_left",
    "totals",
]
