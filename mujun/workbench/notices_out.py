"""Notices of a result that are not over, named where something is done that touches them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from nicegui import ui

from mujun import messages
from mujun.messages import MessageKey
from mujun.workbench.view import View


async def still_out(view: View, code: MessageKey, years: Iterable[int], day: date | None = None) -> list[str]:
    """A sentence for each notice of these years' results that is not over on a day, today where none is given."""
    asked = sorted(set(years))
    return await view.desk.read(
        lambda county: [p.told(code, day) for year in asked for p in county.runs.still_out(year, day=day)]
    )


async def tell_still_out(view: View, code: MessageKey, years: Iterable[int], day: date | None = None) -> None:
    """Say so beside the page, until it is read."""
    for said in await still_out(view, code, years, day):
        ui.notification(
            said, type="warning", timeout=None, multi_line=True, close_button=messages.text("workbench_close")
        )
