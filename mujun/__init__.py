"""mujun (亩均): the per-mu efficiency engine of county economy bureaus.

>>> import mujun
>>> rules = mujun.load_rules("zhejiang/huangyan-2022")
>>> rules.name
'黄岩区2022年度工业企业综合评价'

The public interface: `County`, a county's store and the year's work on it, in groups (`county.data`, `county.runs`, …);
and what needs no store: `read_file` (a department's file), `build_frame` (records to one row per enterprise),
`load_rules`, `rate`, `list_enterprises`, `allocate`. Everything else is inside.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from mujun.allocation import Allocation
    from mujun.allocation.allocate import allocate
    from mujun.errors import InputError, MujunError, RatingError, RuleError, StoreError, UsageError
    from mujun.rating import Rating
    from mujun.rating.rate import rate
    from mujun.records import build_frame, read_file
    from mujun.rectification import Listing, list_enterprises
    from mujun.rules import RuleSet, load_rules
    from mujun.workspace import County

_ROOMS = {
    "Allocation": "mujun.allocation",
    "County": "mujun.workspace",
    "InputError": "mujun.errors",
    "Listing": "mujun.rectification",
    "MujunError": "mujun.errors",
    "Rating": "mujun.rating",
    "RatingError": "mujun.errors",
    "RuleError": "mujun.errors",
    "RuleSet": "mujun.rules",
    "StoreError": "mujun.errors",
    "UsageError": "mujun.errors",
    "allocate": "mujun.allocation",
    "build_frame": "mujun.records",
    "list_enterprises": "mujun.rectification",
    "load_rules": "mujun.rules",
    "rate": "mujun.rating",
    "read_file": "mujun.records",
}

__all__ = [
    "Allocation",
    "County",
    "InputError",
    "Listing",
    "MujunError",
    "Rating",
    "RatingError",
    "RuleError",
    "RuleSet",
    "StoreError",
    "UsageError",
    "allocate",
    "build_frame",
    "list_enterprises",
    "load_rules",
    "rate",
    "read_file",
]


def __getattr__(name: str) -> Any:
    # Polars, DuckDB and pandera take half a second to import: a room is opened when it is first asked for.
    if name == "Workspace":
        from mujun import messages

        raise AttributeError(messages.text("interface_workspace"))
    if name not in _ROOMS:
        raise AttributeError(f"module 'mujun' has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
