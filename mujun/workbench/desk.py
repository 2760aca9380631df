"""What works for the pages: reading and changing the county beside them, one change after the other.

The store is opened for each step and closed again, so that the command line works beside the workbench. Within the
workbench any number may read at once, or one may change: DuckDB does not open a file both ways at the same time.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import hashlib
import io
import os
import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mujun import messages
from mujun.dataclass import dataclass
from mujun.workbench.places import Place
from mujun.workbench.store_told import LOG, StoreTold
from mujun.workspace.county import County
from mujun.writing import one_command

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")

READERS = 3
"""Pages that read at once; more wait."""

KEPT = 48
"""Results kept for as long as the store stands as it is."""


OFFERED = 400
OFFERED_BYTES = 200 * 2**20
"""Grids whose rows are kept for the browser to fetch: those of the pages opened last."""


@dataclass(frozen=True)
class StoreState:
    """By what a store's file is seen to have changed."""

    size: int
    changed: int
    log: int


@dataclass(frozen=True)
class Draft:
    """Rules in work: of which files, told by their mark, and what was changed where; nothing where a file goes."""

    mark: str
    changes: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tray:
    """What one person has in work and nobody else sees.

    Attributes:
        basket: files that were dropped and are not loaded yet, by their names.
        answers: the answers given to questions about them.
        scenarios: of each run the changed rules that were noted, by name: what was changed and what it came to.
        drafts: rules that were changed and are not saved, by the way (`form`, `text`) and the set's address.
        heard: what the store told of itself and this person has been told, by its number.
        called: the names typed for the sets that are to be made of these, by the same.
        saved: of each set that was saved here, the mark of its files afterwards and their texts before;
            nothing for a file that was not there.
    """

    basket: dict[str, Path] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    scenarios: dict[int, dict[str, tuple[dict[str, str], tuple[object, ...]]]] = field(default_factory=dict)
    drafts: dict[tuple[str, str], Draft] = field(default_factory=dict)
    called: dict[tuple[str, str], str] = field(default_factory=dict)
    heard: set[int] = field(default_factory=set)
    saved: dict[str, tuple[str, dict[str, str | None]]] = field(default_factory=dict)


