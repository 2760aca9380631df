"""Many people at once: `python -m tests.workbench.load STORE [PEOPLE] [SECONDS]`, 20 for two minutes unless told.

Each opens pages one after the other over its own socket, as a browser does, and waits for the content of each; between
two pages he looks for half a second to two. Told are how long pages took, what they cost of the workbench's processor,
and the memory of its process at the beginning, half way and at the end. On loopback alone. What else the machine does
is told beside it: seconds on a busy machine say little.

It fails where a page failed, and where the second half of the visits has left more than `MOST` of memory for each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from mujun import County
from tests.workbench.test_serving import running

PATHS = (
    "/", "/data", "/data/coverage", "/checks", "/confirmation", "/rating", "/rating/1", "/publication", "/list",
    "/measures", "/firms", "/parcels", "/problems", "/rules", "/changes",
)  # fmt: skip


MOST = 0.05
"""Megabytes that a page may leave. A page that is open takes some 0.3; as many are open half way as at the end."""
SPREAD = 15.0
"""Megabytes by which the memory of a process goes up and down."""
KEPT = 60
"""Seconds after which as many closed pages go as come: they are kept for thirty (`serving.RECONNECT`)."""


@dataclass
class Seen:
    """What all people saw: seconds of each page, by its path, and what went wrong."""

    seconds: list[tuple[str, float]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def page(web: httpx.Client, origin: str, path: str, patience: float = 60) -> float:
    """Open a page and wait for its content; gives the seconds it took.

    Raises:
        TimeoutError: it did not come.
    """
    import socketio

    begun = time.monotonic()
    text = web.get(f"{origin}{path}").raise_for_status().text
    asked = re.search(r"query: (\{[^{}]*\})", text)
    assert asked, text[:500]
    query = json.loads(asked[1].replace("'", '"').lower())
    there = threading.Event()
    line = socketio.Client(reconnection=False)

    def updated(message: Any) -> None:
        if '"h1"' in json.dumps(message):
            there.set()

    line.on("update", updated)
    cookie = "; ".join(f"{c.name}={c.value}" for c in web.cookies.jar)
    address = f"{origin}/_nicegui_ws/?" + "&".join(f"{k}={v}" for k, v in query.items())
    line.connect(
        address, headers={"Cookie": cookie, "Origin": origin}, transports=["websocket"],
        socketio_path="/_nicegui_ws/socket.io",
    )  # fmt: skip
    try:
        mine = {"client_id": query["client_id"], "tab_id": str(uuid.uuid4()), "document_id": str(uuid.uuid4())}
        line.call("handshake", {**mine, "next_message_id": int(query.get("next_message_id", 0))})
        if not there.wait(patience):
            raise TimeoutError(path)
        return time.monotonic() - begun
    finally:
        line.disconnect()


def person(number: int, cookies: httpx.Cookies, origin: str, paths: list[str], until: float, seen: Seen) -> None:
    """One who opens pages until it is over."""
    chance = random.Random(number)
    with httpx.Client(cookies=cookies, trust_env=False, timeout=60) as web:
        while time.monotonic() < until:
            path = chance.choice(paths)
            try:
                seen.seconds.append((path, page(web, origin, path)))
            except Exception as error:  # told at the end: one page that fails stops nobody
                seen.troubles.append(f"{path}: {type(error).__name__} {error}"[:200])
            time.sleep(chance.uniform(0.5, 2))


def memory(process: int) -> int:
    """Bytes that a process has in memory."""
    fields = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def worked(process: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Let them come in, and tell what they saw."""
    parser = argparse.ArgumentParser(description="Many people at once in the workbench.")
    parser.add_argument("store", type=Path)
    parser.add_argument("people", type=int, nargs="?", default=20)
    parser.add_argument("seconds", type=float, nargs="?", default=120)
    given = parser.parse_args()
    county = County(given.store)
    firms = county.data.table("enterprises")["credit_code"].unique().sort().head(50).to_list()
    paths = [*PATHS, *(f"/firms/{c}" for c in firms[:10])]
    with running(given.store) as (program, address), httpx.Client(trust_env=False, follow_redirects=True) as first:
        first.get(address)
        origin = address.split("/enter")[0]
        for path in paths:
            page(first, origin, path, 120)
        begun, seen, before = memory(program.pid), Seen(), worked(program.pid)
        until = time.monotonic() + given.seconds
        threads = [
            threading.Thread(target=person, args=(n, first.cookies, origin, paths, until, seen))
            for n in range(given.people)
        ]
        for thread in threads:
            thread.start()
        time.sleep(given.seconds / 2)
        half, visits = memory(program.pid), len(seen.seconds)
        for thread in threads:
            thread.join()
        ended, used = memory(program.pid), worked(program.pid) - before
    took = pl.DataFrame(seen.seconds, schema=["path", "seconds"], orient="row")
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"{took.height} pages, {len(seen.troubles)} failed; half {took['seconds'].quantile(0.5):.2f} s, "
        f"95 % under {took['seconds'].quantile(0.95):.2f} s; machine's load {load:.1f}\n"
        f"{1000 * used / max(1, took.height):.0f} ms of the workbench's processor for each page\n"
        f"memory MB: {begun / 1e6:.0f} warm, {half / 1e6:.0f} after {visits} pages, {ended / 1e6:.0f} at the end\n"
    )
    slow = took.group_by("path").agg(pl.len(), pl.col("seconds").quantile(0.95)).sort("seconds", descending=True)
    for path, count, seconds in slow.head(8).iter_rows():
        sys.stdout.write(f"{path:30} {count:5} pages, 95 % under {seconds:.2f} s\n")
    for trouble in seen.troubles[:10]:
        sys.stdout.write(f"{trouble}\n")
    grown = (ended - half) / 1e6
    if seen.troubles:
        sys.exit("pages failed")
    if given.seconds / 2 >= KEPT and grown > SPREAD + MOST * (took.height - visits):
        sys.exit(f"{grown:.0f} MB more at the end than half way")


if __name__ == "__main__":
    main()
