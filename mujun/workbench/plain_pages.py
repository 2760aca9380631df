"""Pages for those who are not in: a sentence, or the form for name and password. They fetch nothing."""

from __future__ import annotations

import html
from typing import Literal
from urllib.parse import parse_qs, quote

from mujun import messages
from mujun.messages import Language, MessageKey

MAX_FORM = 4096
"""Bytes of a form with name and password."""

LoginTrouble = Literal["login_locked", "login_wrong"]

_HEAD = (
    '<!doctype html><html lang="{language}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
)
_LOOK = (
    "<style>body{font:18px/1.8 sans-serif;max-width:26em;margin:12vh auto;padding:0 1em;color:#1a2733}"
    "label{display:block;margin-top:.8em}input{font:inherit;width:100%;box-sizing:border-box;padding:.35em .6em;"
    "border:1px solid #8a97a5;border-radius:6px}button{font:inherit;margin-top:1.2em;padding:.35em 2em;border:0;"
    "border-radius:6px;background:#1F5FA8;color:#fff}.trouble{color:#A61C1C}</style>"
)


def sentence_page(language: Language, why: MessageKey) -> bytes:
    """A page with one sentence."""
    with messages.speaking(language):
        return f"{_head(language)}{_LOOK}<body><p>{html.escape(messages.text(why))}</p>".encode()


def login_page(language: Language, back: str, trouble: LoginTrouble | None, name: str) -> bytes:
    """The form for name and password.

    Args:
        language: in which it is written.
        back: where it leads.
        trouble: what was wrong with the last attempt.
        name: the name that was typed.
    """
    with messages.speaking(language):
        text = {k: html.escape(messages.text(messages.key(f"login_{k}"))) for k in ("title", "name", "password", "do")}
        alert = f'<p class="trouble" role="alert">{html.escape(messages.text(trouble))}</p>' if trouble else ""
        return (
            f"{_head(language)}{_LOOK}<body><main><h1>{text['title']}</h1>{alert}"
            f'<form method="post" action="/login?back={quote(back, safe="")}">'
            f'<label>{text["name"]}<input name="name" value="{html.escape(name)}" autocomplete="username" required '
            f'autofocus></label><label>{text["password"]}<input name="password" type="password" '
            f'autocomplete="current-password" required></label><button>{text["do"]}</button></form></main>'
        ).encode()


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a posted form."""
    try:
        return {k: v[0] for k, v in parse_qs(body.decode("ascii"), max_num_fields=8).items()}
    except ValueError:
        return {}


def _head(language: Language) -> str:
    return _HEAD.format(language="zh-CN" if language == "zh" else language, title=messages.text("workbench_name"))
