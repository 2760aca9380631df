"""A rule file's text with some values changed in place: comments, order and everything else stay byte for byte."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeVar

import yaml

from mujun.dataclass import dataclass
from mujun.rules.filling.cells import Spot
from mujun.rules.filling.csv_text import with_cells
from mujun.rules.filling.literals import with_literals
from mujun.rules.tree import LOADER, Node, unquoted


@dataclass(frozen=True)
class Change:
    """What is now said at a spot: the text as it is to be read, none where the key is taken out."""

    spot: Spot
    value: str | None


class NotInPlace(Exception):
    """A change that the file's way of writing does not allow in place."""

    def __init__(self, change: Change) -> None:
        self.change = change
        super().__init__(change.spot.path)


Kind = TypeVar("Kind", bound=yaml.Node)

_Piece = tuple[int, int, str]
"""A stretch of the text, by start and end, and what takes its place."""


def changed_texts(texts: Mapping[str, str], changes: list[Change]) -> dict[str, str]:
    """The texts that change, by name.

    Args:
        texts: every text of the rule set.
        changes: what is to be said where.

    Raises:
        NotInPlace: a value cannot be changed where it stands.
    """
    by_file: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_file[change.spot.file].append(change)
    new_texts = {}
    for name, several in by_file.items():
        if name.endswith(".csv"):
            cells = {(c.spot.nth, c.spot.column): c.value or "" for c in several}
            new_texts[name] = with_cells(texts[name], cells)
        else:
            new_texts[name] = _changed(texts[name], several)
    return new_texts


def _changed(text: str, changes: list[Change]) -> str:
    spans = _Spans(text)
    within: dict[tuple[int, int], list[Change]] = defaultdict(list)
    pieces: list[_Piece] = []
    for change in changes:
        node = change.spot.node
        if change.spot.kind == "within" and node is not None:
            within[node.line, node.column].append(change)
        else:
            pieces.append(_piece(spans, change))
    for several in within.values():
        node = several[0].spot.node
        assert node is not None
        new = with_literals(node.text, {c.spot.nth: c.value or "" for c in several})
        pieces.append(_scalar(spans, several[0], new, node))
    # Behind one another, so that what is before stands where it stood; of several at one place the later is first.
    for start, end, new in sorted(pieces, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _piece(spans: _Spans, change: Change) -> _Piece:
    spot, value = change.spot, change.value
    if spot.node is None:
        return spans.inserted(change, f"{spot.key}: {_plain(spot, value or '', quoted=False)}")
    if value is None:
        return spans.removed(change)
    if spot.kind == "years":
        years = spans.of(spot.node, yaml.SequenceNode)
        if years is None:
            raise NotInPlace(change)
        return (*spans.ends(years), f"[{value}]")
    if isinstance(spot.node.value, dict):
        policy = spans.of(spot.node, yaml.MappingNode)
        if policy is None or not policy.flow_style:
            raise NotInPlace(change)
        return (*spans.ends(policy), value)
    return _scalar(spans, change, value, spot.node)


def _scalar(spans: _Spans, change: Change, value: str, node: Node) -> _Piece:
    stands = spans.of(node, yaml.ScalarNode)
    if stands is None:
        raise NotInPlace(change)
    start, end = spans.ends(stands)
    kind = "text" if change.spot.kind == "within" else change.spot.kind
    if kind == "text" and node.quoted and stands.style == "'" and "\n" not in value:
        return start, end, "'" + value.replace("'", "''") + "'"
    if kind != "text" and node.quoted and stands.style in ("'", '"'):
        return start, end, f"{stands.style}{value}{stands.style}"
    return start, end, _plain(change.spot, value, quoted=node.quoted)


_SAFE = re.compile(r"[A-Za-z\u3400-\u9fff（“〔][^:#,\[\]{}\n\r\t\"'&*!|>%@`]*(?<!\s)")


def _plain(spot: Spot, value: str, *, quoted: bool) -> str:
    """A value as YAML, quoted where it was, and where it could be read as something else."""
    if spot.kind not in ("text", "within"):
        return value
    plain = not quoted and _SAFE.fullmatch(value) and unquoted(Node(value, text=value)) == value
    return value if plain else json.dumps(value, ensure_ascii=False)


class _Spans:
    """Where the values of a text begin and end, in characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at: dict[tuple[type, int, int], yaml.Node] = {}
        self._pairs: dict[int, tuple[yaml.MappingNode, int]] = {}
        # One loader counts the mark of byte order before a text, the other does not.
        read = text.removeprefix("\ufeff")
        self._before = len(text) - len(read)
        self._root = yaml.compose(read, Loader=LOADER)
        for node in _all(self._root) if self._root is not None else ():
            at = node.start_mark.line + 1, node.start_mark.column + 1
            self._at.setdefault((type(node), *at), node)
            if isinstance(node, yaml.MappingNode):
                for i, (_, value) in enumerate(node.value):
                    self._pairs[id(value)] = node, i

    def of(self, node: Node, kind: type[Kind]) -> Kind | None:
        """The value that a node was read from."""
        stands = self._at.get((kind, node.line, node.column))
        return stands if isinstance(stands, kind) else None

    def ends(self, node: yaml.Node) -> tuple[int, int]:
        """Where a value begins and ends in the text."""
        return node.start_mark.index + self._before, node.end_mark.index + self._before

    def inserted(self, change: Change, entry: str) -> _Piece:
        """A key with its value written into a mapping: before its second key, so that what it is called stays first."""
        parent = change.spot.parent
        mapping = self.of(parent, yaml.MappingNode) if parent is not None else None
        if mapping is None or not mapping.value:
            raise NotInPlace(change)
        first = mapping.value[min(1, len(mapping.value) - 1)][0]
        if mapping.flow_style:
            last = self.ends(mapping.value[-1][1])[1]
            return last, last, f", {entry}"
        at = self.ends(first)[0]
        return at, at, f"{entry}\n{' ' * first.start_mark.column}"

    def removed(self, change: Change) -> _Piece:
        """A key taken out with its value; in a block the line it stands on."""
        node = change.spot.node
        value = (self.of(node, yaml.ScalarNode) or self.of(node, yaml.MappingNode)) if node is not None else None
        if value is None or id(value) not in self._pairs:
            raise NotInPlace(change)
        mapping, place = self._pairs[id(value)]
        key = mapping.value[place][0]
        start, end = self.ends(key)[0], self.ends(value)[1]
        if mapping.flow_style and len(mapping.value) > 1:
            if place:
                return self.ends(mapping.value[place - 1][1])[1], end, ""
            return start, self.ends(mapping.value[1][0])[0], ""
        line = self.text.rfind("\n", 0, start) + 1
        below = self.text.find("\n", end)
        alone = not self.text[line:start].strip() and key.start_mark.line == value.end_mark.line
        if mapping.flow_style or not alone or len(mapping.value) < 2:
            raise NotInPlace(change)
        return line, len(self.text) if below < 0 else below + 1, ""


def _all(node: yaml.Node) -> Iterator[yaml.Node]:
    yield node
    if isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from _all(inner)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _all(value)


def number_written(value: Decimal) -> str:
    """A number as a rule file writes it: no exponent, no zeros behind."""
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
