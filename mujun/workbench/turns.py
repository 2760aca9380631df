"""Trying what somebody changes on a page: quick changes are one, and only what the last came to is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from mujun.errors import MujunError
from mujun.workbench.view import View, sentence_of

if TYPE_CHECKING:
    from mujun.workspace.county import County

T = TypeVar("T")


class Turns:
    """The turns of one page: a change takes the turn from those before it.

    Args:
        view: the page.
        pause: seconds without a change after which it is tried.
    """

    def __init__(self, view: View, pause: float) -> None:
        self._view = view
        self._pause = pause
        self._turn = 0

    async def tried(
        self,
        step: Callable[[], Callable[[County], T] | None],
        shown: Callable[[T | None, str], None],
        *,
        at_once: bool = False,
    ) -> None:
        """Try beside the page, and show what it came to or the sentence why it cannot be; nothing once others follow.

        Args:
            step: gives what is tried, asked when the pause is over; nothing where there is nothing to try.
            shown: takes what it gave, or the sentence.
            at_once: whether it waits for no further change.
        """
        self._turn += 1
        turn = self._turn
        if not at_once:
            await asyncio.sleep(self._pause)
            if turn != self._turn:
                return
        tries, given, trouble = step(), None, ""
        if tries is not None:
            try:
                given = await self._view.desk.read(tries)
            except MujunError as error:
                trouble = sentence_of(error)
        if turn == self._turn:
            shown(given, trouble)
