"""`county.firms`: everything about one enterprise."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.firms import showing


class Firms(Group):
    """Everything about one enterprise."""

    show = Verb(showing.enterprise_card)
