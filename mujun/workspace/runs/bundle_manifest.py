"""The manifest of a bundle: what it must say, entry by entry, before anything it names is opened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn, TypeVar

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem

FORMAT = "mujun-bundle/1"
MANIFEST, SEAL, README = "manifest.json", "manifest.sha256", "README.txt"

LARGEST_MANIFEST = 20_000_000
"""Bytes of a manifest; a real one has some thousand."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST = 2**31 - 1
_T = TypeVar("_T")


@dataclass(frozen=True)
class Manifest:
    """What a bundle's manifest says.

    Attributes:
        run, year, rules, label, final, binding, batch, version, who, created_at, digest: of the run.
        inputs, rule_files, results: file by table, by rule file, by result table.
        digests: of the result tables.
        files: SHA-256 by file.
    """

    run: int
    year: int
    rules: str
    label: str
    final: bool
    binding: bool
    batch: int
    version: str
    who: str
    created_at: datetime | None
    digest: str
    inputs: Mapping[str, str]
    rule_files: Mapping[str, str]
    results: Mapping[str, str]
    digests: Mapping[str, str]
    files: Mapping[str, str]


def read_manifest(folder: Path) -> Manifest:
    """Read and check a bundle's manifest.

    Raises:
        InputError: `bundle_no_manifest`; `bundle_other_format`; `bundle_bad_manifest` with the entry that is wrong.
    """
    file = folder / MANIFEST
    if not file.is_file():
        raise InputError(problem("bundle_no_manifest", Place(file=str(folder))))
    checked = _Checked(file, _json(file))
    told = checked.entries.get("format")
    if not isinstance(told, str) or not told.startswith("mujun-bundle/"):
        checked.wrong("format")
    if told != FORMAT:
        raise InputError(problem("bundle_other_format", Place(file=str(file)), found=told, known=FORMAT))
    files = checked.files()
    results = checked.results()
    manifest = Manifest(
        run=checked.whole("run"),
        year=checked.whole("year"),
        rules=checked.of("rules", str),
        label=checked.of("label", str),
        final=checked.of("final", bool),
        binding=checked.of("binding", bool),
        batch=checked.whole("batch"),
        version=checked.of("mujun_version", str),
        who=checked.of("who", str),
        created_at=checked.moment("created_at"),
        digest=checked.of("digest", str),
        inputs=checked.names("inputs"),
        rule_files=checked.names("rule_files"),
        results={name: file for name, (file, _) in results.items()},
        digests={name: digest for name, (_, digest) in results.items()},
        files=files,
    )
    for key in ("inputs", "rule_files", "results"):
        for name, listed in getattr(manifest, key).items():
            if listed not in files:
                checked.wrong(f"{key}.{name}")
    return manifest


def _json(file: Path) -> object:
    place = Place(file=str(file))
    try:
        if file.stat().st_size > LARGEST_MANIFEST:
            raise InputError(problem("bundle_bad_manifest", place))
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError):  # no text, no JSON, a number too long, or lists within lists without end
        raise InputError(problem("bundle_bad_manifest", place)) from None
    except OSError as error:
        raise InputError(problem("bundle_unreadable", place)) from error


class _Checked:
    """A manifest's entries, each asked for by kind."""

    def __init__(self, file: Path, entries: object) -> None:
        self._file = file
        if not isinstance(entries, dict):
            self.wrong(None)
        self.entries: dict[str, Any] = entries

    def wrong(self, key: str | None) -> NoReturn:
        raise InputError(problem("bundle_bad_manifest", Place(file=str(self._file), key=key)))

    def of(self, key: str, kind: type[_T]) -> _T:
        value = self.entries.get(key)
        if not isinstance(value, kind):
            self.wrong(key)
        return value

    def whole(self, key: str) -> int:
        value = self.entries.get(key)
        # JSON's true would pass for 1.
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
            self.wrong(key)
        return value

    def moment(self, key: str) -> datetime | None:
        value = self.entries.get(key)
        if value is None:
            return None
        try:
            return datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong(key)

    def names(self, key: str) -> dict[str, str]:
        names = self.of(key, dict)
        for name, value in names.items():
            if not isinstance(value, str):
                self.wrong(f"{key}.{name}")
        return names

    def results(self) -> dict[str, tuple[str, str]]:
        entries = self.of("results", dict)
        # A run of townships or parks keeps subjects alone.
        if "ratings" not in entries and set(entries) != {"subjects"}:
            self.wrong("results.ratings")
        for name, entry in entries.items():
            has_file = isinstance(entry, dict) and isinstance(entry.get("file"), str)
            if not has_file or not isinstance(entry.get("digest"), str):
                self.wrong(f"results.{name}")
        return {name: (entry["file"], entry["digest"]) for name, entry in entries.items()}

    def files(self) -> dict[str, str]:
        entries = self.of("files", dict)
        for name, entry in entries.items():
            sha256 = entry.get("sha256") if isinstance(entry, dict) else None
            if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or not _inside(name):
                self.wrong(f"files.{name}")
        return {name: entry["sha256"] for name, entry in entries.items()}


def _inside(name: str) -> bool:
    """Whether a name leads to a file of the bundle's own folder on every system."""
    parts = PurePosixPath(name).parts
    plain = name.isprintable() and not any(sign in name for sign in '\\:*?"<>|')
    return bool(parts) and plain and not name.startswith("/") and ".." not in parts
