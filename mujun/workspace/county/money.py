"""`county.money`: what tiers come to in money and quotas."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.workspace.money import amounts, keeping, projects
    from mujun.workspace.runs import policies
else:
    amounts = Late("mujun.workspace.money.amounts")
    keeping = Late("mujun.workspace.money.keeping")
    policies = Late("mujun.workspace.runs.policies")
    projects = Late("mujun.workspace.money.projects")


class Money(Group):
    """What tiers come to in money and quotas."""

    allocate = Verb(amounts.allocation_of)
    amounts_of = Verb(policies.amounts_of)
    explain = Free(amounts.explained_amounts)
    years_apart = Free(amounts.years_apart)
    offices = Verb(amounts.office_lists)
    levers = Verb(amounts.levers)
    land_tax = Verb(amounts.land_tax)
    against_last_year = Verb(amounts.against_last_year)
    other_rules = Verb(amounts.other_rules)
    keep = Verb(keeping.keep_amounts)
    kept = Verb(keeping.kept_amounts)
    kept_table = Verb(keeping.kept_table)
    recall = Verb(keeping.recall_amounts)
    freed = Verb(projects.freed_energy)
    pools = Verb(projects.project_pools)
    drawn_on = Verb(projects.drawn_on)
    substitutions = Verb(projects.substitution_state)
    substitute = Verb(projects.enter_substitutions)
