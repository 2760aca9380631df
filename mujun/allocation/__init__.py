"""Allocation: what a tier costs and brings, in amounts that can be argued to the 分.

`allocate` is a pure function of a frame, its rating, usage records and allocation files; `explain_amount` says in words
how an amount came about. `office_list` puts amounts on account numbers, `lever_ledger` reports them by quarter;
`share_among_projects` shares out freed energy, `substitute` keeps the ledger of two-high projects.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.allocation.accounts import OfficeList, office_list, offices_of
    from mujun.allocation.allocate import allocate
    from mujun.allocation.explaining import explain_amount
    from mujun.allocation.levers import LeverLedger, LeverLine, Quarter, lever_ledger
    from mujun.allocation.pool import Project, Shared, SharedPool, share_pool
    from mujun.allocation.project_pool import ProjectPool, share_among_projects
    from mujun.allocation.result import COLUMNS, Allocation
    from mujun.allocation.substitution import (
        ACCOUNTS,
        Balance,
        Ledger,
        NewProject,
        Source,
        Spending,
        substitute,
        with_sources,
    )
    from mujun.allocation.usage import checked_usage, usage_against_year

open_late(
    __name__,
    {
        "accounts": "OfficeList office_list offices_of",
        "allocate": "allocate",
        "explaining": "explain_amount",
        "levers": "LeverLedger LeverLine Quarter lever_ledger",
        "pool": "Project Shared SharedPool share_pool",
        "project_pool": "ProjectPool share_among_projects",
        "result": "COLUMNS Allocation",
        "substitution": "ACCOUNTS Balance Ledger NewProject Source Spending substitute with_sources",
        "usage": "checked_usage usage_against_year",
    },
)

__all__ = [
    "ACCOUNTS",
    "COLUMNS",
    "Allocation",
    "Balance",
    "Ledger",
    "LeverLedger",
    "LeverLine",
    "NewProject",
    "OfficeList",
    "Project",
    "ProjectPool",
    "Quarter",
    "Shared",
    "SharedPool",
    "Source",
    "Spending",
    "allocate",
    "checked_usage",
    "explain_amount",
    "lever_ledger",
    "office_list",
    "offices_of",
    "share_among_projects",
    "share_pool",
    "substitute",
    "usage_against_year",
    "with_sources",
]
