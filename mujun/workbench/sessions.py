"""Coming in with name and password: failures counted, sessions that end, accounts looked up anew each time."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import field
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import MujunError
from mujun.workbench.addresses import new_secret
from mujun.workbench.people import Account, accounts, file_of, hasher, right
from mujun.workbench.rights import Person

IDLE = 2 * 3600.0
"""Seconds without a click after which somebody has to come in again."""
LONGEST = 12 * 3600.0
"""Seconds after which he has to in any case."""
FAILURES = 5
"""Wrong passwords of one name, within `LOCKED`, after which the name is locked."""
FAILURES_OF_ADDRESS = 30
"""The same of one address, whatever the names."""
LOCKED = 15 * 60.0
"""Seconds for which it is locked, from the last failure on."""
REMEMBERED = 5000
"""Names and addresses whose failures are counted at once."""


@dataclass
class _Session:
    account: Account
    begun: float
    seen: float


@dataclass
class Sessions:
    """Who is in.

    Args:
        store: whose accounts count.
        now: the clock, in seconds.
    """

    store: Path
    now: Callable[[], float] = time.monotonic
    _in: dict[str, _Session] = field(default_factory=dict, repr=False)
    _failed: dict[str, list[float]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _known: tuple[object, tuple[Account, ...]] = field(default=(None, ()), repr=False)
    _nobody: str = field(default="", repr=False)

    def locked(self, name: str, address: str) -> bool:
        """Whether too many attempts have failed just now."""
        with self._lock:
            return (
                self._count(f"name {name.casefold()}") >= FAILURES
                or self._count(f"address {address}") >= FAILURES_OF_ADDRESS
            )

    def come_in(self, name: str, password: str, address: str) -> str | None:
        """The secret of a new session; `None` where name and password do not fit, or the name is locked."""
        if self.locked(name, address):
            return None
        account = next((a for a in self._accounts() if a.name == name), None)
        # A name that nobody has takes as long as one that somebody has.
        if not self._nobody:
            self._nobody = hasher().hash(new_secret())
        if not right(account.kept if account is not None else self._nobody, password) or account is None:
            with self._lock:
                self._fail(f"name {name.casefold()}")
                self._fail(f"address {address}")
            return None
        secret, now = new_secret(), self.now()
        with self._lock:
            self._failed.pop(f"name {name.casefold()}", None)
            self._in = {k: s for k, s in self._in.items() if not self._over(s)}
            self._in[_mark(secret)] = _Session(account, now, now)
        return secret

    def person(self, secret: str | None, *, active: bool = True) -> Person | None:
        """Who a session's secret belongs to; `None` where it has ended, or the account is another by now.

        Args:
            secret: the cookie.
            active: whether somebody did something, which keeps the session from ending.
        """
        if secret is None:
            return None
        known = self._accounts()
        with self._lock:
            session = self._in.get(_mark(secret))
            if session is None:
                return None
            if self._over(session) or session.account not in known:
                del self._in[_mark(secret)]
                return None
            if active:
                session.seen = self.now()
            return session.account.person

    def leave(self, secret: str | None) -> None:
        """End a session."""
        if secret is not None:
            with self._lock:
                self._in.pop(_mark(secret), None)

    def _over(self, session: _Session) -> bool:
        now = self.now()
        return now - session.seen > IDLE or now - session.begun > LONGEST

    def _accounts(self) -> tuple[Account, ...]:
        """The accounts as the file has them now; nobody's where it is not right."""
        try:
            file = file_of(self.store).stat()
            state = (file.st_mtime_ns, file.st_size, file.st_ino)
            if self._known[0] != state:
                self._known = (state, accounts(self.store))
        except (OSError, MujunError):
            self._known = (None, ())
        return self._known[1]

    def _count(self, key: str) -> int:
        since = self.now() - LOCKED
        return sum(at > since for at in self._failed.get(key, ()))

    def _fail(self, key: str) -> None:
        since = self.now() - LOCKED
        if len(self._failed) > REMEMBERED:
            self._failed = {k: v for k, v in self._failed.items() if v[-1] > since}
        self._failed[key] = [at for at in self._failed.get(key, []) if at > since][-FAILURES_OF_ADDRESS:]
        self._failed[key].append(self.now())


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
