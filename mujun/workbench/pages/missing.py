"""An address under which there is no page: said in the reader's language, with the menu and a way back."""

from __future__ import annotations

from nicegui import ui

from mujun import messages
from mujun.workbench.frame import Page, heading
from mujun.workbench.rights import MISSING
from mujun.workbench.view import View


async def read(view: View) -> None:
    """Nothing is asked of the county."""


def draw(view: View, given: None) -> None:
    """Which address it was, and the way to the first page."""
    heading(messages.text("workbench_no_page"))
    ui.label(messages.text("workbench_no_page_says", address=view.path)).classes("question")
    ui.link(messages.text("workbench_home"), "/")


NO_PAGE = Page(MISSING, "workbench_no_page", draw, read, without_store=True)
"""What is shown under an address that no page has."""
