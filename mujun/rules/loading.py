"""Loading a rule set: files found, bases merged in, trees read into objects, every mistake at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from mujun.dataclass import dataclass
from mujun.errors import Problem, RuleError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.rules.folders import FILES, DraftFolder, Folder, KeptFolder, find_folder
from mujun.rules.lookups import Lookup, read_lookup
from mujun.rules.model import (
    LookupTable,
    Measure,
    MeasureChange,
    Requirement,
    Scoring,
    TheAllocation,
    TheCases,
    TheRating,
    TheRectification,
    TheTargets,
)
from mujun.rules.model.ladders import TheLadders
from mujun.rules.peers import with_peers_written_out
from mujun.rules.ruleset import AllocationPart, RuleSet
from mujun.rules.shape import Reading, in_short, read
from mujun.rules.shared_scoring import with_shared_scoring
from mujun.rules.tree import Node, child, merge, plain, read_tree

LANGUAGE_VERSION = 1
LONGEST_CHAIN = 8
"""Rule sets that may extend or include one another in a row."""

YEARS = (1980, 2100)
"""Data years that a rule set may be for."""

MODELS: dict[str, type] = {
    "rating": TheRating,
    "rectification": TheRectification,
    "allocation": TheAllocation,
    "targets": TheTargets,
    "ladders": TheLadders,
    "tests": TheCases,
}


@dataclass
class _Loading:
    texts: dict[str, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    resolved: dict[str, object] = field(default_factory=dict)


def load_rules(wanted: str | Path) -> RuleSet:
    """The rule set at an address or in a folder.

    Raises:
        UsageError: there is no such rule set.
        RuleError: something in its files is wrong; all of it at once.
    """
    return _whole(*_read(find_folder(wanted)))


def read_rules(wanted: str | Path) -> tuple[RuleSet, list[Problem]]:
    """The rule set as far as it can be read, and everything that is wrong; a file with a mistake is missing from it.

    Raises:
        UsageError: there is no such rule set.
    """
    return _read(find_folder(wanted))


def read_drafted(wanted: str | Path, texts: Mapping[str, str | None]) -> tuple[RuleSet, list[Problem]]:
    """The rule set at an address or in a folder as it would be with these texts in place of its files, as `read_rules`.

    A text of a name that it does not have is a new file; `None` is a file that goes.

    Raises:
        UsageError: there is no such rule set.
    """
    return _read(DraftFolder(find_folder(wanted), texts))


def load_kept(address: str, texts: Mapping[str, str]) -> RuleSet:
    """The rule set that a past run kept, from the texts it kept.

    Raises:
        RuleError: the texts are no rule set of this version of the language.
    """
    return _whole(*read_kept(address, texts))


def read_kept(address: str, texts: Mapping[str, str]) -> tuple[RuleSet, list[Problem]]:
    """The rule set that texts make, as far as it can be read, and everything that is wrong."""
    return _read(KeptFolder(address, texts))


def tree_of(ruleset: RuleSet, kind: str, address: str | None = None) -> Node | None:
    """A file of a rule set (or of one that it includes) as a tree after `extends`, with the place of every value.

    Args:
        ruleset: a rule set as loaded.
        kind: `rating`, `rectification`, `allocation`, `targets`.
        address: of an included set; the rule set's own by default.
    """
    chain = _chain(KeptFolder(address or ruleset.address, ruleset.texts), kind, _Loading(), ())
    if not chain:
        return None
    tree = chain[-1][1]
    for _, over in reversed(chain[:-1]):
        tree = merge(tree, over)
    return with_shared_scoring(tree) if kind == "rating" else tree


def trees_of(ruleset: RuleSet) -> dict[str, Node]:
    """The files of a rule set as trees after `extends`, by kind: those that are YAML."""
    trees = {kind: tree_of(ruleset, kind) for kind in MODELS if f"{ruleset.address}/{kind}.yaml" in ruleset.texts}
    return {kind: tree for kind, tree in trees.items() if tree is not None and isinstance(tree.value, dict)}


def _whole(ruleset: RuleSet, problems: list[Problem]) -> RuleSet:
    if problems:
        raise RuleError(problems)
    return ruleset


def _read(folder: Folder) -> tuple[RuleSet, list[Problem]]:
    loading = _Loading()
    parts: dict[str, Any] = {}
    lookups: dict[str, dict[str, Lookup]] = {}
    for name in FILES:
        kind = name.removesuffix(".yaml")
        part = _file(folder, kind, loading)
        if part is None:
            continue
        parts[kind], tables = part
        lookups[kind] = tables
    allocation_parts: tuple[AllocationPart, ...] = ()
    if isinstance(parts.get("allocation"), TheAllocation):
        allocation_parts = _allocation_parts(folder, parts["allocation"], lookups["allocation"], loading, ())
    ruleset = RuleSet(
        folder.address,
        parts.get("rating"),
        parts.get("rectification"),
        parts.get("allocation"),
        allocation_parts,
        parts.get("targets"),
        parts.get("tests"),
        lookups,
        loading.texts,
        {kind: loading.resolved[f"{folder.address}/{kind}"] for kind in parts},
        parts.get("ladders"),
    )
    return ruleset, loading.reading.problems


def _file(folder: Folder, kind: str, loading: _Loading) -> tuple[Any, dict[str, Lookup]] | None:
    chain = _chain(folder, kind, loading, ())
    if not chain:
        return None
    tree = chain[-1][1]
    for _, over in reversed(chain[:-1]):
        tree = merge(tree, over)
    reading = loading.reading
    before = len(reading.problems)
    _check_head(tree, kind, reading)
    if kind == "rating":
        tree = with_shared_scoring(tree, reading)
    part = read(MODELS[kind], tree, "", reading)
    if len(reading.problems) > before or part is None:
        return None
    if isinstance(part, TheRating):
        part = with_peers_written_out(part, reading.problems)
        _check_requirements(part, chain, reading)
    loading.resolved[f"{folder.address}/{kind}"] = plain(tree)
    folders = [f for f, _ in chain]
    return part, _lookups(getattr(part, "tables", {}), folders, loading)


def _chain(folder: Folder, kind: str, loading: _Loading, seen: tuple[str, ...]) -> list[tuple[Folder, Node]]:
    """The file and what it extends, nearest first."""
    try:
        text = _text(folder, f"{kind}.yaml", loading)
        if text is None:
            return []
        tree = read_tree(text, folder.shown(f"{kind}.yaml"))
    except RuleError as error:
        loading.reading.problems.extend(error.problems)
        return []
    if not isinstance(tree.value, dict):
        loading.reading.wrong("rules_want_mapping", tree, "", value=in_short(tree), keys=["mujun", "kind", "name"])
        return []
    base_node = tree.value.get("extends")
    if base_node is None or base_node.value is None:
        return [(folder, tree)]
    base = folder.other(base_node.text)
    here = (*seen, folder.address)
    if base is None or base.read(f"{kind}.yaml") is None:
        loading.reading.wrong("rules_no_base", base_node, "extends", base=base_node.text, file=f"{kind}.yaml")
        return [(folder, tree)]
    if base.address in here or len(here) >= LONGEST_CHAIN:
        loading.reading.wrong("rules_extends_in_a_circle", base_node, "extends", chain=[*here, base.address])
        return [(folder, tree)]
    return [(folder, tree), *_chain(base, kind, loading, here)]


def _text(folder: Folder, name: str, loading: _Loading) -> str | None:
    text = folder.read(name)
    if text is not None:
        loading.texts[f"{folder.address}/{name}"] = text
    return text


def _check_head(tree: Node, kind: str, reading: Reading) -> None:
    version, kind_stated = child(tree, "mujun"), child(tree, "kind")
    if version is not None and version.value != LANGUAGE_VERSION:
        reading.wrong("rules_other_version", version, "mujun", version=version.text, known=LANGUAGE_VERSION)
    if kind_stated is not None and kind_stated.text != kind:
        reading.wrong("rules_other_kind", kind_stated, "kind", kind=kind_stated.text, wanted=kind, file=f"{kind}.yaml")
    years, cases = child(tree, "years"), child(tree, "cases")
    for year in years.value if years is not None and isinstance(years.value, tuple) else ():
        _check_year(year, "years", reading)
    for case in cases.value if cases is not None and isinstance(cases.value, tuple) else ():
        _check_year(child(case, "year"), "cases", reading)


def _check_year(year: Node | None, path: str, reading: Reading) -> None:
    first, last = YEARS
    # What is no number at all is said when the file is read.
    if year is not None and isinstance(year.value, Decimal) and not first <= year.value <= last:
        reading.wrong("rules_year", year, path, year=year.text, first=first, last=last)


# ------------------------------------------------------------------------------------------------------ lookup tables


def _lookups(declared: Mapping[str, LookupTable], folders: list[Folder], loading: _Loading) -> dict[str, Lookup]:
    lookups: dict[str, Lookup] = {}
    for identity, table in declared.items():
        for folder in folders:
            try:
                text = _text(folder, table.file, loading)
            except RuleError as error:
                loading.reading.problems.extend(replace(p, place=table.stands) for p in error.problems)
                break
            if text is not None:
                lookup = read_lookup(identity, table, text, folder.shown(table.file), loading.reading.problems)
                if lookup is not None:
                    lookups[identity] = lookup
                break
        else:
            loading.reading.problems.append(problem("lookup_no_file", table.stands, file=table.file))
    return lookups


# ------------------------------------------------------------------------------------------------------------ require


def _check_requirements(rating: TheRating, chain: list[tuple[Folder, Node]], reading: Reading) -> None:
    """What each base asks of the set that completes it; a base itself (`abstract`) is not asked."""
    if rating.status == "abstract":
        return
    for _, tree in chain[1:]:
        asked = child(tree, "require")
        if asked is None or not isinstance(asked.value, dict):
            continue
        for path, node in asked.value.items():
            requirement: Requirement = read(Requirement, node, f"require.{path}", reading)
            cohort = path.removeprefix("scoring.")
            scoring = rating.scoring.get(cohort)
            if scoring is None:
                reading.wrong("require_no_scoring", node, f"require.{path}", cohort=cohort)
                continue
            base = child(tree, path)
            base_ids = set(base.value) - {"total"} if base is not None and isinstance(base.value, dict) else set()
            _check_requirement(requirement, scoring, base_ids, path, reading.problems)


def _check_requirement(
    requirement: Requirement, scoring: Scoring, base_ids: set[str], path: str, problems: list[Problem]
) -> None:
    total = sum(item.weight for item in scoring.items.values())
    if requirement.total is not None and total != requirement.total:
        problems.append(problem("require_total", scoring.stands, path=path, total=total, wanted=requirement.total))
    added = {name: item for name, item in scoring.items.items() if name not in base_ids}
    if requirement.added.count is not None:
        least, most = requirement.added.count
        if not least <= len(added) <= most:
            problems.append(
                problem("require_count", scoring.stands, path=path, count=len(added), least=least, most=most)
            )
    weight = sum(item.weight for item in added.values())
    if requirement.added.weight is not None and weight != requirement.added.weight:
        problems.append(
            problem("require_weight", scoring.stands, path=path, weight=weight, wanted=requirement.added.weight)
        )


# ------------------------------------------------------------------------------------------------------------ include


def _allocation_parts(
    folder: Folder, file: TheAllocation, tables: dict[str, Lookup], loading: _Loading, seen: tuple[str, ...]
) -> tuple[AllocationPart, ...]:
    parts: list[AllocationPart] = []
    here = (*seen, folder.address)
    for entry in file.include:
        include, reading = entry.include, loading.reading
        other = folder.other(include.from_)
        if other is None or other.read("allocation.yaml") is None:
            reading.wrong("include_no_such_set", entry.node, "include", address=include.from_)
            continue
        if other.address in here or len(here) >= LONGEST_CHAIN:
            reading.wrong("rules_extends_in_a_circle", entry.node, "include", chain=[*here, other.address])
            continue
        part = _file(other, "allocation", loading)
        if part is None:
            continue
        included, lookups = part
        inner = _allocation_parts(other, included, lookups, loading, here)
        parts.extend(_changed(inner, entry.node, include.only, reading))
    parts.append(AllocationPart(folder.address, file, file.measures, tables))
    return tuple(parts)


def _changed(
    parts: Sequence[AllocationPart], node: Node, only: tuple[str, ...], reading: Reading
) -> list[AllocationPart]:
    """What an entry of `include` takes in, with the changes that the including file makes, merged by id like a base.

    The included set may itself include others: its measures and theirs are told apart by their ids alone.
    """
    changes, chosen = (child(node, "measures"), child(node, "only")) if isinstance(node.value, dict) else (None, None)
    known = list(dict.fromkeys(m.id for p in parts for m in p.measures))
    by_id: dict[str, list[Node]] = {}
    for change in changes.value if changes is not None and isinstance(changes.value, tuple) else ():
        identity = child(change, "id")
        by_id.setdefault(identity.text if identity is not None else "", []).append(change)
    wanted = chosen.value if chosen is not None and isinstance(chosen.value, tuple) else ()
    asked = [(name, change, "include.measures") for name, many in by_id.items() for change in many]
    asked += [(name.text, name, "include.only") for name in wanted]
    for name, place, path in asked:
        if name not in known:
            near = Guess(nearest(name, known))
            reading.wrong("include_no_such_measure", place, path, id=name, known=known, near=near)
    made = []
    for part in parts:
        measures = []
        for measure in part.measures:
            for change in by_id.get(measure.id, ()):
                measure = _measure_with(measure, change, reading)
            if not only or measure.id in only:
                measures.append(measure)
        made.append(replace(part, measures=tuple(measures)))
    return made


def _measure_with(measure: Measure, change: Node, reading: Reading) -> Measure:
    read_change: MeasureChange | None = read(MeasureChange, change, f"include.measures.{measure.id}", reading)
    if read_change is None:
        return measure
    given = {
        name: getattr(read_change, name)
        for name in ("label", "of", "rest", "max_amount", "period", "exclusive", "lever", "document")
        if getattr(read_change, name) is not None
    }
    rates = {r.id: r for r in measure.rate} | {r.id: r for r in read_change.rate}
    exempt = {e.id: e for e in measure.exempt} | {e.id: e for e in read_change.exempt}
    return replace(measure, **given, rate=tuple(rates.values()), exempt=tuple(exempt.values()))
