"""A firm's land rows brought to an area that was measured on site.

What is measured is the ground a firm stands on: one figure. Where all of it is the firm's own and nobody rents or
lets, the rows can be brought to it: the only row takes the figure; of several rows the largest takes the difference,
for nobody measured the others. Where there is a lease, both sides' rows would have to change, and which of them is
wrong nobody on site can tell: such a firm's land is left as it is, and a person decides. So is one whose area is so far
from the record that the figure itself is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from mujun.records.leases import OWNED

TIMES = 10
"""A measured area this many times what is on record, or that part of it, is rather in another unit (㎡ for 亩)."""

Row = Mapping[str, object]
Why = Literal["survey_land_unknown", "survey_land_leased", "survey_land_vanishes", "survey_land_implausible"]
"""Why rows cannot be brought to an area; the code of the finding that says so."""


def resized(rows: Sequence[Row], *, leased: bool, net: Decimal, measured: Decimal) -> list[dict[str, object]] | Why:
    """The rows with the measured area.

    Args:
        rows: the firm's land rows of a year.
        leased: whether the firm is a side of any lease, by its own rows or by others'.
        net: its land as it stands, in 亩.
        measured: its land as measured, in 亩.

    Returns:
        All rows, one of them changed; or why they cannot be.

    >>> resized([{"tenure": "自有", "area_mu": Decimal(10)}], leased=False, net=Decimal(10), measured=Decimal("8.5"))
    [{'tenure': '自有', 'area_mu': Decimal('8.5')}]
    """
    if not rows:
        return "survey_land_unknown"
    if leased or any(r["tenure"] != OWNED for r in rows):
        return "survey_land_leased"
    largest = max(range(len(rows)), key=lambda i: (_area(rows[i]), -i))
    area = _area(rows[largest]) + measured - net
    if area <= 0:
        return "survey_land_vanishes"
    if not net < measured * TIMES or not measured < net * TIMES:
        return "survey_land_implausible"
    return [{**r, "area_mu": area} if i == largest else dict(r) for i, r in enumerate(rows)]


def _area(row: Row) -> Decimal:
    return Decimal(str(row["area_mu"]))
