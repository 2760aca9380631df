"""Who may come in: a one-time token in the opened address, or name and password; then a cookie.

Host and Origin are checked on every request.

A page of another site can make this PC's browser ask 127.0.0.1. It does so under its own name (`Host`, DNS rebinding)
or says where it comes from (`Origin`): both are refused. Everything else needs the cookie, which no other site's page
can send along with a change.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal
from urllib.parse import parse_qs, quote

from mujun import messages
from mujun.dataclass import dataclass
from mujun.messages import Language, MessageKey
from mujun.workbench.addresses import ANOTHER, HOST, KEY_HEADER, Served, new_secret
from mujun.workbench.plain_pages import MAX_FORM, LoginTrouble, form_of, login_page, sentence_page
from mujun.workbench.rights import Person
from mujun.workbench.sessions import Sessions

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LANGUAGE_COOKIE = "mujun_language"

PERSON = "mujun.person"
"""Where a request says whose it is."""

COMPARED_AT_ONCE = min(4, os.cpu_count() or 1)
"""Passwords compared at the same time."""

MAX_UPLOAD = 600 * 2**20
"""Bytes of one request: somewhat more than the largest file that is read (`records.limits`)."""

_Refusal = Literal[
    "workbench_wrong_host", "workbench_wrong_origin", "workbench_upload_too_large", "login_needed", "workbench_no_entry"
]
"""The messages that say why a request is refused at the door."""

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; form-action 'self'"
)
"""Nothing of a page may come from, or go to, another machine."""


@dataclass
class Doorkeeper:
    """The secrets of one run: tokens that open once, and the cookies of those who came in.

    Attributes:
        served: where the workbench answers.
        language: of its sentences where nobody has chosen another.
        owner: whoever started it; he is who comes in by a token.
        people: who comes in by name and password; where it is there, no token opens.
    """

    served: Served
    language: Language
    owner: str = "unknown"
    people: Sessions | None = None
    tokens: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)

    def new_token(self) -> str:
        """A token that opens once."""
        token = new_secret()
        self.tokens.add(token)
        return token

    def admit(self, token: str) -> str | None:
        """The cookie for whoever brings a token; `None` where it is no token, or was used."""
        known = next((t for t in self.tokens if hmac.compare_digest(t.encode(), token.encode())), None)
        if known is None or self.people is not None:
            return None
        self.tokens.discard(known)
        session = new_secret()
        self.sessions.add(session)
        return session

    def person(self, session: str | None, *, active: bool = True) -> Person | None:
        """Whose cookie this is; `None` where it is nobody's, or no longer."""
        if self.people is not None:
            return self.people.person(session, active=active)
        known = session is not None and any(hmac.compare_digest(s.encode(), session.encode()) for s in self.sessions)
        return Person(self.owner, "bureau") if known else None

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies are told apart by host alone, and two counties may be served at once."""
        return f"mujun_{self.served.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which it may be asked."""
        names = (HOST, "localhost") if self.people is None else (self.served.host,)
        return frozenset(self.served.with_port(name) for name in names)

    @property
    def origins(self) -> frozenset[str]:
        """What its own pages say they come from."""
        return frozenset(
            f"{self.served.scheme}://{host}".removesuffix(_USUAL[self.served.scheme]) for host in self.hosts
        )


_USUAL = {"http": ":80", "https": ":443"}
"""Ports that a browser leaves out."""


