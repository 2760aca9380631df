"""`county.firms`: everything about one enterprise, and why it has its tier."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.firms import explaining, showing


class Firms(Group):
    """Everything about one enterprise, and why it has its tier."""

    show = Verb(showing.enterprise_card)
    explain = Verb(explaining.explain)
    explaining = Verb(explaining.explaining)
