"""The wrong rule files of mistakes.yaml: a small right rule set, and what each case changes in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Mistake:
    """One kind of mistake: what is changed, and what a clerk is told."""

    id: str
    codes: tuple[str, ...]
    says: tuple[str, ...]
    en: str | None
    frame: bool
    files: Mapping[str, bytes]
    """The rule set with the mistake, by path below the folder of sets; the set itself is `set/`."""


@cache
def _document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((HERE / "mistakes.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return loaded


@cache
def mistakes() -> tuple[Mistake, ...]:
    """Every case, in the order of the file."""
    return tuple(_mistake(entry) for entry in _document()["cases"])


def right_files() -> dict[str, bytes]:
    """The rule set that is right."""
    return {f"set/{name}": text.encode() for name, text in _document()["base"].items()}


def _mistake(entry: dict[str, Any]) -> Mistake:
    texts = {name: text.decode() for name, text in right_files().items()}
    name = f"set/{entry.get('in', 'rating.yaml')}"
    for name_only in ("rectification.yaml", "allocation.yaml", "targets.yaml"):
        # Only the file that is wrong, and the rating: what is said stays short.
        if name != f"set/{name_only}":
            texts.pop(f"set/{name_only}", None)
    for old, new in entry.get("change", {}).items():
        assert texts[name].count(old) == 1, f"{entry['id']}: {old!r} stands {texts[name].count(old)} times"
        texts[name] = texts[name].replace(old, new)
    texts[name] += entry.get("add", "")
    for other, text in entry.get("files", {}).items():
        path = other if "/" in other else f"set/{other}"
        if text == "":
            texts.pop(path, None)
        else:
            texts[path] = text
    files = {path: text.encode() for path, text in texts.items()}
    for other, digits in entry.get("bytes", {}).items():
        files[f"set/{other}"] = bytes.fromhex(digits)
    says = entry.get("says", [])
    return Mistake(
        entry["id"], tuple(entry["codes"]), (says,) if isinstance(says, str) else tuple(says), entry.get("en"),
        entry.get("frame") == "true", files,
    )  # fmt: skip


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    """The files of a rule set on disk; the folder of the set."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder / "set"


def lines(problems: Sequence[object]) -> list[str]:
    """What a user reads."""
    return [str(p) for p in problems]
