"""One catalogue of every sentence mujun says to a user, in Chinese and English.

The sentences are data: TOML files in this folder, one per room, a table per message with `zh` and `en`, and with
`zh_here` and `en_here` where a page of the workbench says something else than the command line.
Both languages have the same placeholders; a test sees to that, and that no message is missing or unused.

A word that goes by a number is chosen by it: `{count} {count:row is|rows are} hidden` says “1 row is” and “2 rows are”.
"""

from __future__ import annotations

import contextlib
import locale
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from mujun.dataclass import dataclass

if TYPE_CHECKING:
    from mujun.messages.keys import FindingCode as FindingCode
    from mujun.messages.keys import MessageKey as MessageKey
else:  # thousands of names that only the type checker needs
    FindingCode = MessageKey = str

from mujun.messages.visible import visible

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_chosen: ContextVar[Language | None] = ContextVar("mujun_language", default=None)


def language() -> Language:
    """The language in force: what was chosen, else `$MUJUN_LANG`, else the locale's; Chinese where none says."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    wanted = os.environ.get("MUJUN_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not wanted:
        # Windows has no LANG; there the locale module knows.
        wanted = locale.getlocale()[0] or ""
    return "en" if wanted.lower().startswith("en") else "zh"


def set_language(choice: Language | None) -> None:
    """Choose the language for this thread of work; `None` goes back to the environment's."""
    _chosen.set(choice)


@contextlib.contextmanager
def speaking(choice: Language) -> Iterator[None]:
    """The language within a `with` block; documents for the bureau are always `speaking("zh")`."""
    token = _chosen.set(choice)
    try:
        yield
    finally:
        _chosen.reset(token)


_here: ContextVar[bool] = ContextVar("mujun_on_pages", default=False)


@contextlib.contextmanager
def on_pages() -> Iterator[None]:
    """Sentences within a `with` block are read on a page: they say what to do there where they else name a command."""
    token = _here.set(True)
    try:
        yield
    finally:
        _here.reset(token)


class Catalogue(Mapping[str, dict[str, str]]):
    """Messages by key, each read when it is first said: a command says a few dozen of two thousand.

    Args:
        files: the text of each file by its name.

    Raises:
        KeyError: a key is said twice.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._unread: dict[str, str] = {}
        self._entries: dict[str, dict[str, str]] = {}
        for name, text in files.items():
            _, *parts = _HEADING.split(text)
            for key, entry in zip(parts[::2], parts[1::2], strict=True):
                if key in self._unread:
                    raise KeyError(f"message {key!r} stands twice in the catalogue (again in {name})")
                self._unread[key] = entry

    def __getitem__(self, key: str) -> dict[str, str]:
        if key not in self._entries:
            self._entries[key] = tomllib.loads(self._unread[key])
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._unread)

    def __len__(self) -> int:
        return len(self._unread)

    def __contains__(self, key: object) -> bool:
        return key in self._unread


_HEADING = re.compile(r"^\[([a-z0-9_]+)\][ \t]*$", re.MULTILINE)


@cache
def catalogue() -> Catalogue:
    """All messages by key; a key said twice is an error of ours."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return Catalogue({file.name: file.read_text(encoding="utf-8") for file in files})


def key(made: str) -> MessageKey:
    """A key put together from parts, such as `state_` and a state.

    Raises:
        KeyError: there is no such message.
    """
    if made not in catalogue():
        raise KeyError(made)
    return cast("MessageKey", made)


@dataclass(frozen=True)
class Word:
    """A word of the catalogue that goes into a sentence as a value, in the language in force when it is read."""

    key: MessageKey

    def __str__(self) -> str:
        return text(self.key)


@dataclass(frozen=True)
class Guess:
    """The nearest name that would be right, as a question; nothing where no name is near."""

    near: str | None

    def __str__(self) -> str:
        return text("did_you_mean", near=self.near) if self.near else ""


@dataclass(frozen=True)
class Guesses:
    """Several names that are near, as a sentence; nothing where none is."""

    near: Sequence[str]

    def __str__(self) -> str:
        return text("near_are", near=list(self.near)) if self.near else ""


_named_by: ContextVar[Callable[[str], str | None] | None] = ContextVar("mujun_names", default=None)


def name_firms_by(names: Callable[[str], str | None] | None) -> None:
    """Choose, for this thread of work, who knows a firm's name by its code; `None`: nobody does."""
    _named_by.set(names)


@dataclass(frozen=True)
class Firm:
    """A firm in a sentence: by its name and code, where somebody knows the name; `{code:bare}` is the code alone."""

    code: str
    name: str | None = None

    def __str__(self) -> str:
        names = _named_by.get()
        name = self.name or (names(self.code) if names is not None else None)
        return text("firm_named", name=name, code=self.code) if name else visible(self.code)

    def __format__(self, spec: str) -> str:
        return visible(self.code) if spec == "bare" else str(self)


class _Shown(str):
    """A value as it is shown; where a sentence asks for a bare code, it is one already.

    >>> [f"{_Shown(n)} {_Shown(n):row|rows}" for n in (0, 1, 2)]
    ['0 rows', '1 row', '2 rows']
    """

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        one, either, more = spec.partition("|")
        if either:
            return one if self == "1" else more
        return str.__format__(self, "" if spec == "bare" else spec)


def text(key: MessageKey, /, **values: object) -> str:
    """The sentence `key` in the language in force, with its values put in."""
    shown = {name: value if isinstance(value, Firm) else _Shown(show(value)) for name, value in values.items()}
    entry, spoken = catalogue()[key], language()
    return (entry.get(f"{spoken}_here", entry[spoken]) if _here.get() else entry[spoken]).format_map(shown)


def show(value: object) -> str:
    """A value as a reader wants to see it: no exponent, no trailing zeros, lists with the language's comma.

    Control characters are made visible: no value moves the cursor of a terminal.
    """
    if isinstance(value, str):
        # Most values are texts.
        return visible(str(value))
    if isinstance(value, Firm):
        return str(value)
    if isinstance(value, Decimal):
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, float):
        return show(Decimal(repr(value))) if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return ("、" if language() == "zh" else ", ").join(show(v) for v in value)
    return visible(str(value))


def clauses(several: Iterable[str]) -> str:
    """Clauses that themselves have commas, with the language's semicolon between them."""
    return ("；" if language() == "zh" else "; ").join(several)
