"""A rule set with some values changed: an overlay that `extends` the set and says nothing but the changes.

    scoring.above.tax_per_mu.weight=35      a key of a mapping
    tiers.after.veto.at_most=B              a member of a list by its id
    tiers.cut.default.shares.A=25           an entry of a cut
    measures.electricity.rate.d.value=0.5   a measure of its own, or one that it includes
    adjustments.items.leasing=~             taken out

The language's own merging does the rest, so a variant is read, checked and kept like any rule set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, RuleError, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess, MessageKey
from mujun.rules.allocation_plan import check_allocation
from mujun.rules.differing import as_written
from mujun.rules.folders import Folder, KeptFolder
from mujun.rules.loading import MODELS, load_kept, tree_of
from mujun.rules.model import Head
from mujun.rules.rating_plan import check_rating
from mujun.rules.rectification_plan import check_rectification
from mujun.rules.ruleset import RuleSet
from mujun.rules.shape import keys_of
from mujun.rules.tree import NEVER_INHERITED, Node, member_id, merge, read_tree
from mujun.rules.yaml_text import node_of, written

KINDS = ("rating", "rectification", "allocation")
"""The files that a variant may change."""

HEAD = frozenset(keys_of(Head)) | {"extends", "require"}
"""What a file says about itself; nobody asks what if it were called otherwise."""

_COPIED = NEVER_INHERITED - {"name", "status", "require", "extends"}
_CHANGEABLE = ("label", "of", "rest", "max_amount", "period", "exclusive", "lever", "document", "rate", "exempt")
"""What an including file may change of an included measure."""


@dataclass(frozen=True)
class Setting:
    """One value to be put in place of another.

    Attributes:
        path: the dotted path, by keys and by ids of list members; a file's kind may stand before it.
        value: what is to stand there; an explicit `~` takes the entry out.
        place: where it was written down.
    """

    path: str
    value: Node
    place: Place = Place()

    @property
    def steps(self) -> tuple[str, ...]:
        """The path's parts."""
        return tuple(self.path.split("."))


def setting_of(text: str) -> Setting:
    """A setting from `path=value`, the value as in a rule file: a number, a text, an expression, `[…]`, `{…}`, `~`.

    >>> setting_of("tiers.cut.default.shares.A=25").path
    'tiers.cut.default.shares.A'

    Raises:
        UsageError: there is no `=`, or the value cannot be read.
    """
    path, sign, value = text.partition("=")
    path = path.strip()
    if not sign or not path or not value.strip():
        raise UsageError(problem("setting_without_value", setting=text))
    try:
        return Setting(path, _value(value.strip()))
    except RuleError as error:
        raise UsageError(
            problem("setting_unreadable", setting=text, said=error.problems[0].values.get("said", ""))
        ) from None


def _value(text: str) -> Node:
    if text[0] in "[{\"'":
        return read_tree(text, "")
    # Everything else is a plain value, whatever signs an expression has.
    if re.fullmatch(r"[-+]?[\d.][\d.eE+-]*|~|null|true|false", text):
        return read_tree(text, "")
    return Node(text, text=text)


# -------------------------------------------------------------------------------------------------------- the variant


def variant(ruleset: RuleSet, identity: str, settings: Sequence[Setting]) -> RuleSet:
    """The rule set with settings put in, checked like any other.

    Args:
        ruleset: the rule set.
        identity: what tells the variant from others; it becomes part of its address.
        settings: what is to be changed, in order.

    Returns:
        A rule set of its own, whose texts are the base's and an overlay per file.

    Raises:
        UsageError: a path leads nowhere; names the nearest that does. All of them at once.
        RuleError: the changed set is wrong; places are paths, as no file has been written.
    """
    address = f"{ruleset.address}@{identity}"
    trees = {k: t for k in KINDS if (t := tree_of(ruleset, k)) is not None}
    heads = {kind: _head(ruleset, tree, kind, identity) for kind, tree in trees.items()}
    overlays: dict[str, Node] = {}
    problems: list[Problem] = []
    for setting in settings:
        try:
            kind, steps = _placed(ruleset, trees, setting)
            over = _overlay(ruleset, trees[kind], kind, steps, setting)
        except UsageError as error:
            problems += error.problems
            continue
        overlays[kind] = _laid(overlays[kind], over) if kind in overlays else over
        # A later setting sees what an earlier one has put in.
        trees[kind] = merge(trees[kind], over)
    if problems:
        raise UsageError(problems)
    texts = dict(ruleset.texts)
    for kind, head in heads.items():
        changes = overlays.get(kind, Node({})).value
        entries = {**head, **(changes if isinstance(changes, dict) else {})}
        texts[f"{address}/{kind}.yaml"] = written(Node(entries))
    # What a setting never changes is the base's own.
    for kept in ("targets.yaml", "ladders.yaml"):
        if f"{ruleset.address}/{kept}" in texts:
            texts[f"{address}/{kept}"] = texts[f"{ruleset.address}/{kept}"]
    return _checked(address, texts)


