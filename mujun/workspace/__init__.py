"""What is done with a county's store, in rooms by the bureau's jobs, and `County`, their face.

`data` (records coming in), `identity` (who a record is about), `runs` (ratings), `rounds` (workbooks out and back),
`rectification`, `money`, `firms` (all about one), `second_look` (doubting the data): free functions whose first
parameter is the county. They know `CountyFile`; only `county` knows them.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.workspace.computing import YearResult, case_engine
    from mujun.workspace.county import County
    from mujun.workspace.data.outcome import FileOutcome, LoadOutcome
    from mujun.workspace.frames_at import extra_kinds
    from mujun.workspace.runs.verifying import TableVerified, Verification

open_late(
    __name__,
    {
        "computing": "YearResult case_engine",
        "county": "County",
        "data.outcome": "FileOutcome LoadOutcome",
        "frames_at": "extra_kinds",
        "runs.verifying": "TableVerified Verification",
    },
)

__all__ = [
    "County",
    "FileOutcome",
    "LoadOutcome",
    "TableVerified",
    "Verification",
    "YearResult",
    "case_engine",
    "extra_kinds",
]
