"""Starting and stopping the workbench of a store."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.messages import Language
from mujun.workbench.addresses import (
    HOST,
    Served,
    free_port,
    new_secret,
    noted,
    remove_note,
    token_of_running,
    write_note,
)
from mujun.workbench.network import Network
from mujun.workspace.county import County


def address_of_running(store: Path) -> str | None:
    """The address that opens the workbench of a store which is running already; `None` where none is."""
    before = noted(store)
    token = token_of_running(before) if before is not None else None
    return before.address(token) if before is not None and token is not None else None


def serve(
    store: Path,
    *,
    port: int | None = None,
    language: Language = "zh",
    network: Network | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serve a store until somebody ends it, by Ctrl-C or from a page.

    Args:
        store: the store's file; it may not be there yet.
        port: which port; the first free one where none is named.
        language: of the pages where nobody has chosen another.
        network: how others reach it; nobody but this PC where it is not there.
        ready: is told the whole address once it answers.

    Raises:
        UsageError: the extra `workbench` is not installed, the port is taken, or the folder is not there.
    """
    try:
        from nicegui import app, background_tasks, ui
        from nicegui.server import Server
    except ImportError as error:
        raise UsageError(problem("workbench_extra_missing", library=error.name)) from error
    if not store.absolute().parent.is_dir():
        raise UsageError(problem("no_such_folder", folder=store.absolute().parent))
    host = HOST if network is None else network.host
    chosen = free_port(port, host)
    if chosen is None:
        raise UsageError(problem("workbench_port_taken", port=port or "—"))
    from mujun.workbench.admission import Admission, Doorkeeper
    from mujun.workbench.desk import Desk
    from mujun.workbench.frame import register
    from mujun.workbench.pages import PAGES
    from mujun.workbench.pages.missing import NO_PAGE
    from mujun.workbench.sessions import Sessions

    served = Served(chosen, os.getpid(), new_secret(), host, network is not None)
    county = County(store)
    keeper = Doorkeeper(served, language, county.who, None if network is None else Sessions(store))
    with tempfile.TemporaryDirectory(prefix="mujun-workbench-") as folder:
        desk = Desk(county, Path(folder))
        # Rule sets made on the pages are found again by their names.
        os.environ.setdefault("MUJUN_RULES", str(desk.rules_folder))
        register(desk, PAGES, NO_PAGE, language, None if network is not None else app.shutdown)
        app.add_middleware(Admission, keeper=keeper)

        async def tell() -> None:
            # The start of the application comes before its socket: nobody is to knock at a door that is not there.
            while not Server.instance.started:
                await asyncio.sleep(0.05)
            ready(served.address(keeper.new_token()))

        app.on_startup(lambda: background_tasks.create(tell(), name="tell the address"))
        if not os.environ.get("MUJUN_DEBUG"):
            # A page that was closed in the middle of its work is no trouble of whoever looks at the terminal.
            logging.getLogger("nicegui").setLevel(logging.CRITICAL)
        if network is not None:
            # The door watches sockets and lets nobody poll (`admission`).
            app.config.socket_io_js_transports = ["websocket"]
        # A workbench runs for days: the command line's way, hardly ever to look for garbage, is none for it. Everybody
        # waits while garbage is looked for: what is there from the start is left out (55 ms instead of 145).
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)
        write_note(store, served)
        _ends_as_by_ctrl_c()
        try:
            ui.run(
                host=host,
                port=chosen,
                title="mujun",
                language="zh-CN",
                reload=False,
                show=False,
                show_welcome_message=False,
                favicon=ICON,
                uvicorn_logging_level="critical",
                access_log=False,
                reconnect_timeout=RECONNECT,
                **({} if network is None else network.options()),
            )
        except KeyboardInterrupt:
            # Ctrl-C is how it ends, or the PC that shuts down; the server has closed its sockets by now.
            return
        finally:
            remove_note(store, served)
            desk.close()


def _ends_as_by_ctrl_c() -> None:
    """A PC that shuts down and a terminal that is closed end it as Ctrl-C does: files sent to it do not stay behind."""
    if threading.current_thread() is not threading.main_thread():
        return
    # The server hears of the first by itself, closes, and then lets the handler from before have it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


RECONNECT = 30.0
"""Seconds that a page without connection is kept: a PC that is busy or asleep comes back to what was on it."""

ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='6' fill='#1F5FA8'/>"
    "<path d='M7 7h18v18H7zM7 16h18M16 7v18' stroke='#fff' stroke-width='2.4' fill='none'/></svg>"
)
"""The sign 田: a field."""


def open_browser(address: str) -> None:
    """Open the address in the browser of this PC, beside whoever asks."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def spoken_at_start(chosen: Language | None) -> Language:
    """The language of the pages at first: the one named on the command line, else Chinese."""
    return chosen or messages.LANGUAGES[0]
