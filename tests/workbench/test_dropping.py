"""A page that was closed is gone: by itself, without the collector, which would come hundreds of pages later."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path

from nicegui import app, ui
from nicegui.background_tasks import running_tasks

from mujun.workbench.dropping import TAB
from mujun.workbench.view import View
from tests.workbench.simulated import Bench, played
from tests.workspace.small_county import F

PATHS = (
    "/", "/data", "/checks", "/confirmation", "/rating", "/rating/1", "/list", "/measures", "/firms", f"/firms/{F[1]}",
    f"/firms/{F[1]}/calculator", "/parcels", "/problems", "/monitoring", "/rules", "/changes",
)  # fmt: skip


async def closed(bench: Bench) -> None:
    """Close the page that is open, as NiceGUI does when its browser does not come back."""
    client = bench.user._client
    bench.user.client = None
    client.delete()
    sends = f"outbox loop {client.id}"
    del client
    # Its tasks hold it until they end, which on a busy machine may take a moment.
    await bench.until(lambda: sends not in {task.get_name() for task in running_tasks})


def views() -> list[View]:
    """All views there are."""
    return [o for o in gc.get_objects() if isinstance(o, View)]


def still_there(elements: list[weakref.ref[ui.element]]) -> dict[str, list[str]]:
    """Those that are held, each with what holds it.

    An upload stays, hollow: FastAPI remembers the function that it was given.
    """
    held = [e for ref in elements if not isinstance(e := ref(), ui.upload | None)]
    return {str(e): [f"{type(r).__name__} {r!r:.200}" for r in gc.get_referrers(e) if r is not held] for e in held}


def test_nothing_of_a_closed_page_waits_for_the_collector(small_store: Path, tmp_path: Path) -> None:
    # Workbenches that other tests left in this process keep theirs.
    earlier = views()

    async def tried(bench: Bench, path: str) -> None:
        await bench.open(path)
        elements: list[weakref.ref[ui.element]] = [weakref.ref(e) for e in bench.user._client.elements.values()]
        looks = [weakref.ref(x) for e in bench.user._client.elements.values() for x in (e.classes, e.style, e.props)]
        client = weakref.ref(bench.user._client)
        assert len(elements) > 12
        await closed(bench)
        for _ in range(200):  # NiceGUI looks for slots of tasks that have ended every ten seconds
            if not (left := still_there(elements)):
                break
            await asyncio.sleep(0.1)
        assert left == {}, path
        # What was sent to the browser may still be here; it leads nowhere.
        leading = [handler for look in looks if (x := look()) is not None for handler in x.change_handlers]
        assert leading == [], path
        assert client() is None, path
        assert [view.path for view in views() if not any(view is other for other in earlier)] == [], path

    async def play(bench: Bench) -> None:
        await bench.open("/")
        await closed(bench)
        gc.collect()
        gc.disable()
        try:
            for path in PATHS:
                await tried(bench, path)
        finally:
            gc.enable()

    played(small_store, tmp_path, play)


def test_what_tabs_store_is_kept_for_minutes(small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/")
        assert app.storage.max_tab_storage_age == TAB < 3600

    played(small_store, tmp_path, play)
