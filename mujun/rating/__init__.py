"""Rating: frame and rules in, tiers out; pure Polars, no files, no store.

The order is that of the rule language: fields, who is rated, indicators and statistics, points, adjustments, score,
rank, tier. Every step adds columns and none is taken away: the columns are the explanation.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.rating.digest import digest_of
    from mujun.rating.notes import notes_of
    from mujun.rating.rate import rate
    from mujun.rating.result import Rating, Verified

open_late(
    __name__,
    {
        "digest": "digest_of",
        "notes": "notes_of",
        "rate": "rate",
        "result": "Rating Verified",
    },
)

__all__ = ["Rating", "Verified", "digest_of", "notes_of", "rate"]
