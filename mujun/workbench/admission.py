"""Who may come in: a one-time token in the opened address, then a cookie; Host and Origin checked on every request.

A page of another site can make this PC's browser ask 127.0.0.1. It does so under its own name (`Host`, DNS rebinding)
or says where it comes from (`Origin`): both are refused. Everything else needs the cookie, which no other site's page
can send along with a change.
"""

from __future__ import annotations

import hmac
import html
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from mujun import messages
from mujun.messages import Language, MessageKey
from mujun.workbench.addresses import ANOTHER, HOST, KEY_HEADER, Served, new_secret

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LANGUAGE_COOKIE = "mujun_language"

MAX_UPLOAD = 600 * 2**20
"""Bytes of one request: somewhat more than the largest file that is read (`records.limits`)."""

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; form-action 'self'"
)
"""Nothing of a page may come from, or go to, another machine."""


@dataclass
class Doorkeeper:
    """The secrets of one run: tokens that open once, and the cookies of those who came in."""

    served: Served
    language: Language
    tokens: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)

    def new_token(self) -> str:
        """A token that opens once."""
        token = new_secret()
        self.tokens.add(token)
        return token

    def admit(self, token: str) -> str | None:
        """The cookie for whoever brings a token; `None` where it is no token, or was used."""
        known = next((t for t in self.tokens if hmac.compare_digest(t, token)), None)
        if known is None:
            return None
        self.tokens.discard(known)
        session = new_secret()
        self.sessions.add(session)
        return session

    def knows(self, session: str | None) -> bool:
        """Whether a cookie is one of those given out."""
        return session is not None and any(hmac.compare_digest(s, session) for s in self.sessions)

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies are told apart by host alone, and two counties may be served at once."""
        return f"mujun_{self.served.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which it may be asked."""
        return frozenset(f"{name}:{self.served.port}" for name in (HOST, "localhost"))


class Admission:
    """The door in front of all pages, files and sockets."""

    def __init__(self, app: Application, keeper: Doorkeeper) -> None:
        self.app = app
        self.keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it with a sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        refused = self._refusal(scope, headers)
        if refused is not None:
            await _refuse(scope, send, refused, self._spoken(headers))
        elif scope["type"] == "http" and scope["path"] == ANOTHER:
            await _answer(send, 200, json.dumps({"token": self.keeper.new_token()}).encode(), "application/json")
        elif scope["type"] == "http" and scope["path"] == "/enter":
            await self._enter(scope, send, headers)
        elif not self.keeper.knows(_cookies(headers).get(self.keeper.cookie)):
            await _refuse(scope, send, "workbench_no_entry", self._spoken(headers))
        elif scope["type"] == "http" and scope["path"].startswith("/language/"):
            await _redirect(send, _back(scope), [_language_cookie(scope["path"].rsplit("/", 1)[1])])
        else:
            await self.app(scope, receive, _guarded(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> MessageKey | None:
        if headers.get("host") not in self.keeper.hosts:
            return "workbench_wrong_host"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{h}" for h in self.keeper.hosts}:
            return "workbench_wrong_origin"
        if origin is None and scope["type"] == "websocket":
            return "workbench_wrong_origin"
        if (length := headers.get("content-length", "0")).isdigit() and int(length) > MAX_UPLOAD:
            return "workbench_upload_too_large"
        if (
            scope.get("method") in ("POST", "PUT")
            and "content-length" not in headers
            and "transfer-encoding" in headers
        ):
            return "workbench_upload_too_large"
        if scope["path"] == ANOTHER:
            right = hmac.compare_digest(headers.get(KEY_HEADER, ""), self.keeper.served.key)
            return None if right and scope.get("method") == "POST" else "workbench_no_entry"
        return None

    async def _enter(self, scope: Scope, send: Send, headers: dict[str, str]) -> None:
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if self.keeper.knows(_cookies(headers).get(self.keeper.cookie)):
            # Whoever is in and opens the address again stays in; a token not used yet stays good.
            await _redirect(send, "/", [])
            return
        session = self.keeper.admit(token)
        if session is None:
            await _refuse(scope, send, "workbench_token_used", self._spoken(headers))
            return
        cookie = f"{self.keeper.cookie}={session}; Path=/; HttpOnly; SameSite=Lax"
        await _redirect(send, "/", [cookie])

    def _spoken(self, headers: dict[str, str]) -> Language:
        return spoken(_cookies(headers).get(LANGUAGE_COOKIE), self.keeper.language)


def spoken(wanted: str | None, otherwise: Language) -> Language:
    """The language that a cookie names, or another where it names none."""
    return next((language for language in messages.LANGUAGES if language == wanted), otherwise)


def _cookies(headers: dict[str, str]) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _language_cookie(language: str) -> str:
    return f"{LANGUAGE_COOKIE}={spoken(language, 'zh')}; Path=/; Max-Age=31536000; SameSite=Lax"


def _back(scope: Scope) -> str:
    """The page to go back to: a path of this workbench and nothing else."""
    wanted = parse_qs(scope["query_string"].decode("latin-1")).get("back", ["/"])[0]
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if plain and wanted.isascii() else "/"


def _guarded(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_GUARDS]
        await send(message)

    return sending


_GUARDS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]


async def _redirect(send: Send, to: str, cookies: list[str]) -> None:
    headers = [(b"location", to.encode("ascii")), (b"cache-control", b"no-store")]
    headers += [(b"set-cookie", c.encode("ascii")) for c in cookies]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, send: Send, why: MessageKey, language: Language) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    with messages.speaking(language):
        sentence = html.escape(messages.text(why))
    page = (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>mujun</title><body style="font:18px/1.8 sans-serif;max-width:34em;margin:15vh auto;padding:0 1em">'
        f"<p>{sentence}</p>"
    )
    await _answer(send, 403, page.encode(), "text/html; charset=utf-8")


async def _answer(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store"), *_GUARDS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
