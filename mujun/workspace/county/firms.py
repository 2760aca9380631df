"""`county.firms`: everything about one enterprise, and why it has its tier."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.workspace.firms import explaining, showing
    from mujun.workspace.runs import trying
else:
    explaining = Late("mujun.workspace.firms.explaining")
    showing = Late("mujun.workspace.firms.showing")
    trying = Late("mujun.workspace.runs.trying")


class Firms(Group):
    """Everything about one enterprise, and why it has its tier."""

    show = Verb(showing.enterprise_card)
    explain = Verb(explaining.explain)
    explaining = Verb(explaining.explaining)
    tried = Free(trying.firm_tried)
