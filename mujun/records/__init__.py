"""Records: department files become typed, checked tables and findings; tables become the frame that is rated.

`read_file` takes one file; `YearEnd` brings the tables of a year together, `check_tables` looks across them;
`build_frame` gives one row per enterprise, `land_register` a year's firms and leases with what both sides say.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.records.across import check_tables
    from mujun.records.finding import FINDING_SCHEMA, Finding, Severity, finding_about, findings_frame
    from mujun.records.frame import build_frame
    from mujun.records.identity import repair_of
    from mujun.records.land_findings import doubtful_parties
    from mujun.records.land_register import LandRegister, land_register
    from mujun.records.land_use_tax import LandUseTax, land_use_tax
    from mujun.records.loaded import FileRecords, LoadedTable
    from mujun.records.reading import OWN_SHEETS, read_file
    from mujun.records.succeeding import with_successors
    from mujun.records.year_end import YearEnd

open_late(
    __name__,
    {
        "across": "check_tables",
        "finding": "FINDING_SCHEMA Finding Severity finding_about findings_frame",
        "frame": "build_frame",
        "identity": "repair_of",
        "land_findings": "doubtful_parties",
        "land_register": "LandRegister land_register",
        "land_use_tax": "LandUseTax land_use_tax",
        "loaded": "FileRecords LoadedTable",
        "reading": "OWN_SHEETS read_file",
        "succeeding": "with_successors",
        "year_end": "YearEnd",
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
    "YearEnd",
    "build_frame",
    "check_tables",
    "doubtful_parties",
    "finding_about",
    "findings_frame",
    "land_register",
    "land_use_tax",
    "read_file",
    "repair_of",
    "with_successors",
]
