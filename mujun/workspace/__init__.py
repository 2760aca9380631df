"""A county's workspace: the store and everything that is done with it, for the command line and for notebooks.

`Workspace` loads, checks, rates and keeps runs. The other modules of this room each do one more of the bureau's jobs
with a workspace, as free functions that take it first.
"""

from mujun.workspace.computing import YearResult, extra_kinds
from mujun.workspace.verifying import TableVerified, Verification
from mujun.workspace.workspace import (
    FileOutcome,
    LoadOutcome,
    Progress,
    Workspace,
    case_engine,
)

__all__ = [
    "FileOutcome",
    "LoadOutcome",
    "Progress",
    "TableVerified",
    "Verification",
    "Workspace",
    "YearResult",
    "case_engine",
    "extra_kinds",
]
