"""That a store is of an older format, and that it was upgraded: told to each of the bureau once, on a page.

The store tells it through its log, whose record carries the message; here it is kept for whoever opens a page next.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from nicegui import ui

from mujun import messages
from mujun.errors import Problem

if TYPE_CHECKING:
    from mujun.workbench.view import View


class StoreTold(logging.Filter):
    """What a store told of itself. It looks at the log's records and lets all of them pass, to the terminal as well.

    Attributes:
        told: what is still so, by a number that each has once.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.told: dict[int, Problem] = {}
        self._path = path
        self._count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep what a record tells of this store."""
        told = getattr(record, "told", None)
        if isinstance(told, Problem) and told.values.get("file") == self._path:
            if told.code == "upgrade_done":
                # What was to come has come.
                self.told.clear()
            self._count += 1
            self.told[self._count] = told
        return True


LOG = logging.getLogger("mujun.store")
"""Where a store tells of its format."""


def tell_of_store(view: View) -> None:
    """Say it beside the page to one of the bureau who has not been told, until it is read."""
    if view.person.role != "bureau":
        return
    for number, told in list(view.desk.store_told.told.items()):
        if number not in view.tray.heard:
            view.tray.heard.add(number)
            with ui.context.client.content, messages.on_pages():
                ui.notification(
                    str(told), type="info", timeout=None, multi_line=True,
                    close_button=messages.text("workbench_close"),
                )  # fmt: skip
