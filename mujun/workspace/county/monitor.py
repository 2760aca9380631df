"""`county.monitor`: how far the year's work is, against its targets."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.rectification import monitoring


class Monitor(Group):
    """How far the year's work is, against its targets."""

    status = Verb(monitoring.status)
