"""`county.identity`: who a record is about."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Group, Verb

if TYPE_CHECKING:
    from mujun.workspace.identity import deciding, licences
else:
    deciding = Late("mujun.workspace.identity.deciding")
    licences = Late("mujun.workspace.identity.licences")


class Identity(Group):
    """Who a record is about: names decided by a person, codes that changed."""

    proposals = Verb(deciding.open_proposals)
    accept = Verb(deciding.accept_one)
    accept_workbook = Verb(deciding.accept_workbook)
    licence = Verb(licences.confirm_licence)
    licences = Verb(licences.licences)
    alias = Verb(deciding.add_alias)
    changes = Verb(deciding.changes_of_codes)
