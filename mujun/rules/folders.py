"""Where rule files are read from: folders on disk, or the files a past run kept.

A rule set has an address, `zhejiang/huangyan-2022`; files are kept under `address/file`, so that what a run kept can be
read again without the disk it came from.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Mapping
from dataclasses import field
from importlib import resources
from pathlib import Path
from typing import Protocol

from mujun.dataclass import dataclass
from mujun.errors import Place, RuleError, UsageError, problem
from mujun.fields import nearest
from mujun.writing import note_read

FILES = ("rating.yaml", "rectification.yaml", "allocation.yaml", "targets.yaml", "ladders.yaml", "tests.yaml")


LARGEST_FILE = 20_000_000
"""Bytes of any file of a rule set, lookup tables too: more is not read into memory."""


def text_in(file: Path, shown: str) -> str:
    """The text of a file that people write: UTF-8, else GB18030.

    Args:
        file: the file; it must exist.
        shown: how messages name it.

    Raises:
        RuleError: `file_not_regular`, `file_unreadable`, `rules_file_too_large`, `rules_not_text`.
    """
    place = Place(file=shown)
    try:
        about = file.stat()
        # A pipe or a device gives bytes for ever, or none and waits.
        if not stat.S_ISREG(about.st_mode):
            raise RuleError(problem("file_not_regular", place))
        if about.st_size > LARGEST_FILE:
            raise RuleError(problem("rules_file_too_large", place, largest=LARGEST_FILE))
        data = file.read_bytes()
    except OSError as error:
        raise RuleError(problem("file_unreadable", place, reason=error.strerror or str(error))) from error
    note_read(file)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleError(problem("rules_not_text", place))


class Folder(Protocol):
    """A rule set's folder."""

    @property
    def address(self) -> str:
        """What the set is called."""
        ...

    def read(self, name: str) -> str | None:
        """The text of a file in this folder, `None` where there is none."""
        ...

    def other(self, path: str) -> Folder | None:
        """The folder at a relative path or address, `None` where there is none."""
        ...

    def shown(self, name: str) -> str:
        """A file of this folder as messages name it."""
        ...


@dataclass(frozen=True)
class DiskFolder:
    """A folder on disk; `roots` are searched for addresses."""

    path: Path
    address: str
    roots: tuple[Path, ...] = ()

    @property
    def ships(self) -> bool:
        """Whether the set came with mujun: such a set is never changed."""
        return self.path.resolve().is_relative_to(shipped_rules().resolve())

    def read(self, name: str) -> str | None:
        """The text of a file; only plain names, so that nothing outside the folder can be read."""
        file = self.path / name
        inside = name != "" and name == Path(name).name and not name.startswith(".")
        if not inside or (file.is_symlink() and file.resolve().parent != self.path.resolve()):
            raise RuleError(problem("rules_file_outside", Place(file=self.shown("")), name=name))
        # What stands there and is no file, or a link that leads nowhere, is said and not passed over.
        return text_in(file, self.shown(name)) if os.path.lexists(file) else None

    def other(self, path: str) -> DiskFolder | None:
        """The folder at a path relative to this one, else at an address."""
        near = Path(os.path.normpath(self.path / path))
        if is_rule_set(near):
            return DiskFolder(near, _address_of(near, self.roots), self.roots)
        return _at_address(path, self.roots)

    def shown(self, name: str) -> str:
        """A file as messages name it: by address where it ships, by path otherwise."""
        return posixpath.join(self.address, name)


@dataclass(frozen=True)
class DraftFolder:
    """A folder on disk with other texts in place of some of its files, which nobody has written yet.

    Attributes:
        disk: the folder.
        texts: by file name; a file of which there is none is not there.
    """

    disk: DiskFolder
    texts: Mapping[str, str | None] = field(repr=False)

    @property
    def address(self) -> str:
        """What the set is called."""
        return self.disk.address

    def read(self, name: str) -> str | None:
        """The text of a file as it would be."""
        return self.texts[name] if name in self.texts else self.disk.read(name)

    def other(self, path: str) -> DiskFolder | None:
        """The folder at a path relative to this one, else at an address."""
        return self.disk.other(path)

    def shown(self, name: str) -> str:
        """A file as messages name it."""
        return self.disk.shown(name)


@dataclass(frozen=True)
class KeptFolder:
    """A folder among files that a run kept."""

    address: str
    files: Mapping[str, str] = field(repr=False)

    def read(self, name: str) -> str | None:
        """The text of a kept file."""
        return self.files.get(posixpath.join(self.address, name))

    def other(self, path: str) -> KeptFolder | None:
        """The folder at a path relative to this one, else at an address."""
        for address in (posixpath.normpath(posixpath.join(self.address, path)), path):
            if any(f.startswith(address + "/") for f in self.files):
                return KeptFolder(address, self.files)
        return None

    def shown(self, name: str) -> str:
        """A file as messages name it."""
        return posixpath.join(self.address, name)


def shipped_rules() -> Path:
    """The rule sets that came with mujun: inside the wheel, or beside the package in a checkout."""
    inside = Path(str(resources.files("mujun"))) / "_shipped" / "rules"
    return inside if inside.is_dir() else Path(str(resources.files("mujun"))).parent / "rules"


def roots() -> tuple[Path, ...]:
    """Where addresses are looked up: `$MUJUN_RULES`, then what shipped."""
    stated = os.environ.get("MUJUN_RULES")
    return (*((Path(stated),) if stated else ()), shipped_rules())


def is_rule_set(path: Path) -> bool:
    """Whether a folder holds at least one rule file."""
    return path.is_dir() and any(os.path.lexists(path / name) for name in FILES)


def find_folder(wanted: str | Path) -> DiskFolder:
    """The folder of a rule set, by path or address.

    Raises:
        UsageError: there is no such rule set; names the nearest address.
    """
    searched = roots()
    path = Path(wanted)
    if is_rule_set(path):
        return DiskFolder(path, _address_of(path, searched), searched)
    folder = _at_address(str(wanted), searched)
    if folder is None:
        near = nearest(str(wanted), addresses())
        raise UsageError(
            problem("rules_no_such_set_near" if near else "rules_no_such_set", address=str(wanted), near=near)
        )
    return folder


def addresses() -> list[str]:
    """The addresses of all rule sets that can be named without a path."""
    listed: set[str] = set()
    for root in roots():
        for name in FILES:
            # Sets of one's own stand side by side, those that ship by province.
            for depth in ("*", "*/*"):
                listed.update(file.parent.relative_to(root).as_posix() for file in root.glob(f"{depth}/{name}"))
    return sorted(listed)


def _at_address(address: str, searched: tuple[Path, ...]) -> DiskFolder | None:
    if Path(address).is_absolute() or ".." in Path(address).parts:
        return None
    for root in searched:
        if is_rule_set(root / address):
            return DiskFolder(root / address, posixpath.normpath(address), searched)
    return None


def _address_of(path: Path, searched: tuple[Path, ...]) -> str:
    for root in searched:
        if path.resolve().is_relative_to(root.resolve()):
            return path.resolve().relative_to(root.resolve()).as_posix()
    return path.as_posix() if not path.is_absolute() else path.name
