"""A rule set's files in a new folder: what they refer to is found from there, or comes along."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from pathlib import Path

from mujun.errors import UsageError
from mujun.rules.filling.cells import Spot
from mujun.rules.filling.editing import Change, changed_texts
from mujun.rules.filling.kept import KeptRules, decoded
from mujun.rules.folders import FILES, KeptFolder, find_folder, is_rule_set
from mujun.rules.tree import Node, child, read_tree


def moved_files(kept: KeptRules, texts: Mapping[str, str], target: Path) -> dict[str, bytes]:
    """The files of a new set by path below its folder.

    A file that did not change is kept byte for byte. What a set extends or includes stays where it is if it is found
    from the new folder, is called by its address if it ships, and else is copied into a folder below.

    Args:
        kept: the files as they were.
        texts: their texts as they are now.
        target: the new folder.
    """
    files: dict[str, bytes] = {}
    _move(kept, texts, kept.address, target, "", files)
    return files


def renamed(kept: KeptRules, texts: Mapping[str, str], name: str) -> dict[str, str]:
    """The texts with the set's name exchanged, where nobody has changed it: two sets of one name are not told apart.

    Args:
        kept: the files as they were.
        texts: their texts as they are now.
        name: what the new set is called; as it was where it is empty.
    """
    # The first file that a set has gives it its name.
    full = next((f for n in FILES if (f := f"{kept.address}/{n}") in texts), None)
    if not name or full is None or full not in kept.texts:
        return dict(texts)
    now, before = (child(read_tree(t, full), "name") for t in (texts[full], kept.texts[full]))
    if now is None or before is None or now.value != before.value:
        return dict(texts)
    return {**texts, **changed_texts({full: texts[full]}, [Change(Spot("text", full, "name", now), name)])}


def _move(
    kept: KeptRules, texts: Mapping[str, str], address: str, target: Path, below: str, files: dict[str, bytes]
) -> None:
    front = f"{address}/"
    for full, data in kept.files.items():
        name = full.removeprefix(front)
        if not full.startswith(front) or "/" in name:
            continue
        old, encoding = decoded(data)
        new = texts[full]
        if name.endswith(".yaml") and name != "tests.yaml":
            new = _with_references(kept, texts, full, target / below, below, files)
        files[posixpath.join(below, name)] = data if new == old else new.encode(encoding)


def _with_references(
    kept: KeptRules, texts: Mapping[str, str], full: str, place: Path, below: str, files: dict[str, bytes]
) -> str:
    """A file's text, its references as the new place has to call them; sets that come along are put into `files`."""
    text = texts[full]
    folder = KeptFolder(posixpath.dirname(full), kept.texts)
    changes = []
    for node in _references(read_tree(text, full)):
        other = folder.other(node.text)
        if other is None:
            continue
        called = _called(kept, texts, other.address, node.text, place)
        if called is None:
            called = posixpath.basename(other.address)
            inner = posixpath.join(below, called)
            if not any(n.startswith(f"{inner}/") for n in files):
                _move(kept, texts, other.address, place.joinpath(*[".."] * len(Path(below).parts)), inner, files)
        if called != node.text:
            changes.append(Change(Spot("text", full, "", node), called))
    return changed_texts({full: text}, changes).get(full, text)


def _references(tree: Node) -> list[Node]:
    nodes = [child(tree, "extends")]
    included = child(tree, "include")
    for entry in included.value if included is not None and isinstance(included.value, tuple) else ():
        nodes.append(child(entry, "from") if isinstance(entry.value, dict) else entry)
    return [n for n in nodes if n is not None and isinstance(n.value, str)]


def _called(kept: KeptRules, texts: Mapping[str, str], address: str, named: str, place: Path) -> str | None:
    """What a set is called from a place where it is found as it was kept; nothing where it is not, or has changed."""
    files = {n.removeprefix(f"{address}/"): t for n, t in kept.texts.items() if n.startswith(f"{address}/")}
    if any(texts[f"{address}/{name}"] != text for name, text in files.items()):
        return None
    # The new folder need not be there yet.
    for name, folder in ((named, Path(os.path.normpath(place / named))), (address, None)):
        if folder is not None and is_rule_set(folder):
            if all(_text_at(folder / n) == t for n, t in files.items()):
                return name
        elif ".." not in Path(name).parts and not Path(name).is_absolute():
            try:
                known = find_folder(name)
            except UsageError:
                continue
            if all(_text_at(known.path / n) == t for n, t in files.items()):
                return name
    return None


def _text_at(file: Path) -> str | None:
    return decoded(file.read_bytes())[0] if file.is_file() else None