def _checked(address: str, texts: Mapping[str, str]) -> RuleSet:
    try:
        made = load_kept(address, texts)
    except RuleError as error:
        raise RuleError([_by_path(p, address) for p in error.problems]) from None
    problems: list[Problem] = []
    if made.rating is not None:
        problems += check_rating(made, made.rating)[1]
    if made.rectification is not None:
        problems += check_rectification(made, made.rectification)[1]
    if made.allocation is not None:
        problems += check_allocation(made)[1]
    if problems:
        # One and the same mistake is said once.
        raise RuleError(list({str(p): p for p in (_by_path(p, address) for p in problems)}.values()))
    return made


def _by_path(mistake: Problem, address: str) -> Problem:
    """A mistake in an overlay: its file is nowhere, but its path is known."""
    if mistake.place.file and mistake.place.file.startswith(address):
        # A measure that is included is changed within `include`; it was written without.
        key = re.sub(r"^include(\[\d+\])?\.(?=measures\.)", "", mistake.place.key or "")
        return replace(mistake, place=Place(key=key or None))
    return mistake


def _head(ruleset: RuleSet, tree: Node, kind: str, identity: str) -> dict[str, Node]:
    assert isinstance(tree.value, dict)
    copied = {k: n for k, n in tree.value.items() if k in _COPIED}
    name = tree.value["name"].text if "name" in tree.value else ruleset.name
    return {
        "mujun": Node(Decimal(1), text="1"),
        "kind": Node(kind, text=kind),
        "name": Node(f"{name}〔{identity}〕", quoted=True, text=f"{name}〔{identity}〕"),
        # What was tried out is nobody's document.
        "status": Node("example", text="example"),
        **copied,
        "extends": Node(ruleset.address, text=ruleset.address, quoted=True),
    }


# ---------------------------------------------------------------------------------------------------------- the path


def _placed(ruleset: RuleSet, trees: Mapping[str, Node], setting: Setting) -> tuple[str, tuple[str, ...]]:
    """Which file a setting is about, and the path within it."""
    steps = setting.steps
    if steps[0] in KINDS and len(steps) > 1:
        if steps[0] not in trees:
            raise UsageError(problem("setting_no_file", setting.place, path=setting.path, file=f"{steps[0]}.yaml"))
        _follow(ruleset, trees[steps[0]], steps[0], steps[1:], setting)
        return steps[0], steps[1:]
    fitting, failures = [], []
    for kind, tree in trees.items():
        try:
            _follow(ruleset, tree, kind, steps, setting)
        except UsageError as error:
            failures.append((_depth(ruleset, tree, kind, steps), error))
            continue
        fitting.append(kind)
    if len(fitting) > 1:
        paths = [f"{k}.{setting.path}" for k in fitting]
        raise UsageError(problem("setting_ambiguous", setting.place, path=setting.path, paths=paths))
    if not fitting:
        # The file that the path leads deepest into is the one that was meant.
        raise max(failures, key=lambda f: f[0])[1]
    return fitting[0], steps


def _follow(ruleset: RuleSet, tree: Node, kind: str, steps: tuple[str, ...], setting: Setting) -> None:
    """Make sure that a path leads somewhere: all of it but the last part, which may be new in a mapping.

    Raises:
        UsageError: it does not; names the nearest path that does.
    """
    node = tree
    for depth, step in enumerate(steps):
        entry = _entry(ruleset, node, kind, steps[:depth], step)
        last = depth == len(steps) - 1
        if entry is None and not (last and _may_be_new(node, kind, steps, setting)):
            raise UsageError(_nowhere(ruleset, node, kind, steps, depth, setting))
        if entry is None:
            return
        node = entry


