"""A rule set laid out as tables along the models of the rule language: numbers, reasons, names open, the rest locked.

One walk serves every kind of file, so that a key that the language gains is laid out without a line here: an object is
a table of its keys, a list or mapping of objects a table with a row each, what is nested in those a table below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, get_args, get_origin

from mujun import messages
from mujun.dataclass import dataclass
from mujun.messages import Language, language, show, speaking
from mujun.rules.allocation_plan import check_allocation
from mujun.rules.differing import ValuesInWords, key_in_words, words_of_file
from mujun.rules.document import Heading, Table
from mujun.rules.expressions import Expression
from mujun.rules.filling.cells import FormCell, FormPage, Grid, Kind, Spot, Title
from mujun.rules.filling.csv_text import csv_cells
from mujun.rules.filling.hints import (
    choices_of,
    inner_hint,
    is_expression,
    is_model,
    is_number,
    is_plain,
    is_required,
    kind_of,
)
from mujun.rules.filling.literals import literals_in
from mujun.rules.loading import MODELS, tree_of
from mujun.rules.model import Item, Peers, Scoring, TierClass
from mujun.rules.ruleset import RuleSet
from mujun.rules.shape import Reading, in_short, keys_of, opened, read
from mujun.rules.showing_policies import included_parts as show_included
from mujun.rules.showing_rating import POLICIES, peers_in_words, words_of
from mujun.rules.tree import Node, plain

LAID_OUT = ("rating", "rectification", "allocation", "targets")
"""The kinds of files that have a sheet."""

_UNTOUCHED = frozenset({"mujun", "kind", "extends", "id", "require", "stability"})
"""Keys that say how a file is written, not what it says."""
_NAMES = ("label", "reason", "path", "document", "name")
"""Keys by which a member of a list is known to a reader."""
_ALWAYS = {Item: ("cap", "missing")}
"""Keys that have a column though no member states them."""


def pages_of(ruleset: RuleSet, language: Language = "zh") -> tuple[FormPage, ...]:
    """The sheets of a rule set that is well-formed: a file each, then its lookup tables.

    Args:
        ruleset: the rule set.
        language: of what is locked: titles, headers, conditions. What is open, and where, is the same in each;
            workbooks, and whoever reads answers out of cells, go by the Chinese sheets.
    """
    with speaking(language):
        pages = []
        for kind, model in MODELS.items():
            tree = tree_of(ruleset, kind) if kind in LAID_OUT else None
            if tree is not None:
                walk = _Laying(ValuesInWords(words_of_file(ruleset, kind)), _names_of(ruleset, tree))
                parts = [*walk.whole(tree, model, _other_words(ruleset, kind))]
                if kind == "allocation":
                    parts += _taken_in(ruleset)
                pages.append(FormPage(messages.text(messages.key(f"form_{kind}")), tuple(parts)))
        tables = tuple(_tables(ruleset))
        return (*pages, FormPage(messages.text("form_tables"), tables)) if tables else tuple(pages)


def _names_of(ruleset: RuleSet, tree: Node) -> Mapping[str, str]:
    """Names that have no words as expressions know them: cohorts, and members of lists by what they are called."""
    names: dict[str, str] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, tuple):
            waiting += node.value
        elif isinstance(node.value, dict):
            waiting += node.value.values()
        if isinstance(node.value, dict) and "id" in node.value:
            called = next((node.value[k].text for k in _NAMES if k in node.value), None)
            if called is not None:
                names.setdefault(node.value["id"].text, called)
    if ruleset.rating is not None:
        names |= {c.id: c.label for c in ruleset.rating.cohorts if c.label}
        for tier in ruleset.rating.tiers.classes if ruleset.rating.tiers else ():
            names.pop(tier.id, None)
    return {**names, "default": messages.text("form_rest")}


def _other_words(ruleset: RuleSet, kind: str) -> Mapping[str, ValuesInWords]:
    """Keys whose expressions have names of their own: what freed energy is given to are projects."""
    if kind != "allocation":
        return {}
    pools = check_allocation(ruleset)[0].pools
    return {"pools": ValuesInWords(words_of(pools[0].scope, {}, {}, None))} if pools else {}


def _taken_in(ruleset: RuleSet) -> Iterator[Title | Grid]:
    """The measures of included sets as a notice prints them, to be read, not changed, and where each is changed."""
    for address, part in show_included(ruleset):
        if isinstance(part, Heading):
            yield Title(messages.text("form_included", what=part.text, address=address), 2)
        elif isinstance(part, Table):
            yield Grid(part.titles, tuple(tuple(FormCell(c) for c in row) for row in part.rows))


def _tables(ruleset: RuleSet) -> Iterator[Title | Grid]:
    for name, text in ruleset.texts.items():
        if not name.endswith(".csv"):
            continue
        kinds = [(k, n) for k, tables in ruleset.lookups.items() for n in tables.values() if n.file == name]
        keys = {key for _, lookup in kinds for key in lookup.keys}
        header, *rows = csv_cells(text)
        yield Title(name.rsplit("/", 1)[-1])
        lines = []
        for line in rows:
            cells = []
            for column, cell in enumerate(line):
                head = header[column].value if column < len(header) else ""
                spot = None if head in keys else Spot("table", name, f"{head}", nth=cell.row, column=column)
                cells.append(FormCell(_number(cell.value) if spot else cell.value, spot))
            lines.append(tuple(cells))
        yield Grid(tuple(h.value for h in header), tuple(lines))


def _number(text: str) -> str | Decimal:
    """A number that a workbook gives back as it is; any other text as text."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        return text
    plain = value.is_finite() and len(value.as_tuple().digits) <= 15 and show(value) == text
    return value if plain else text


