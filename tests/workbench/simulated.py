"""The workbench of a store as NiceGUI's simulated user sees it: pages and handlers run, no browser and no socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
from nicegui import Client, core, ui
from nicegui.background_tasks import running_tasks
from nicegui.functions.download import download
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing import User
from nicegui.testing.general import nicegui_reset_globals, prepare_simulation

from mujun import County
from mujun.workbench.addresses import Served
from mujun.workbench.admission import Admission, Doorkeeper
from mujun.workbench.desk import Desk, Tray
from mujun.workbench.frame import register
from mujun.workbench.pages import PAGES
from mujun.workbench.pages.missing import NO_PAGE
from mujun.workbench.sessions import Sessions

PORT = 8499
ORIGIN = f"http://127.0.0.1:{PORT}"
SECURE = f"https://127.0.0.1:{PORT}"

LOOKS = 0.02
"""Seconds from one look at a page to the next."""


class Bench:
    """A workbench with a user who has come in.

    `stopped` says whether somebody ended it.
    """

    def __init__(self, user: User, desk: Desk, keeper: Doorkeeper) -> None:
        self.user = user
        self.desk = desk
        self.keeper = keeper
        self.stopped = False
        self.always = set(running_tasks)
        self.shown: set[ui.dialog] = set()

    @property
    def tray(self) -> Tray:
        """What the user has in work."""
        return self.desk.tray_of(self.keeper.owner)

    async def open(self, path: str) -> None:
        """Open a page and wait until its content is there."""
        await self.user.open(path)
        await self.settled()

    async def settled(self, seconds: float = 60) -> None:
        """Wait until nothing works any more: no step of the county, no handler, no page that fills itself.

        NiceGUI begins a handler's task while the event is handled, so nothing has to be waited for before looking; it
        is quiet when two looks in a row say so, for what has just ended may begin the next.
        """
        quiet = 0
        for _ in range(int(seconds / LOOKS)):
            await asyncio.sleep(LOOKS)
            spinning = ui.spinner in {type(e) for e in self.user._client.elements.values()}
            quiet = 0 if spinning or self.desk.busy or self.handling() or self._hides() else quiet + 1
            if quiet == 2:
                return
        raise AssertionError(f"the page still works: {self.handling()}")

    def _hides(self) -> bool:
        """Tell windows that were shut that they are hidden, as a browser does: they are gone then, with all in them."""
        windows = [e for e in list(self.user._client.elements.values()) if isinstance(e, ui.dialog)]
        self.shown |= {window for window in windows if window.value}
        shut = [window for window in windows if window in self.shown and not window.value]
        for window in shut:
            self.shown.discard(window)
            for listener in list(window._event_listeners.values()):
                if listener.type == "hide":
                    window._handle_event({"listener_id": listener.id, "args": {}})
        return bool(shut)

    def handling(self) -> list[str]:
        """What NiceGUI runs besides what it always runs: handlers, and pages that are being made."""
        names = [task.get_name() for task in running_tasks - self.always]
        return [name for name in names if not name.startswith(("outbox loop ", "wait for connection "))]

    async def until(self, true: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something is so."""
        for _ in range(int(seconds / LOOKS)):
            if true():
                return
            await asyncio.sleep(LOOKS)
        raise AssertionError("\n".join(self.texts()))

    async def sees(self, *several: str) -> None:
        """Each of these texts is on the page, be it in a heading, a slot or a message."""
        for text in several:
            for _ in range(int(60 / LOOKS)):
                if any(text in seen for seen in self.texts()):
                    break
                await asyncio.sleep(LOOKS)
            else:
                raise AssertionError(f"not on the page: {text}\n" + "\n".join(self.texts()))

    def texts(self) -> list[str]:
        """All texts that the page shows."""
        shown = list(self.user.notify.messages)
        for element in list(self.user._client.elements.values()):
            if isinstance(element, ui.html):
                shown.append(element.content)
            shown += [str(t) for t in element._displayed_contents(only_visible=True) if t]
        return shown

    async def lacks(self, *several: str) -> None:
        """None of these texts is on the page."""
        for text in several:
            assert not any(text in seen for seen in self.texts()), text

    async def click(self, target: str, seconds: float = 60) -> None:
        """Click what has this text or mark, and wait until it is done."""
        marked = any(target in e._markers for e in self.user._client.elements.values())
        (self.user.find(marker=target) if marked else self.user.find(target)).click()
        await self.settled(seconds)

    async def click_one(self, element: ui.element, seconds: float = 60) -> None:
        """Click one of several that say the same, and wait until it is done."""
        for listener in element._event_listeners.values():
            if listener.type == "click":
                element._handle_event({"listener_id": listener.id, "args": {}})
        await self.settled(seconds)


@contextlib.asynccontextmanager
async def opened(store: Path, files: Path, login: tuple[str, str] | None = None) -> AsyncIterator[Bench]:
    """A workbench of a store, with a user in it: whoever started it, or an account with this name and password."""
    served = Served(PORT, os.getpid(), "key of this test", accounts=login is not None)
    county = County(store)
    keeper = Doorkeeper(served, "zh", county.who, None if login is None else Sessions(store))
    desk = Desk(county, files)
    with nicegui_reset_globals():
        os.environ["NICEGUI_USER_SIMULATION"] = "true"
        try:
            prepare_simulation()
            register(desk, PAGES, NO_PAGE, "zh", None if login else lambda: setattr(bench, "stopped", True))
            core.app.add_middleware(Admission, keeper=keeper)
            ui.run(None)
            async with core.app.router.lifespan_context(core.app):
                transport = httpx.ASGITransport(core.app)
                async with httpx.AsyncClient(transport=transport, base_url=SECURE if login else ORIGIN) as client:
                    if login is None:
                        await client.get(f"/enter?token={keeper.new_token()}")
                    else:
                        assert (await sign_in(client, *login)).status_code == 303
                    bench = Bench(User(client), desk, keeper)
                    yield bench
        finally:
            os.environ.pop("NICEGUI_USER_SIMULATION", None)
            ui.navigate, ui.notify, ui.download = Navigate(), notify, download
            # NiceGUI would take the modules of pages, and with them all of mujun, out of `sys.modules`.
            Client.page_routes.clear()
            desk.close()


async def sign_in(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    """Post the form."""
    return await client.post("/login", data={"name": name, "password": password}, headers={"origin": SECURE})


def played(
    store: Path, files: Path, play: Callable[[Bench], Awaitable[None]], login: tuple[str, str] | None = None
) -> None:
    """Let a user do something in the workbench of a store."""

    async def whole() -> None:
        async with opened(store, files, login) as bench:
            await play(bench)

    asyncio.run(whole())
