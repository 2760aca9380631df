"""A new rule set from another: copied with its comments, with what has to be filled in marked.

What the new document says is not known yet: name, place, years and sources are opened for editing, and `rules check`
goes on reminding until they are filled in.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mujun.errors import UsageError, problem
from mujun.rules.folders import FILES, DiskFolder, find_folder, roots
from mujun.rules.loading import load_rules
from mujun.rules.ruleset import RuleSet
from mujun.rules.soundness import TO_FILL


@dataclass(frozen=True)
class Made:
    """A rule set that was made: its folder, its files, and the set it was copied from."""

    folder: Path
    files: tuple[str, ...]
    source: str


def make_rules(folder: str | Path, source: str | Path) -> Made:
    """A new rule set in a folder, copied from another.

    An abstract base is not copied but extended. Comments stay; `extends` and `include` go on pointing at the same sets.

    Args:
        folder: where to; it may exist, but must hold no rule file.
        source: address or folder of the set to copy.

    Raises:
        UsageError: there is no such source, or the folder holds rule files already.
        RuleError: the source is not well-formed.
    """
    target = Path(folder)
    taken = [name for name in FILES if (target / name).exists()]
    if taken or (target.exists() and not target.is_dir()):
        raise UsageError(problem("new_exists", folder=str(target), files=taken or [target.name]))
    found = find_folder(source)
    ruleset = load_rules(source)
    texts = _texts(found, ruleset, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and moved: a full disk leaves no half of a rule set.
    aside = Path(tempfile.mkdtemp(prefix=".mujun-new-", dir=target.parent))
    try:
        for name, text in texts.items():
            (aside / name).write_text(text, encoding="utf-8", newline="\n")
        if target.exists():
            for name in texts:
                (aside / name).replace(target / name)
        else:
            aside.chmod(0o755)
            aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Made(target, tuple(texts), found.address)


def _texts(found: DiskFolder, ruleset: RuleSet, target: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name in FILES:
        text = found.read(name)
        if text is None:
            continue
        file = getattr(ruleset, name.removesuffix(".yaml"), None)
        if name == "tests.yaml":
            texts[name] = _tests_note(found.address) + text
        elif file is not None and file.status == "abstract":
            texts[name] = _completing(name.removesuffix(".yaml"), found, target)
        else:
            texts[name] = _opened(text, found, target, years=tuple(file.years) if file is not None else ())
    tables = {
        t.file for f in (ruleset.rating, ruleset.rectification, ruleset.allocation) if f for t in f.tables.values()
    }
    for name in sorted(tables):
        text = found.read(name)
        if text is not None:
            texts[name] = text
    return texts


def _tests_note(address: str) -> str:
    return f"# {TO_FILL}：以下算例抄自 {address}，得数按它的规则手算。规则改动后请重新手算，再运行 mujun rules test。\n"


def _completing(kind: str, found: DiskFolder, target: Path) -> str:
    return f"""\
# 本文件补全 {found.address}：只写它没有的，和与它不同的。写好后运行 mujun rules check。
mujun: 1
kind: {kind}
name: {TO_FILL}：名称
place: {TO_FILL}：适用地区
years: []  # {TO_FILL}：适用的数据年度，如 [2023]
status: example  # {TO_FILL}：official 全文；excerpt 所见部分；example 示例
sources:
  # checked 写核对原文的日期，如 checked: 2026-11-23
  - {{document: {TO_FILL}：文件名称或文号}}
extends: {_reference(found, ".", target)}
"""


# ---------------------------------------------------------------------------------------------------------- the head

_TOP_KEY = re.compile(r"^([A-Za-z_]+):(.*)$")


def _opened(text: str, found: DiskFolder, target: Path, years: tuple[int, ...]) -> str:
    """A rule file's text with its head opened for editing and everything else as it was."""
    lines: list[str] = [f"# 抄自 {found.address}。请按新文件改写标有“{TO_FILL}”的各行，再运行 mujun rules check。"]
    block = ""
    for line in text.splitlines():
        key = _TOP_KEY.match(line)
        if key is not None:
            block = key[1]
            lines += _head_line(block, key[2].strip(), line, found, target, years)
        elif block == "sources" and line.strip():
            lines.append(f"  # 原：{line.strip()}" if not line.lstrip().startswith("#") else line)
        elif block == "include":
            lines.append(_included(line, found, target))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _head_line(key: str, value: str, line: str, found: DiskFolder, target: Path, years: tuple[int, ...]) -> list[str]:
    if key in ("name", "place"):
        return [f"{key}: {TO_FILL}  # 原：{value}"]
    if key == "years":
        following = max(years, default=0) + 1
        return [f"years: [{following}]  # {TO_FILL}：数据年度；原：{value}" if years else line]
    if key == "status":
        return [f"status: example  # {TO_FILL}：official 全文；excerpt 所见部分；example 示例；原：{value}"]
    if key == "sources":
        old = [f"  # 原：{value}"] if value else []
        return ["sources:", f"  - {{document: {TO_FILL}}}  # 每份文件一行；checked 写核对原文的日期", *old]
    if key == "extends":
        return [f"extends: {_reference(found, _plain(value), target)}"]
    if key == "include":
        return [_included(line, found, target)]
    return [line]


def _plain(value: str) -> str:
    """A scalar without its comment and quotes."""
    return value.split(" #")[0].strip().strip("'\"")


def _reference(found: DiskFolder, path: str, target: Path) -> str:
    """A set that a copied file refers to, as the new folder has to call it."""
    other = found if path == "." else found.other(path)
    if other is None:
        return path
    if any(other.path.resolve().is_relative_to(root.resolve()) for root in roots()):
        return other.address
    return Path(os.path.relpath(other.path.resolve(), target.resolve())).as_posix()


def _included(line: str, found: DiskFolder, target: Path) -> str:
    """A line of `include` whose relative path, if it has one, leads from the new folder."""

    def moved(match: re.Match[str]) -> str:
        return match[1] + _reference(found, match[2], target)

    return re.sub(r"((?:^\s*-\s+|from:\s*|\[\s*|,\s*))(\.\.?/[^\s,}\]#]+)", moved, line)