@dataclass(frozen=True)
class _Member:
    """A member of a list or mapping: what it is called, its node and path."""

    name: str
    node: Node
    path: str


@dataclass(frozen=True)
class _Laying:
    """One walk along a file's tree and the model that describes it."""

    wording: ValuesInWords
    names: Mapping[str, str]

    def whole(self, tree: Node, model: Any, others: Mapping[str, ValuesInWords]) -> Iterator[Title | Grid]:
        """A file: its head, then a part for each of its keys."""
        assert isinstance(tree.value, dict)
        known = {k: v for k, v in keys_of(model).items() if k not in _UNTOUCHED}
        yield Title(tree.value["name"].text if "name" in tree.value else "")
        plain = {k: v for k, v in known.items() if is_plain(v[1]) and inner_hint(v[1]) != tuple[str, ...]}
        yield from self._object(tree, plain, "", ())
        for key, (field, hint) in known.items():
            node = tree.value.get(key)
            if key not in plain and node is not None:
                walk = replace(self, wording=others[key]) if key in others else self
                yield from walk._part(opened(node, hint, field), hint, key, (key_in_words(key, (field, hint)),))

    # ------------------------------------------------------------------------------------------------------ shapes

    def _part(self, node: Node, hint: Any, path: str, title: tuple[str, ...]) -> Iterator[Title | Grid]:
        """A value that is no plain one, below its title."""
        inner = inner_hint(hint)
        origin, arguments = get_origin(inner), get_args(inner)
        member = inner_hint(arguments[-1] if origin is dict else arguments[0]) if arguments else None
        if inner is Scoring:
            yield from self._items(node, path, title)
        elif is_model(inner):
            if isinstance(node.value, dict):
                yield _titled(title)
                yield from self._object(node, keys_of(inner), path, title)
        elif origin is dict and isinstance(node.value, dict):
            yield from self._mapping(node, member, path, title)
        elif origin is tuple and isinstance(node.value, tuple):
            yield from self._list(node, member, path, title)

    def _items(self, node: Node, path: str, title: tuple[str, ...]) -> Iterator[Title | Grid]:
        """What a cohort's indicators earn."""
        if isinstance(node.value, dict):
            members = [_Member(self._word(k), n, f"{path}.{k}") for k, n in node.value.items() if k != "total"]
            yield from self._members(members, Item, title, messages.text("form_indicator"))

    def _mapping(self, node: Node, member: Any, path: str, title: tuple[str, ...]) -> Iterator[Title | Grid]:
        assert isinstance(node.value, dict)
        members = [_Member(self._word(k), n, f"{path}.{k}") for k, n in node.value.items()]
        if member is Scoring:
            for m in members:
                yield from self._items(m.node, m.path, (*title, m.name))
        elif is_model(member):
            yield from self._members(members, member, title, messages.text("form_name"))
        elif get_origin(member) is dict:
            yield from self._matrix(members, title)
        else:
            yield _titled(title)
            rows = [(FormCell(m.name), *self._plain(m.node, member, m.path, node, k, required=True))
                    for k, m in zip(node.value, members, strict=True)]  # fmt: skip
            yield _grid((messages.text("form_name"), messages.text("form_content")), rows)

    def _list(self, node: Node, member: Any, path: str, title: tuple[str, ...]) -> Iterator[Title | Grid]:
        assert isinstance(node.value, tuple)
        if not node.value:
            return
        if is_model(member) and all(isinstance(m.value, dict) for m in node.value):
            members = [_Member(_id_of(m), m, f"{path}.{_id_of(m) or i}") for i, m in enumerate(node.value)]
            yield from self._members(members, member, title, messages.text("form_id"))
        elif get_origin(member) is tuple:
            yield _titled(title)
            rows = [tuple(self._open(n, "number", f"{path}[{i}]") for n in m.value if isinstance(n, Node))
                    for i, m in enumerate(node.value) if isinstance(m.value, tuple)]  # fmt: skip
            yield _grid((messages.text("form_value"), messages.text("form_earns")), rows)
        else:
            yield _titled(title)
            yield _grid(
                (messages.text("form_content"),),
                [(self._entry(m, member, f"{path}[{i}]"),) for i, m in enumerate(node.value)],
            )

    def _entry(self, node: Node, member: Any, path: str) -> FormCell:
        """A member of a list that is one cell."""
        if member is str and isinstance(node.value, str):
            return self._open(node, "text", path)
        if isinstance(node.value, dict):
            return FormCell("：".join(self._words(n, str, k) for k, n in node.value.items() if _said_in_line(n)))
        return FormCell(in_short(node))

    def _matrix(self, members: Sequence[_Member], title: tuple[str, ...]) -> Iterator[Title | Grid]:
        """Mappings of numbers side by side: a row for each, a column for each of their keys."""
        keys = dict.fromkeys(k for m in members if isinstance(m.node.value, dict) for k in m.node.value)
        if not keys:
            return
        yield _titled(title)
        rows = []
        for m in members:
            assert isinstance(m.node.value, dict)
            cells = [FormCell(m.name)]
            for key in keys:
                node = m.node.value.get(key)
                cells.append(self._open(node, "number", f"{m.path}.{key}") if node is not None else FormCell())
            rows.append(tuple(cells))
        yield _grid(("", *(self._word(k) for k in keys)), rows)

    def _object(
        self, node: Node, known: Mapping[str, Any], path: str, title: tuple[str, ...]
    ) -> Iterator[Title | Grid]:
        """An object: its plain keys as a table, then what is nested in it."""
        assert isinstance(node.value, dict)
        stated = {k: v for k, v in known.items() if k in node.value and k not in _UNTOUCHED}
        rows = []
        for key, (field, hint) in stated.items():
            if is_plain(hint):
                value = self._plain(node.value[key], hint, _join(path, key), node, key, required=is_required(field))
                rows.append((FormCell(key_in_words(key, (field, hint))), *value))
        if rows:
            yield _grid((messages.text("form_item"), messages.text("form_content")), rows)
        for key, (field, hint) in stated.items():
            if not is_plain(hint):
                inner = opened(node.value[key], hint, field)
                yield from self._part(inner, hint, _join(path, key), (*title, key_in_words(key, (field, hint))))

    def _members(
        self, members: Sequence[_Member], model: Any, title: tuple[str, ...], called: str
    ) -> Iterator[Title | Grid]:
        """Objects of one kind: a row each, then what is nested in them."""
        known = {k: v for k, v in keys_of(model).items() if k not in _UNTOUCHED}
        nodes = [m.node.value if isinstance(m.node.value, dict) else {} for m in members]
        stated = [
            k for k, (_, hint) in known.items()
            if is_plain(hint) and (k in _ALWAYS.get(model, ()) or any(k in n for n in nodes))
        ]  # fmt: skip
        shown = sorted(stated, key=lambda k: k not in _NAMES)
        if called == messages.text("form_id"):
            named = model is TierClass or not any(k in shown for k in _NAMES)
        else:
            named = not all("label" in n for n in nodes)
        columns = {k: [self._cells_of(m, n, k, known[k]) for m, n in zip(members, nodes, strict=True)] for k in shown}
        headers = [called] if named else []
        rows: list[list[FormCell]] = [[FormCell(m.name)] if named else [] for m in members]
        for key, cells in columns.items():
            wide = max(map(len, cells), default=1)
            headers += [
                key_in_words(key, known[key]),
                *(messages.text("form_number", number=i) for i in range(1, wide)),
            ]
            for row, row_cells in zip(rows, cells, strict=True):
                row += [*row_cells, *(FormCell() for _ in range(wide - len(row_cells)))]
        if len(headers) > 1 or not named:
            yield _titled(title)
            yield _grid(tuple(headers), rows)
        yield from self._nested(members, nodes, known, title)

    def _nested(
        self, members: Sequence[_Member], nodes: Sequence[Mapping[str, Node]], known: Mapping[str, Any],
        title: tuple[str, ...],
    ) -> Iterator[Title | Grid]:  # fmt: skip
        for key, (field, hint) in known.items():
            if is_plain(hint):
                continue
            word = key_in_words(key, (field, hint))
            nested = [(m, opened(n[key], hint, field)) for m, n in zip(members, nodes, strict=True) if key in n]
            if inner_hint(hint) == dict[str, Decimal] and nested:
                yield from self._matrix([_Member(_called(m), n, f"{m.path}.{key}") for m, n in nested], (*title, word))
                continue
            for m, node in nested:
                yield from self._part(node, hint, f"{m.path}.{key}", (*title, _called(m), word))

    # ------------------------------------------------------------------------------------------------- plain values

    def _cells_of(self, member: _Member, nodes: Mapping[str, Node], key: str, known: Any) -> tuple[FormCell, ...]:
        """The cells of a key: one, and one more for each number within an expression."""
        field, hint = known
        path = f"{member.path}.{key}"
        if key in nodes:
            return self._plain(nodes[key], hint, path, member.node, key, required=is_required(field))
        kind = kind_of(hint, key)
        if kind in ("number", "whole", "text", "date", "policy") and isinstance(member.node.value, dict):
            spot = Spot(kind, member.node.file, path, None, member.node, key)
            return (FormCell(None, spot, choices_of(kind)),)
        return (FormCell(),)

    def _plain(
        self, node: Node, hint: Any, path: str, parent: Node, key: str, *, required: bool
    ) -> tuple[FormCell, ...]:
        """A plain value: open where it is a number, a reason or a name; an expression with its numbers."""
        inner = inner_hint(hint)
        kind = kind_of(hint, key)
        if is_expression(inner):
            return self._expression(node, path, parent, key, required=required)
        if kind == "years" and isinstance(node.value, tuple):
            shown = "、".join(n.text for n in node.value)
            return (FormCell(shown, Spot("years", node.file, path, node, parent, key, required=True)),)
        if kind is not None and not isinstance(node.value, tuple):
            return (self._open(node, kind, path, parent, key, required=required),)
        return (FormCell(self._words(node, hint, key)),)

    def _words(self, node: Node, hint: Any, key: str) -> str:
        value = [n.text for n in node.value] if isinstance(node.value, tuple) else node.value
        if isinstance(value, dict):
            return in_short(node)
        if isinstance(value, list):
            return "、".join(self._word(str(v)) for v in value)
        if isinstance(value, str) and inner_hint(hint) is str:
            return self._word(value)
        return self.wording.in_words(hint, value, key)

    def _expression(self, node: Node, path: str, parent: Node, key: str, *, required: bool) -> tuple[FormCell, ...]:
        if isinstance(node.value, dict):
            return self._peers(node, path)
        if isinstance(node.value, Decimal) or is_number(node.text):
            return (self._open(node, "number", path, parent, key, required=required),)
        cells = [FormCell(self.wording.in_words(Expression, node.text, key))]
        for nth, literal in enumerate(literals_in(node.text)):
            shown = literal.value.isoformat() if isinstance(literal.value, date) else literal.value
            cells.append(FormCell(shown, Spot("within", node.file, path, node, nth=nth, required=True)))
        return tuple(cells)

    def _peers(self, node: Node, path: str) -> tuple[FormCell, ...]:
        """What the subject's peers come to, with the numbers in the order in which the words name them."""
        assert isinstance(node.value, dict)
        words = self.wording.words
        if words is not None and language() == "zh":
            said = peers_in_words(read(Peers, node, path, Reading()), words)
        else:
            said = self.wording.in_words(Peers, plain(node))
        cells = [FormCell(said)]
        known = keys_of(Peers)
        for key in ("q", "members", "min_members", "otherwise", "round", "times"):
            if key in node.value:
                inner = self._plain(node.value[key], known[key][1], f"{path}.{key}", node, key, required=True)
                cells += [cell for cell in inner if cell.spot is not None]
        return tuple(cells)

    def _open(
        self, node: Node, kind: Kind, path: str, parent: Node | None = None, key: str = "", *, required: bool = True
    ) -> FormCell:
        spot = Spot(kind, node.file, path, node, parent, key, required)
        if kind == "policy":
            return FormCell(policy_said(node), spot, choices_of(kind))
        if kind in ("number", "whole") and is_number(node.text):
            value = Decimal(node.text)
            # A workbook keeps fifteen digits of a number; what has more is given as a text.
            return FormCell(value if len(value.as_tuple().digits) <= 15 else node.text, spot)
        return FormCell(node.text, spot)

    def _word(self, name: str) -> str:
        if name in self.names:
            return self.names[name]
        return self.wording.words.of(name) if self.wording.words is not None else name


