"""Where things of a served store are: the note beside the store by which a second start finds the first."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
from dataclasses import asdict
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from mujun.dataclass import dataclass
from mujun.writing.serving_note import serving_note

HOST = "127.0.0.1"
FIRST_PORT = 8420
TRIED = 20
"""Ports tried one after the other where none is asked for."""

KEY_HEADER = "x-mujun-key"
ANOTHER = "/_mujun/another-token"


@dataclass(frozen=True)
class Served:
    """A workbench that is running.

    Attributes:
        port: its port.
        process: its process.
        key: by which another start asks it for an address.
        host: the name or address under which it is reached.
        accounts: whether people come in by name and password, over HTTPS.
    """

    port: int
    process: int
    key: str
    host: str = HOST
    accounts: bool = False

    @property
    def scheme(self) -> str:
        """`https` where others reach it."""
        return "https" if self.accounts else "http"

    @property
    def origin(self) -> str:
        """What its addresses begin with."""
        return f"{self.scheme}://{self.with_port(self.host)}"

    def with_port(self, name: str) -> str:
        """A host's name with the port, as a browser says it."""
        return f"[{name}]:{self.port}" if ":" in name else f"{name}:{self.port}"

    def with_usual_port(self, host: str) -> str:
        """What a browser said, with the port that it leaves out where it is the usual one."""
        return f"{host}:{self.port}" if host and self.port == USUAL[self.scheme] and not _PORT.search(host) else host

    def address(self, token: str) -> str:
        """The whole address that opens it: once by a token, or to whoever has an account."""
        return f"{self.origin}/" if self.accounts else f"{self.origin}/enter?token={token}"


USUAL = {"http": 80, "https": 443}
_PORT = re.compile(r":\d+$")


def write_note(store: Path, served: Served) -> None:
    """Put the note down, readable by its owner only."""
    file = serving_note(store)
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(served), stream)


def remove_note(store: Path, served: Served) -> None:
    """Take the note away, if it is still the one of this workbench."""
    if noted(store) == served:
        serving_note(store).unlink(missing_ok=True)


def noted(store: Path) -> Served | None:
    """What the note says; `None` where there is none or it cannot be read."""
    try:
        return Served(**json.loads(serving_note(store).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def token_of_running(served: Served) -> str | None:
    """A new one-time token of the workbench that a note speaks of; `None` where it is not running any more.

    It is empty where people come in by name and password.
    """
    if served.accounts:
        try:
            with socket.create_connection((served.host, served.port), timeout=3):
                return ""
        except OSError:
            return None
    request = Request(f"{served.origin}{ANOTHER}", method="POST", headers={KEY_HEADER: served.key})  # noqa: S310
    # A proxy of the environment is not to be asked for what is on this machine.
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=3) as answer:
            token: str = json.load(answer)["token"]
            return token
    except (URLError, OSError, ValueError, KeyError):
        return None


def new_secret() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(24)


def free_port(wanted: int | None, host: str = HOST) -> int | None:
    """The wanted port, or the first free one; `None` where it is taken."""
    for port in (wanted,) if wanted is not None else range(FIRST_PORT, FIRST_PORT + TRIED):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            if os.name != "nt":
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, port))
            except OSError:
                continue
            return port
    return None
