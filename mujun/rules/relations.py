"""`over: [parcel]` and `over: [landlord]`: statistics of the firms on one's own parcels, and of one's own tenants.

The groups overlap: a firm stands on two parcels, or rents from two landlords. So every firm has a group of its own:
whoever shares a parcel with it, itself among them, or whoever rents from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from mujun.errors import Problem, problem
from mujun.rules.model import Statistic
from mujun.rules.model.names import RELATIONS, Relation

RELATION_LABELS: Mapping[Relation, str] = {"parcel": "同一地块上的企业", "landlord": "自己的承租企业"}


def relation_of(statistic: Statistic, names: Collection[str]) -> Relation | None:
    """The relation that a statistic is over, as read or told apart already; none where the name is the file's own."""
    return statistic.relation or next((r for r in RELATIONS if r in statistic.over and r not in names), None)


def with_relations(
    statistics: Mapping[str, Statistic], names: Collection[str], problems: list[Problem]
) -> dict[str, Statistic]:
    """The statistics with the relation that their `over` names told apart from the keys beside it.

    Args:
        statistics: as read.
        names: every name that there is: a file that declares one called `parcel` means that.
        problems: gathers statistics over two relations at once.
    """
    told: dict[str, Statistic] = {}
    for name, statistic in statistics.items():
        meant = [r for r in RELATIONS if r in statistic.over and r not in names]
        if len(meant) > 1:
            problems.append(problem("statistic_two_relations", statistic.stands, name=name))
        if meant:
            over = tuple(o for o in statistic.over if o not in meant)
            statistic = replace(statistic, over=over, relation=meant[0])
        told[name] = statistic
    return told


def check_firms_only(statistics: Mapping[str, Statistic], problems: list[Problem]) -> None:
    """Refuse relations where several firms are one subject: its parcels and tenants are in it already."""
    for name, statistic in statistics.items():
        if statistic.relation is not None:
            problems.append(problem("statistic_relation_merged", statistic.stands, name=name))