def policy_said(node: Node) -> str:
    """What a missing value earns, in words."""
    if isinstance(node.value, dict):
        return f"得{node.value['points'].text}分"
    return POLICIES[node.text]


def _said_in_line(node: Node) -> bool:
    return isinstance(node.value, str) or (
        isinstance(node.value, tuple) and all(isinstance(n.value, str) for n in node.value)
    )


def _called(member: _Member) -> str:
    """What a member is called above the table of what is nested in it."""
    assert isinstance(member.node.value, dict)
    called = next((member.node.value[k].text for k in _NAMES if k in member.node.value), "")
    return called or member.name


def _id_of(node: Node) -> str:
    return node.value["id"].text if isinstance(node.value, dict) and "id" in node.value else ""


def _titled(title: tuple[str, ...]) -> Title:
    return Title(messages.text("form_within").join(t for t, _ in groupby(title)), 2)


def _grid(headers: Sequence[str], rows: Sequence[Sequence[FormCell]]) -> Grid:
    """A table whose rows are equally long."""
    wide = max([len(headers), *(len(r) for r in rows)])
    more = tuple(messages.text("form_number", number=i) for i in range(1, wide - len(headers) + 1))
    return Grid((*headers, *more), tuple((*r, *(FormCell() for _ in range(wide - len(r)))) for r in rows))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
