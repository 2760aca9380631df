"""What is changed on a page is tried once nothing follows, and only what the last change came to is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from mujun.errors import UsageError, problem
from mujun.workbench.turns import Turns
from mujun.workbench.view import View


class Desk:
    """Reads at once, or after as many seconds as the step says."""

    async def read(self, step: Callable[[Any], float]) -> float:
        seconds = step(None)
        await asyncio.sleep(seconds)
        return seconds


class Page:
    """As much of a view as turns ask for."""

    desk = Desk()


def outcomes(play: Callable[[Turns, Callable[[float | None, str], None]], Any]) -> list[tuple[float | None, str]]:
    seen: list[tuple[float | None, str]] = []
    turns = Turns(cast("View", Page()), 0.02)
    asyncio.run(play(turns, lambda given, trouble: seen.append((given, trouble))))
    return seen


def test_quick_changes_are_one_and_the_last_counts() -> None:
    typed = [0.0]

    async def play(turns: Turns, shown: Callable[[float | None, str], None]) -> None:
        async def change(value: float) -> None:
            typed[0] = value
            now = typed[0]
            await turns.tried(lambda: lambda _: typed[0] if now else 0.0, shown)

        await asyncio.gather(*(change(v) for v in (0.001, 0.002, 0.003)))

    assert outcomes(play) == [(0.003, "")]


def test_what_a_change_before_comes_to_is_not_shown_any_more() -> None:
    async def play(turns: Turns, shown: Callable[[float | None, str], None]) -> None:
        slow = asyncio.create_task(turns.tried(lambda: lambda _: 0.1, shown, at_once=True))
        await asyncio.sleep(0.03)
        await turns.tried(lambda: lambda _: 0.0, shown, at_once=True)
        await slow

    assert outcomes(play) == [(0.0, "")]


def test_the_sentence_of_an_error_is_shown_and_nothing_to_try_is_nothing() -> None:
    def refuses(_: Any) -> float:
        raise UsageError(problem("rights_refused"))

    async def play(turns: Turns, shown: Callable[[float | None, str], None]) -> None:
        await turns.tried(lambda: refuses, shown)
        await turns.tried(lambda: None, shown)

    refused, nothing = outcomes(play)
    assert refused[0] is None
    assert refused[1] == str(UsageError(problem("rights_refused")))
    assert nothing == (None, "")
