"""`county.monitor`: how far the year's work is, against its targets."""

from mujun.workspace import year_path
from mujun.workspace.county.group import Group, Verb
from mujun.workspace.rectification import monitoring


class Monitor(Group):
    """How far the year's work is, against its targets."""

    status = Verb(monitoring.status)
    year_path = Verb(year_path.year_path)