def _may_be_new(node: Node, kind: str, steps: tuple[str, ...], setting: Setting) -> bool:
    if setting.value.is_removal:
        return False
    if len(steps) == 1:
        return steps[0] in keys_of(MODELS[kind])
    if isinstance(node.value, dict):
        # A key that the file leaves to its default, or a new name; reading the set says whether it may stand there.
        return True
    return _is_list_of_ids(node) and isinstance(setting.value.value, dict)


def _depth(ruleset: RuleSet, tree: Node, kind: str, steps: tuple[str, ...]) -> int:
    node = tree
    for depth, step in enumerate(steps):
        entry = _entry(ruleset, node, kind, steps[:depth], step)
        if entry is None:
            return depth
        node = entry
    return len(steps)


def _entry(ruleset: RuleSet, node: Node, kind: str, above: tuple[str, ...], step: str) -> Node | None:
    """What stands under a key, an id or a number."""
    if isinstance(node.value, dict):
        return node.value.get(step) or _included_entry(ruleset, kind, (*above, step))
    if _is_list_of_ids(node):
        member = next((m for m in _members(node) if member_id(m) == step), None)
        return member if member is not None else _included_entry(ruleset, kind, (*above, step))
    if isinstance(node.value, tuple) and step.isdigit() and int(step) < len(node.value):
        return node.value[int(step)]
    return None


def _included_entry(ruleset: RuleSet, kind: str, path: tuple[str, ...]) -> Node | None:
    """`measures` of an allocation that only includes others, and a measure that is included."""
    if kind != "allocation" or path[0] != "measures" or len(path) > 2:
        return None
    included = included_measures(ruleset)
    if len(path) == 1:
        return Node(tuple(included.values())) if included else None
    return included.get(path[1])


def included_measures(ruleset: RuleSet) -> dict[str, Node]:
    """The measures that an allocation includes, as they count there, by id; those of its own go first."""
    measures: dict[str, Node] = {}
    for part in ruleset.allocation_parts:
        if part.address != ruleset.address:
            for measure in part.measures:
                measures.setdefault(measure.id, node_of(as_written(measure)))
    return measures


def _members(node: Node) -> tuple[Node, ...]:
    assert isinstance(node.value, tuple)
    return node.value


def _is_list_of_ids(node: Node) -> bool:
    return isinstance(node.value, tuple) and all(isinstance(m.value, dict) and "id" in m.value for m in node.value)


def _nowhere(ruleset: RuleSet, node: Node, kind: str, steps: tuple[str, ...], depth: int, setting: Setting) -> Problem:
    """Where a path ends, what there is instead, and the nearest right path."""
    known = list(_known(ruleset, node, kind, steps[:depth]))
    near = nearest(steps[depth], known)
    whole: str | None
    if near is not None:
        whole = ".".join((*steps[:depth], near, *steps[depth + 1 :]))
    else:
        every = [".".join(p) for p in _paths(node, steps[:depth])]
        whole = nearest(".".join(steps), every)
    code: MessageKey = "setting_nowhere" if known else "setting_no_further"
    return problem(
        code, setting.place, path=setting.path, part=steps[depth], above=".".join(steps[:depth]) or f"{kind}.yaml",
        known=known[:12], near=Guess(whole),
    )  # fmt: skip


def _known(ruleset: RuleSet, node: Node, kind: str, above: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node.value, dict):
        yield from (k for k in node.value if above or k not in HEAD)
    elif _is_list_of_ids(node):
        yield from (member_id(m) for m in _members(node))
        if kind == "allocation" and above == ("measures",):
            yield from included_measures(ruleset)


