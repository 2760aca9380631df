"""The accounts of a workbench that others reach over the network: a file beside the store that its owner alone reads.

Passwords are kept as argon2id hashes. An account that is not right in the file closes the door instead of opening it.
"""

from __future__ import annotations

import json
import os
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, UsageError, problem
from mujun.workbench.rights import ROLES, Person, Role
from mujun.writing import write_text

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST_LENGTH = 10
LEAST_DIFFERENT = 5
LONGEST = 200
LONGEST_NAME = 40


@dataclass(frozen=True)
class Account:
    """Somebody who may come in.

    Attributes:
        name: by which he comes in, and by which his changes are put down.
        role: what he may do.
        of: the office or township.
        kept: the hash of his password.
        since: the day on which the account was made.
    """

    name: str
    role: Role
    of: str = ""
    kept: str = field(default="", repr=False)
    since: str = ""

    @property
    def person(self) -> Person:
        """As pages know him."""
        return Person(self.name, self.role, self.of)


def file_of(store: Path) -> Path:
    """Where the accounts of a store are."""
    return store.with_name(f"{store.name}.users.json")


def accounts(store: Path) -> tuple[Account, ...]:
    """The accounts of a store, in the order in which they were made; none where there is no file.

    Raises:
        InputError: the file cannot be read, is not what it should be, or others than its owner may read it.
    """
    file = file_of(store)
    try:
        mode = file.stat().st_mode
        content = json.loads(file.read_text(encoding="utf-8"))
        known = tuple(_account(a) for a in content["accounts"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError([problem("users_file_wrong", Place(file=file.name))]) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise InputError([problem("users_file_open", Place(file=file.name), file=file.name)])
    return known


def _account(fields: dict[str, Any]) -> Account:
    made = Account(**{k: str(v) for k, v in fields.items()})  # type: ignore[arg-type]
    if made.role not in ROLES or not made.kept.startswith("$argon2id$") or (made.person.limited and not made.of):
        raise ValueError(made.name)
    return made


def add(store: Path, name: str, role: str, of: str, password: str) -> Account:
    """Make an account.

    Raises:
        UsageError: the name is taken or no name, or the password is too weak.
        InputError: the file cannot be read or written.
    """
    before = accounts(store)
    plain = unicodedata.normalize("NFC", name.strip())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise UsageError(problem("users_no_name", most=LONGEST_NAME))
    if any(a.name.casefold() == plain.casefold() for a in before):
        raise UsageError(problem("users_taken", name=plain))
    made = Account(plain, cast("Role", role), of, hashed(plain, password), date.today().isoformat())
    _put(store, [*before, made])
    return made


def remove(store: Path, name: str) -> Account:
    """Take an account away; whoever is in with it is out.

    Raises:
        UsageError: there is no such account.
        InputError: the file cannot be read or written.
    """
    gone = one(store, name)
    _put(store, [a for a in accounts(store) if a.name != gone.name])
    return gone


def change_password(store: Path, name: str, password: str) -> Account:
    """Give an account another password; whoever is in with the old one is out.

    Raises:
        UsageError: there is no such account, or the password is too weak.
        InputError: the file cannot be read or written.
    """
    known = one(store, name)
    changed = Account(known.name, known.role, known.of, hashed(known.name, password), known.since)
    _put(store, [changed if a.name == known.name else a for a in accounts(store)])
    return changed


def one(store: Path, name: str) -> Account:
    """An account by its name.

    Raises:
        UsageError: there is none.
    """
    known = accounts(store)
    plain = unicodedata.normalize("NFC", name.strip())
    account = next((a for a in known if a.name == plain), None)
    if account is None:
        raise UsageError(problem("users_unknown", name=plain, known=[a.name for a in known] or "—"))
    return account


def _put(store: Path, known: Iterable[Account]) -> None:
    file = file_of(store)
    if not file.exists():
        # It is its owner's alone from the first byte on; what is written later keeps that.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    text = json.dumps({"format": 1, "accounts": [asdict(a) for a in known]}, ensure_ascii=False, indent=1)
    write_text(file, text + "\n")
    file.chmod(0o600)


# ------------------------------------------------------------------------------------------------------------ passwords


def hashed(name: str, password: str) -> str:
    """The hash of a new password.

    Raises:
        UsageError: the password is too weak.
    """
    plain = _plain(password)
    weak = (
        not LEAST_LENGTH <= len(plain) <= LONGEST
        or len(set(plain)) < LEAST_DIFFERENT
        or name.casefold() in plain.casefold()
        or len({_kind(c) for c in plain}) < 2
    )
    if weak:
        raise UsageError(problem("users_weak", least=LEAST_LENGTH, different=LEAST_DIFFERENT))
    return hasher().hash(plain)


def right(kept: str, password: str) -> bool:
    """Whether a password is the one of a hash; takes a while on purpose."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(password) > LONGEST:
        return False
    try:
        return hasher().verify(kept, _plain(password))
    except (Argon2Error, InvalidHashError):
        return False


def hasher() -> PasswordHasher:
    """What makes and compares hashes: argon2id with the memory and time that RFC 9106 recommends.

    Raises:
        UsageError: the extra `workbench` is not installed.
    """
    try:
        from argon2 import PasswordHasher
    except ImportError as error:
        raise UsageError(problem("workbench_extra_missing", library=error.name)) from error
    return PasswordHasher()


def _plain(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _kind(character: str) -> str:
    return "letter" if character.isalpha() else "digit" if character.isdigit() else "other"