class Admission:
    """The door in front of all pages, files and sockets."""

    def __init__(self, app: Application, keeper: Doorkeeper) -> None:
        self.app = app
        self.keeper = keeper
        # Each comparison takes 64 MB and a while: not too many at once, whoever knocks.
        self._comparing = asyncio.Semaphore(COMPARED_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it with a sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        refused = self._refusal(scope, headers)
        if refused is not None:
            await _refuse(scope, send, refused, self._spoken(headers))
            return
        if scope["type"] == "http" and await self._door(scope, receive, send, headers):
            return
        secret = _cookies(headers).get(self.keeper.cookie)
        person = self.keeper.person(secret, active=scope["type"] == "http")
        if person is None:
            await self._outside(scope, send, headers)
        elif scope["type"] == "http" and scope["path"].startswith("/language/"):
            await _redirect(send, _back(scope), [_language_cookie(scope["path"].rsplit("/", 1)[1])])
        else:
            scope[PERSON] = person
            await self.app(scope, self._watched(scope, receive, secret), _guarded(send))

    async def _door(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> bool:
        """Answer what is asked by those who are not in yet, or leave; whether it was such."""
        path, people = scope["path"], self.keeper.people
        if path == ANOTHER and people is None:
            await _answer(send, 200, json.dumps({"token": self.keeper.new_token()}).encode(), "application/json")
        elif path == "/enter" and people is None:
            await self._enter(scope, send, headers)
        elif path == "/login" and people is not None:
            await self._login(scope, receive, send, headers, people)
        elif path == "/logout" and people is not None and scope.get("method") == "POST":
            people.leave(_cookies(headers).get(self.keeper.cookie))
            await _redirect(send, "/login", [f"{self.keeper.cookie}=; Path=/; Max-Age=0"])
        else:
            return False
        return True

    async def _outside(self, scope: Scope, send: Send, headers: dict[str, str]) -> None:
        wants_page = (
            scope["type"] == "http" and scope.get("method") == "GET" and "text/html" in headers.get("accept", "")
        )
        if self.keeper.people is not None and wants_page:
            asked = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            await _redirect(send, f"/login?back={quote(asked, safe='')}", [])
            return
        why: MessageKey = "workbench_no_entry" if self.keeper.people is None else "login_needed"
        await _refuse(scope, send, why, self._spoken(headers))

    def _watched(self, scope: Scope, receive: Receive, secret: str | None) -> Receive:
        """A page's socket is closed with the session, and keeps it from ending while somebody clicks."""
        if scope["type"] != "websocket" or self.keeper.people is None:
            return receive

        async def watched() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "websocket.receive":
                # "3" is how a browser says that it is still there; nobody has clicked for it.
                active = message.get("text") not in ("2", "3")
                if self.keeper.person(secret, active=active) is None:
                    return {"type": "websocket.disconnect", "code": 1008}
            return message

        return watched

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> _Refusal | None:
        host = headers.get("host", "")
        if self.keeper.served.with_usual_port(host) not in self.keeper.hosts:
            return "workbench_wrong_host"
        origin = headers.get("origin")
        if origin is not None and origin not in self.keeper.origins:
            return "workbench_wrong_origin"
        posted = scope["path"] in ("/login", "/logout") and scope.get("method") == "POST"
        if origin is None and (scope["type"] == "websocket" or posted):
            return "workbench_wrong_origin"
        if (length := headers.get("content-length", "0")).isdigit() and int(length) > MAX_UPLOAD:
            return "workbench_upload_too_large"
        if (
            scope.get("method") in ("POST", "PUT")
            and "content-length" not in headers
            and "transfer-encoding" in headers
        ):
            return "workbench_upload_too_large"
        if self.keeper.people is not None and scope["type"] == "http" and scope["path"].startswith("/_nicegui_ws"):
            # Only sockets are watched; a browser that polls could stay in beyond its session.
            return "login_needed"
        if scope["path"] == ANOTHER and self.keeper.people is None:
            right = hmac.compare_digest(headers.get(KEY_HEADER, "").encode(), self.keeper.served.key.encode())
            return None if right and scope.get("method") == "POST" else "workbench_no_entry"
        return None

    async def _login(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], people: Sessions
    ) -> None:
        language, name = self._spoken(headers), ""
        trouble: LoginTrouble | None = None
        if scope.get("method") == "POST":
            form = form_of(await _body(receive))
            name, address = form.get("name", "").strip(), str((scope.get("client") or ("",))[0])
            async with self._comparing:
                secret = await asyncio.to_thread(people.come_in, name, form.get("password", ""), address)
            if secret is not None:
                cookie = f"{self.keeper.cookie}={secret}; Path=/; HttpOnly; Secure; SameSite=Lax"
                await _redirect(send, _back(scope), [cookie])
                return
            trouble = "login_locked" if people.locked(name, address) else "login_wrong"
        page = login_page(language, _back(scope), trouble, name)
        await _answer(send, 200 if trouble is None else 403, page, "text/html; charset=utf-8")

    async def _enter(self, scope: Scope, send: Send, headers: dict[str, str]) -> None:
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if self.keeper.person(_cookies(headers).get(self.keeper.cookie)) is not None:
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


async def _body(receive: Receive) -> bytes:
    """What was posted, up to the length of a form."""
    body: bytes = b""
    while len(body) <= MAX_FORM:
        message = await receive()
        if message["type"] != "http.request":
            break
        more: bytes = message.get("body", b"")
        body += more
        if not message.get("more_body"):
            return body
    return b""


async def _redirect(send: Send, to: str, cookies: list[str]) -> None:
    headers = [(b"location", to.encode("ascii")), (b"cache-control", b"no-store")]
    headers += [(b"set-cookie", c.encode("ascii")) for c in cookies]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, send: Send, why: MessageKey, language: Language) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    page = sentence_page(language, why)
    await _answer(send, 403, page, "text/html; charset=utf-8")


async def _answer(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store"), *_GUARDS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
