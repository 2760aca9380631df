"""Rule files as trees of nodes that remember where they stand.

YAML 1.2 by its core schema, with three differences that suit rules: numbers become decimals, never floats; duplicate
and empty keys are errors; aliases are refused, so that a small file stays small. A node keeps file and line, so that
after `extends` every mistake still points at the file in which it was made.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import yaml

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, RuleError, problem
from mujun.messages import MessageKey
from mujun.rules.yaml_slips import slip_of_key, syntax_problems

Scalar = str | Decimal | bool | None

LARGEST_FILE = 2_000_000
"""Bytes of a rule file; the largest real one is a hundredth of that."""
DEEPEST_TREE = 40
"""Mappings and lists within one another; real rules have ten."""
_DEEPEST_SEEN = 1000
# What can nest without a line of its own: `[`, `{`, and signs before the first word of a line.
_BRACKETS = re.compile(r"[\[{]|[\]}]")
_LONG_BEGINNING = re.compile(rf"^[ \t?:-]{{{_DEEPEST_SEEN + 1}}}", re.MULTILINE)

LOADER: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Texts stay texts: what a scalar means is told here (`unquoted`), and asking YAML's own rules took half the time."""
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CUT_EXPRESSION = re.compile(r"[)'\"]$|[(<>=*/+]")
"""What a key looks like that is the rest of an expression after its comma."""
_NULL = {"~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}


@dataclass(frozen=True)
class Node:
    """A value of a rule file and its place.

    `value` is a scalar, a tuple of nodes, or a dict of nodes; `text` is a scalar as written.
    """

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    file: str = ""
    line: int = 0
    column: int = 0
    text: str = ""
    quoted: bool = False

    def place(self, key: str = "") -> Place:
        """Where the node stands; `key` is its dotted path."""
        return Place(file=self.file or None, line=self.line or None, column=self.column or None, key=key or None)

    @property
    def is_removal(self) -> bool:
        """Whether the node is an explicit `~`."""
        return self.value is None


@functools.lru_cache(maxsize=128)
def read_tree(text: str, file: str) -> Node:
    """A rule file's text as a node: the same one for the same text, since pages ask for the sets that ship every time.

    Raises:
        RuleError: the text is no YAML, or a key is duplicate or empty, or an alias is used; all at once.
    """
    if len(text.encode()) > LARGEST_FILE:
        raise RuleError(problem("rules_file_too_large", Place(file=file), largest=LARGEST_FILE))
    if _looks_bottomless(text):
        raise RuleError(problem("rules_too_deep", Place(file=file), deepest=DEEPEST_TREE))
    try:
        # The events come first: they are read without recursion, the tree is not.
        aliases, depth, deepest = [], 0, 0
        for event in yaml.parse(text, Loader=LOADER):
            depth += isinstance(event, yaml.events.CollectionStartEvent)
            depth -= isinstance(event, yaml.events.CollectionEndEvent)
            deepest = max(deepest, depth)
            if isinstance(event, yaml.events.AliasEvent):
                aliases.append(event)
        if deepest > DEEPEST_TREE:
            raise RuleError(problem("rules_too_deep", Place(file=file), deepest=DEEPEST_TREE))
        root = yaml.compose(text, Loader=LOADER) if not aliases else None
    except yaml.YAMLError as error:
        raise RuleError(syntax_problems(error, text, file)) from None
    if aliases:
        mark = aliases[0].start_mark
        place = Place(file=file, line=mark.line + 1 if mark else None)
        raise RuleError(problem("rules_alias", place, name=aliases[0].anchor))
    if root is None:
        raise RuleError(problem("rules_file_empty", Place(file=file)))
    problems: list[Problem] = []
    node = _node(root, file, "", problems)
    if problems:
        raise RuleError(problems)
    return node


def _looks_bottomless(text: str) -> bool:
    """Whether a text may nest so deep that some parsers take minutes to find out.

    Counted without a parser, quotes and comments not told apart: far above what any rule has, far below what is slow.
    """
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(depth - 1, 0)
        if depth > _DEEPEST_SEEN:
            return True
    return _LONG_BEGINNING.search(text) is not None


def _node(source: yaml.Node, file: str, path: str, problems: list[Problem]) -> Node:
    line, column = source.start_mark.line + 1, source.start_mark.column + 1
    if isinstance(source, yaml.ScalarNode):
        quoted = source.style in ("'", '"', "|", ">")
        value: Scalar = source.value if quoted else _scalar(source.value)
        return Node(value, file, line, column, source.value, quoted)
    if isinstance(source, yaml.SequenceNode):
        items = tuple(_node(item, file, f"{path}[{i}]", problems) for i, item in enumerate(source.value))
        return Node(items, file, line, column)
    entries: dict[str, Node] = {}
    for key_node, value_node in source.value:
        key = str(key_node.value)
        here = f"{path}.{key}" if path else key
        if not isinstance(key_node, yaml.ScalarNode) or key == "":
            problems.append(problem("rules_empty_key", _place_of(key_node, file, path or None)))
        elif key in entries:
            place = _place_of(key_node, file, here)
            problems.append(problem("rules_duplicate_key", place, name=key, first=entries[key].line))
        elif isinstance(value_node, yaml.ScalarNode) and value_node.value == "" and not value_node.style:
            # libyaml gives a plain scalar the style "", the Python loader gives None.
            slip, place = slip_of_key(key), _place_of(key_node, file, here)
            if slip is not None:
                problems.append(problem(slip, place, found=key, line=key))
                continue
            code: MessageKey = "rules_comma_unquoted" if _CUT_EXPRESSION.search(key) else "rules_empty_value"
            problems.append(problem(code, place, name=key))
        else:
            entries[key] = _node(value_node, file, here, problems)
    return Node(entries, file, line, column)


def _place_of(source: yaml.Node, file: str, key: str | None) -> Place:
    return Place(file=file, line=source.start_mark.line + 1, column=source.start_mark.column + 1, key=key)


def unquoted(node: Node) -> Scalar:
    """What a scalar would be without its quotes."""
    return _scalar(node.text)


def _scalar(text: str) -> Scalar:
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    return text


# ----------------------------------------------------------------------------------------------------------- extends

NEVER_INHERITED = frozenset({"name", "years", "status", "sources", "omits", "require", "extends"})
"""Keys of the head that a rule set states for itself."""


def merge(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """`over` laid upon `base`: deep for mappings, by `id` for lists, `~` removes.

    An entry of `tiers.cut` replaces the base's whole: half a cut of one document and half of another would be neither.
    """
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        if len(path) == 3 and path[:2] == ("tiers", "cut"):
            return over
        merged = {k: n for k, n in base.value.items() if path or k not in NEVER_INHERITED}
        for key, node in over.value.items():
            if node.is_removal and key in merged:
                del merged[key]
            else:
                merged[key] = merge(merged[key], node, (*path, key)) if key in merged else node
        return replace(over, value=merged)
    if _has_ids(base) and _has_ids(over):
        return replace(over, value=_merge_members(base, over, path))
    return over


def _has_ids(node: Node) -> bool:
    return isinstance(node.value, tuple) and all(isinstance(m.value, dict) and "id" in m.value for m in node.value)


def member_id(member: Node) -> str:
    """The `id` of a list's member."""
    assert isinstance(member.value, dict)
    return member.value["id"].text


def _merge_members(base: Node, over: Node, path: tuple[str, ...]) -> tuple[Node, ...]:
    assert isinstance(base.value, tuple)
    assert isinstance(over.value, tuple)
    members = {member_id(m): m for m in base.value}
    for member in over.value:
        assert isinstance(member.value, dict)
        key = member_id(member)
        removal = member.value.get("remove")
        if removal is not None and removal.value is True:
            members.pop(key, None)
        else:
            members[key] = merge(members[key], member, (*path, key)) if key in members else member
    return tuple(members.values())


def plain(node: Node) -> object:
    """A node as plain Python values, for display and for digests."""
    value = node.value
    if isinstance(value, dict):
        return {k: plain(n) for k, n in value.items()}
    if isinstance(value, tuple):
        return [plain(n) for n in value]
    return value


def child(node: Node, path: str) -> Node | None:
    """The node at a dotted path below `node`, if there is one."""
    reached: Node | None = node
    for key in path.split("."):
        if reached is None or not isinstance(reached.value, Mapping):
            return None
        reached = reached.value.get(key)
    return reached
