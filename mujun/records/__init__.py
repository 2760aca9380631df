"""Records: department files become typed, checked tables and findings; tables become the frame that is rated.

`read_file` takes one file; `check_tables` looks across the tables of a year; `reconcile_land` and `build_frame` give
one row per enterprise, `land_register` a year's firms and leases with what both sides say.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.records.across import check_tables
    from mujun.records.finding import FINDING_SCHEMA, Finding, Severity, finding_about, findings_frame
    from mujun.records.frame import build_frame
    from mujun.records.identity import repair_of
    from mujun.records.land import reconcile_land
    from mujun.records.land_register import LandRegister, check_parties, land_register
    from mujun.records.land_use_tax import LandUseTax, land_use_tax
    from mujun.records.loaded import FileRecords, LoadedTable
    from mujun.records.reading import OWN_SHEETS, read_file
    from mujun.records.succeeding import with_successors

open_late(
    __name__,
    {
        "across": "check_tables",
        "finding": "FINDING_SCHEMA Finding Severity finding_about findings_frame",
        "frame": "build_frame",
        "identity": "repair_of",
        "land": "reconcile_land",
        "land_register": "LandRegister check_parties land_register",
        "land_use_tax": "LandUseTax land_use_tax",
        "loaded": "FileRecords LoadedTable",
        "reading": "OWN_SHEETS read_file",
        "succeeding": "with_successors",
    },
)

__all__ = [
    "FINDING_SCHEMA",
    "OWN_SHEETS",
    "FileRecords",
    "Finding",
    "LandRegister",
    "LandUseTax",
    "LoadedTable",
    "Severity",
    "build_frame",
    "check_parties",
    "check_tables",
    "finding_about",
    "findings_frame",
    "land_register",
    "land_use_tax",
    "read_file",
    "reconcile_land",
    "repair_of",
    "with_successors",
]
