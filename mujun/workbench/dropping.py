"""What becomes of a page that somebody closed: its memory is free at once, without a search for garbage.

NiceGUI's elements hold themselves: classes, style and properties of each know the element's function that sends them to
the browser. A page holds itself as well, by what draws it anew and by fields that look at each other. Such circles are
freed by Python's collector alone, and what has lived as long as a page is looked at only after a million new objects:
hundreds of pages would wait for that, each of a fifth of a megabyte, and then everybody while they are freed.
So they are cut when a page goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from nicegui import app, ui
from nicegui.elements.mixins.value_element import ValueElement

if TYPE_CHECKING:
    from nicegui import Client

    from mujun.workbench.view import View

TAB = 600.0
"""Seconds that NiceGUI keeps what a tab has stored, which is nothing: by itself it would keep it for a month."""


def keep_no_tabs() -> None:
    """Have the empty stores of tabs forgotten soon."""
    app.storage.max_tab_storage_age = TAB


def free_when_closed(client: Client, view: View) -> None:
    """See to it that a page's memory is free when the page goes.

    Args:
        client: the page as NiceGUI knows it.
        view: the page as it is known here.
    """
    client.on_delete(partial(_closed, view))


def _closed(view: View, client: Client) -> None:
    view.fill = None
    cut(client.elements.values())


def cut(elements: Iterable[ui.element]) -> None:
    """Cut the circles of elements that go: nothing of them is sent any more."""
    for element in elements:
        for kept in (element.classes, element.style, element.props):
            kept._change_handlers.clear()
        if isinstance(element, ValueElement):
            element._change_handlers.clear()
        if isinstance(element, ui.upload):
            # FastAPI remembers the last four thousand functions that took uploads: each may have its element, but is
            # not to have its page.
            for takers in (element._begin_upload_handlers, element._upload_handlers, element._multi_upload_handlers):
                takers.clear()