class Desk:
    """The county behind the pages.

    Args:
        county: the county; its store may not be there yet.
        files: a folder for what is uploaded and written for download, of this run only.

    Attributes:
        busy: how many steps are in work or wait.
        store_told: what the store told of its format.
    """

    def __init__(self, county: County, files: Path) -> None:
        self.county = county
        self.files = files
        self._gate = _Gate()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="mujun-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="mujun-write")
        self._kept: OrderedDict[Hashable, tuple[StoreState | None, Any]] = OrderedDict()
        self._coming: dict[Hashable, asyncio.Future[Any]] = {}
        self._rows: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._keys: dict[tuple[str, bytes], str] = {}
        self._made: dict[bytes, str] = {}
        self._lock = threading.Lock()
        self._trays: dict[str, Tray] = {}
        self._changed: tuple[StoreState | None, str] = (None, "")
        self.busy = 0
        self.store_told = StoreTold(county.path)
        LOG.addFilter(self.store_told)

    def close(self) -> None:
        """Wait for the change in work, and take no more."""
        LOG.removeFilter(self.store_told)
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True, cancel_futures=True)

    @property
    def rules_folder(self) -> Path:
        """Where rule sets made here are kept: `$MUJUN_RULES`, else beside the store."""
        stated = os.environ.get("MUJUN_RULES")
        return Path(stated) if stated else self.county.path.absolute().parent / "规则"

    @property
    def place(self) -> Place | None:
        """The county's name and year as they were said at the first start."""
        return Place.beside(self.county.path)

    def tray_of(self, name: str) -> Tray:
        """What somebody has in work."""
        with self._lock:
            return self._trays.setdefault(name, Tray())

    def offer_rows(self, rows: bytes, whose: str) -> str:
        """Keep the rows of a grid, or a document, until the browser fetches it; gives the last part of the address.

        What somebody was offered already is kept once: whoever opens a page again gets its address again.

        Args:
            rows: the content.
            whose: who may fetch it.
        """
        digest = hashlib.sha256(rows).digest()
        with self._lock:
            known = self._keys.get((whose, digest))
            if known is not None and known in self._rows:
                self._rows.move_to_end(known)
                return known
            key = secrets.token_urlsafe(12)
            self._rows[key] = (whose, rows)
            self._keys[whose, digest] = key
            if len(self._keys) > 2 * OFFERED:
                self._keys = {k: v for k, v in self._keys.items() if v in self._rows}
            kept = sum(len(content) for _, content in self._rows.values())
            while len(self._rows) > 1 and (len(self._rows) > OFFERED or kept > OFFERED_BYTES):
                _, (_, gone) = self._rows.popitem(last=False)
                kept -= len(gone)
        return key

    def offer_table(self, rows: pl.DataFrame, make: Callable[[pl.DataFrame], bytes], whose: str) -> str:
        """Keep a table as `offer_rows` does; one that was offered already, to whomever, is not made anew.

        Args:
            rows: the table.
            make: what the browser gets of it, in the language of whoever asks.
            whose: who may fetch it.
        """
        # Not Arrow's own bytes: in memory, equal texts lie in this order or that.
        parquet = io.BytesIO()
        rows.write_parquet(parquet, compression="uncompressed", statistics=False)
        mark = hashlib.sha256(f"{make.__module__}.{make.__qualname__} {messages.language()}\n".encode())
        mark.update(parquet.getbuffer())
        digest = mark.digest()
        with self._lock:
            _, content = self._rows.get(self._made.get(digest, ""), ("", None))
        key = self.offer_rows(make(rows) if content is None else content, whose)
        with self._lock:
            self._made[digest] = key
            if len(self._made) > 2 * OFFERED:
                self._made = {k: v for k, v in self._made.items() if v in self._rows}
        return key

    def offered_rows(self, key: str, whose: str) -> bytes | None:
        """The rows of a grid; `None` where they are kept no longer, or were offered to somebody else."""
        with self._lock:
            owner, rows = self._rows.get(key, ("", b""))
            return rows if owner and owner == whose else None

    def new_folder(self) -> Path:
        """An empty folder for files of this run, that goes away with it."""
        return Path(tempfile.mkdtemp(dir=self.files))

    async def read(self, step: Callable[[County], T]) -> T:
        """Do something that reads, beside the page, in the language of whoever asks."""
        return await self._done(self._readers, step, self._gate.reading, self.county)

    async def change(self, step: Callable[[County], T], who: str) -> T:
        """Do something that changes the store: after all changes asked for before.

        Args:
            step: what is done.
            who: whose name the store notes beside it.
        """
        try:
            return await self._done(self._writer, step, self._gate.writing, County(self.county.path, who=who))
        finally:
            self._changed = (self.state, who)

    def changed_since(self, before: StoreState | None) -> str | None:
        """Who changed the store since then: a name, empty where it was another program; `None` where nobody did."""
        state = self.state
        if state == before:
            return None
        known, who = self._changed
        return who if known == state else ""

    async def kept(self, key: Hashable, step: Callable[[County], T]) -> T:
        """What a step that reads gave, as long as the store, the language and the rules made here are what they were.

        Args:
            key: tells the step and what it was asked from others.
            step: the step.
        """
        whole = (key, messages.language(), self.rules_state)
        state = self.state
        with self._lock:
            before = self._kept.get(whole)
            if before is not None and before[0] == state and state is not None:
                self._kept.move_to_end(whole)
                return cast("T", before[1])
        # Whoever asks for the same meanwhile waits for the same answer.
        running = self._coming.get((whole, state))
        if running is None:
            running = asyncio.ensure_future(self.read(step))
            self._coming[whole, state] = running
            running.add_done_callback(lambda _: self._coming.pop((whole, state), None))
        made = await asyncio.shield(running)
        with self._lock:
            self._kept[whole] = (state, made)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return cast("T", made)

    @property
    def state(self) -> StoreState | None:
        """How the store's file is now; `None` where there is none."""
        try:
            file = self.county.path.stat()
        except FileNotFoundError:
            return None
        log = self.county.path.with_name(self.county.path.name + ".wal")
        return StoreState(file.st_size, file.st_mtime_ns, log.stat().st_mtime_ns if log.exists() else 0)

    @property
    def rules_state(self) -> frozenset[tuple[str, int, int]]:
        """By what the files of the rule sets made here, and those beside the store, are seen to have changed."""
        seen = set()
        made = (self.rules_folder.glob(p) for p in ("*/*.yaml", "*/*/*.yaml", "*/*.csv", "*/*/*.csv"))
        for file in chain(self.county.path.absolute().parent.glob("*.yaml"), *made):
            with contextlib.suppress(FileNotFoundError):
                stat = file.stat()
                seen.add((str(file), stat.st_size, stat.st_mtime_ns))
        return frozenset(seen)

    async def _done(
        self,
        threads: ThreadPoolExecutor,
        step: Callable[[County], T],
        entered: Callable[[], contextlib.AbstractContextManager[None]],
        county: County,
    ) -> T:
        language = messages.language()

        def work() -> T:
            messages.set_language(language)
            # Each step is a command of its own: what an earlier one read or wrote is no concern of it.
            with one_command(), entered():
                return step(county)

        self.busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, contextvars.Context().run, work)
        finally:
            self.busy -= 1


class _Gate:
    """Many readers, or one writer, who is not made to wait for readers that come after him."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reading = 0
        self._writing = False
        self._waiting = 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """As one of several."""
        with self._changed:
            self._changed.wait_for(lambda: not self._writing and not self._waiting)
            self._reading += 1
        try:
            yield
        finally:
            with self._changed:
                self._reading -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """As the only one."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: not self._writing and not self._reading)
            self._waiting -= 1
            self._writing = True
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
