"""`python -m tests.workbench.closed_pages STORE FOLDER`: opens pages, closes them, ends with 1 if anything is left."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from pathlib import Path

from nicegui import ui

from mujun import messages
from mujun.workbench.view import View
from tests.workbench.simulated import Bench, played
from tests.workspace.small_county import F

PATHS = (
    "/", "/data", "/checks", "/confirmation", "/rating", "/rating/1", "/list", "/measures", "/firms", f"/firms/{F[1]}",
    f"/firms/{F[1]}/calculator", "/parcels", "/problems", "/monitoring", "/rules", "/changes",
)  # fmt: skip


def closed(bench: Bench) -> None:
    """Close the page that is open, as NiceGUI does when its browser does not come back."""
    client = bench.user._client
    bench.user.client = None
    client.delete()


def still_there(elements: list[weakref.ref[ui.element]]) -> list[ui.element]:
    """Those that are held.

    An upload stays, hollow: FastAPI remembers the function that it was given.
    """
    return [e for ref in elements if not isinstance(e := ref(), ui.upload | None)]


def holders(held: list[ui.element]) -> dict[str, list[str]]:
    """What holds each of them: looked for among all objects, which takes its time."""
    return {str(e): [f"{type(r).__name__} {r!r:.200}" for r in gc.get_referrers(e) if r is not held] for e in held}


async def opened_and_closed(bench: Bench, path: str) -> None:
    """One page, of which nothing is to be left."""
    await bench.open(path)
    elements: list[weakref.ref[ui.element]] = [weakref.ref(e) for e in bench.user._client.elements.values()]
    looks = [weakref.ref(x) for e in bench.user._client.elements.values() for x in (e.classes, e.style, e.props)]
    client = weakref.ref(bench.user._client)
    assert len(elements) > 12
    closed(bench)
    # Its tasks hold it until they end, and NiceGUI looks for the slots of tasks that have ended every ten seconds.
    for _ in range(1000):
        if not still_there(elements):
            break
        await asyncio.sleep(0.02)
    left = holders(still_there(elements))
    assert left == {}, f"{path}: {left}"
    # What was sent to the browser may still be here; it leads nowhere.
    leading = [handler for look in looks if (x := look()) is not None for handler in x.change_handlers]
    assert leading == [], path
    assert client() is None, path
    assert [o.path for o in gc.get_objects() if isinstance(o, View)] == [], path


async def play(bench: Bench) -> None:
    """All pages, while nobody looks for garbage."""
    await bench.open("/")
    closed(bench)
    await asyncio.sleep(0.5)
    gc.collect()
    gc.disable()
    for path in PATHS:
        await opened_and_closed(bench, path)


if __name__ == "__main__":
    messages.set_language("zh")
    played(Path(sys.argv[1]), Path(sys.argv[2]), play)
