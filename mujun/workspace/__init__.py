"""A county's workspace: the store and everything that is done with it, for the command line and for notebooks.

`Workspace` loads, checks, rates and keeps runs. Everything else is free functions that take it first, in rooms by the
bureau's jobs: `identity` (who a record is about), `firms` (all about one), `rounds` (workbooks out and back),
`rectification`, `money`, `runs` (past ratings compared and tried otherwise); `second_look` doubts the data.
"""

from mujun.workspace.computing import YearResult, case_engine, extra_kinds
from mujun.workspace.loaded import FileOutcome, LoadOutcome
from mujun.workspace.runs.verifying import TableVerified, Verification
from mujun.workspace.workspace import Progress, Workspace

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