def _paths(node: Node, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every path below a node."""
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            yield (*above, key)
            yield from _paths(inner, (*above, key))
    elif _is_list_of_ids(node):
        for member in _members(node):
            assert isinstance(member.value, dict)
            yield from _paths(member, (*above, member_id(member)))


# -------------------------------------------------------------------------------------------------------- the overlay


def _overlay(ruleset: RuleSet, tree: Node, kind: str, steps: tuple[str, ...], setting: Setting) -> Node:
    """The least tree that, laid upon the file, makes the change."""
    if kind == "allocation" and steps[0] == "measures" and len(steps) > 1:
        measures = tree.value.get("measures") if isinstance(tree.value, dict) else None
        mine = measures is not None and any(member_id(m) == steps[1] for m in _members(measures))
        if not mine and steps[1] in included_measures(ruleset):
            return _included_overlay(ruleset, tree, steps, setting)
    return _changed(tree, steps, setting.value, ())


def _changed(node: Node, steps: tuple[str, ...], value: Node, above: tuple[str, ...]) -> Node:
    step, rest = steps[0], steps[1:]
    if len(above) == 3 and above[:2] == ("tiers", "cut"):
        # An entry of a cut is replaced whole, so the whole of it is said.
        return _replaced(node, steps, value)
    if isinstance(node.value, dict):
        inner = value if not rest else _changed(node.value[step], rest, value, (*above, step))
        return Node({step: inner})
    if _is_list_of_ids(node):
        member = next((m for m in _members(node) if member_id(m) == step), None)
        named = {"id": Node(step, text=step, quoted=True)}
        if not rest and value.is_removal:
            return Node((Node({**named, "remove": Node(value=True, text="true")}),))
        inner = value if not rest else _changed(member, rest, value, (*above, step))  # type: ignore[arg-type]
        assert isinstance(inner.value, dict)
        return Node((Node({**named, **inner.value}),))
    return _replaced(node, steps, value)


def _replaced(node: Node, steps: tuple[str, ...], value: Node) -> Node:
    """The whole node with one value in it changed."""
    step, rest = steps[0], steps[1:]
    if isinstance(node.value, dict):
        entries = dict(node.value)
        if not rest and value.is_removal:
            entries.pop(step, None)
        else:
            entries[step] = value if not rest else _replaced(entries[step], rest, value)
        return Node(entries)
    members = list(_members(node))
    ids = [member_id(m) if isinstance(m.value, dict) and "id" in m.value else None for m in members]
    at = ids.index(step) if step in ids else int(step)
    if not rest and value.is_removal:
        del members[at]
    else:
        members[at] = value if not rest else _replaced(members[at], rest, value)
    return Node(tuple(members))


def _included_overlay(ruleset: RuleSet, tree: Node, steps: tuple[str, ...], setting: Setting) -> Node:
    """The `include` of an allocation with a change to a measure that it takes in."""
    assert isinstance(tree.value, dict)
    name, key = steps[1], steps[2] if len(steps) > 2 else ""
    if key not in _CHANGEABLE or setting.value.is_removal:
        raise UsageError(
            problem("setting_included", setting.place, path=setting.path, measure=name, keys=list(_CHANGEABLE))
        )
    # `rate` and `exempt` are merged by id, each entry replaced whole.
    measure = included_measures(ruleset)[name]
    assert isinstance(measure.value, dict)
    value = setting.value if len(steps) == 3 else _replaced(measure.value[key], steps[3:], setting.value)
    if key in ("rate", "exempt") and len(steps) > 3:
        value = Node(tuple(m for m in _members(value) if member_id(m) == steps[3]))
    change = Node({"id": Node(name, text=name, quoted=True), key: value})
    folder = KeptFolder(ruleset.address, ruleset.texts)
    entries = []
    for entry in _members(tree.value["include"]):
        given = entry.value if isinstance(entry.value, dict) else {"from": entry}
        if _takes_in(given, name, folder.other(given["from"].text), ruleset):
            before = given.get("measures", Node(()))
            given = {**given, "measures": _laid(before, Node((change,)))}
        entries.append(Node(given))
    return Node({"include": Node(tuple(entries))})


def _takes_in(entry: Mapping[str, Node], measure: str, other: Folder | None, ruleset: RuleSet) -> bool:
    """Whether an entry of `include` brings a measure, be it that the set which it names includes it itself."""
    only = entry.get("only")
    if other is None or (only is not None and measure not in [n.text for n in _members(only)]):
        return False
    parts = load_kept(other.address, ruleset.texts).allocation_parts
    return any(m.id == measure for part in parts for m in part.measures)


def _laid(first: Node, second: Node) -> Node:
    """Two overlays as one: unlike a base and its extension, what takes out stays said."""
    if isinstance(first.value, dict) and isinstance(second.value, dict):
        entries = dict(first.value)
        for key, node in second.value.items():
            entries[key] = _laid(entries[key], node) if key in entries else node
        return Node(entries)
    if _is_list_of_ids(first) and _is_list_of_ids(second):
        members = {member_id(m): m for m in _members(first)}
        for member in _members(second):
            key = member_id(member)
            members[key] = _laid(members[key], member) if key in members else member
        return Node(tuple(members.values()))
    return second
