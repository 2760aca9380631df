"""Whose firm or parcel an address is about: a township sees its own, whatever was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mujun.errors import UsageError
from mujun.workbench.rights import refuse_unless

if TYPE_CHECKING:
    from mujun.workbench.view import View
    from mujun.workspace.county import County


async def refuse_others(view: View) -> None:
    """Let a page about one firm or parcel be read by those only whose it is; others hear the same of what is not there.

    Raises:
        UsageError: it is none of theirs.
    """
    if not view.person.limited or not view.named:
        return
    asked = dict(view.named)
    code, number = asked.pop("code", None), asked.pop("number", None)
    refuse_unless(not asked and view.person.role == "township")
    if code is not None:
        refuse_unless((await view.desk.kept("townships of firms", firms_by_township)).get(code) == view.person.of)
    if number is not None:
        refuse_unless((await view.desk.kept("townships of parcels", parcels_by_township)).get(number) == view.person.of)


def firms_by_township(county: County) -> dict[str, str | None]:
    """The township of every firm, as the newest roll that has it says."""
    roll = county.data.table("enterprises").sort("year").unique("credit_code", keep="last")
    return dict(roll.select("credit_code", "township").iter_rows())


def parcels_by_township(county: County) -> dict[str, str | None]:
    """The township of every parcel, as the newest year's register says."""
    known: dict[str, str | None] = {}
    for year in county.data.years():
        try:
            rows = county.parcels.list(year).brief
        except UsageError:
            # A year without parcels has nobody's.
            continue
        known |= dict(rows.filter(pl.col("parcel").is_not_null()).select("parcel", "township").iter_rows())
    return known
