"""`county.monitor`: how far the year's work is, against its targets."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Group, Verb

if TYPE_CHECKING:
    from mujun.workspace import year_path
    from mujun.workspace.rectification import monitoring
else:
    monitoring = Late("mujun.workspace.rectification.monitoring")
    year_path = Late("mujun.workspace.year_path")


class Monitor(Group):
    """How far the year's work is, against its targets."""

    status = Verb(monitoring.status)
    year_path = Verb(year_path.year_path)
