"""A rule set's files packed into a text, so that a workbook carries what it was made from."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import zlib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.rules.folders import FILES, LARGEST_FILE, find_folder
from mujun.rules.loading import load_rules
from mujun.rules.ruleset import RuleSet

LAYOUT = 2
"""The way in which rule sets are laid out: a workbook laid out otherwise cannot be held against this one."""


@dataclass(frozen=True)
class KeptRules:
    """A rule set's files with every byte.

    Attributes:
        address: what the set is called.
        files: bytes by `address/file`, of the bases, included sets and lookup tables that it rests on too.
    """

    address: str
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def texts(self) -> dict[str, str]:
        """The files as texts."""
        return {name: decoded(data)[0] for name, data in self.files.items()}

    @property
    def own(self) -> dict[str, bytes]:
        """The set's own files, by name."""
        front = f"{self.address}/"
        return {n.removeprefix(front): d for n, d in self.files.items() if n.startswith(front)}


class NotKept(Exception):
    """A text that does not hold the files of a rule set."""


def kept_rules(wanted: str | Path) -> tuple[RuleSet, KeptRules]:
    """A rule set, and its files as they are on disk.

    Raises:
        UsageError: there is no such rule set.
        RuleError: it is not well-formed.
    """
    folder = find_folder(wanted)
    ruleset = load_rules(wanted)
    files = {name: text.encode() for name, text in ruleset.texts.items()}
    for name in (*FILES, *(n.rsplit("/", 1)[-1] for n in files)):
        file = f"{folder.address}/{name}"
        if file in files:
            files[file] = (folder.path / name).read_bytes()
    return ruleset, KeptRules(folder.address, files)


def packed(kept: KeptRules) -> str:
    """The files as one line of plain letters."""
    content = {"address": kept.address, "files": {n: d.decode("latin-1") for n, d in sorted(kept.files.items())}}
    data = json.dumps(content, ensure_ascii=True, sort_keys=True).encode()
    return base64.b64encode(zlib.compress(data, 9)).decode()


def unpacked(line: str) -> KeptRules:
    """The files again.

    Raises:
        NotKept: the line is not one that `packed` wrote, or it holds more than a rule set can.
    """
    opened = zlib.decompressobj()
    try:
        data = opened.decompress(base64.b64decode(line, validate=True), LARGEST_FILE)
        content = json.loads(data) if opened.eof else None
    except (binascii.Error, zlib.error, ValueError) as error:
        raise NotKept from error
    if (
        not isinstance(content, dict)
        or not isinstance(content.get("address"), str)
        or not isinstance(content.get("files"), dict)
    ):
        raise NotKept
    files = {str(name): str(text).encode("latin-1") for name, text in content["files"].items()}
    for name in files:
        file = name.rsplit("/", 1)[-1]
        if "/" not in name or file != Path(file).name or not (file in FILES or file.endswith(".csv")):
            raise NotKept
    return KeptRules(content["address"], files)


def decoded(data: bytes) -> tuple[str, str]:
    """A rule file's text, and what it is written in."""
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig"), "utf-8-sig"
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError:
        return data.decode("gb18030"), "gb18030"
