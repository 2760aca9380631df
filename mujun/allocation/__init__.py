"""Allocation: what a tier costs and brings, in amounts that can be argued to the 分.

`allocate` is a pure function of a frame, its rating, usage records and allocation files; `explain_amount` says in words
how an amount came about. `share_pool` shares out freed energy, `substitute` keeps the ledger of two-high projects,
`land_use_tax` computes what is due on land.
"""

from mujun.allocation.allocate import allocate
from mujun.allocation.explaining import explain_amount
from mujun.allocation.land_use_tax import LandUseTax, land_use_tax
from mujun.allocation.pool import Project, Shared, SharedPool, share_pool
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

__all__ = [
    "ACCOUNTS",
    "COLUMNS",
    "Allocation",
    "Balance",
    "LandUseTax",
    "Ledger",
    "NewProject",
    "Project",
    "Shared",
    "SharedPool",
    "Source",
    "Spending",
    "allocate",
    "checked_usage",
    "explain_amount",
    "land_use_tax",
    "share_pool",
    "substitute",
    "usage_against_year",
    "with_sources",
]
