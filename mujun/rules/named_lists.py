"""Several lists in one rectification.yaml: each chosen by its name, and then a list like any other.

What a list does not state itself is as the file has it, so that evidence or paths that are the same for all are written
once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mujun.errors import Place, Problem, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.rules.model import TheRectification
from mujun.rules.ruleset import RuleSet

SHARED: tuple[str, ...] = ("subject", "scope", "listing", "exempt", "paths", "effects", "exit", "watch")
"""The keys that a list has of its own."""


def lists_of(ruleset: RuleSet) -> Mapping[str, str]:
    """The lists of a set by name, and what each is called; empty where its file makes one list."""
    file = ruleset.rectification
    return {n: one.label or n for n, one in file.lists.items()} if file is not None else {}


def with_list(ruleset: RuleSet, name: str | None) -> RuleSet:
    """A set whose rectification.yaml makes one list: the one that is named, or the only one.

    Raises:
        UsageError: it makes several and none is named, or none of that name.
    """
    file, known = ruleset.rectification, lists_of(ruleset)
    if file is None or (not known and name is None):
        return ruleset
    if name is None:
        if len(known) > 1:
            raise UsageError(problem("list_which", address=ruleset.address, known=_told(known)))
        name = next(iter(known))
    if name not in known:
        by_label = [n for n, label in known.items() if label == name]
        if not by_label:
            near = Guess(nearest(name, [*known, *known.values()]))
            told = _told(known) or "—"
            raise UsageError(problem("list_name_unknown", address=ruleset.address, name=name, known=told, near=near))
        name = by_label[0]
    return replace(ruleset, rectification=written_out(file, name), list_name=name)


def _told(known: Mapping[str, str]) -> list[str]:
    return [n if n == label else f"{n}（{label}）" for n, label in known.items()]


def written_out(file: TheRectification, name: str) -> TheRectification:
    """A file with one of its lists as its own."""
    one = file.lists[name]
    stated = {key: value for key in SHARED if (value := getattr(one, key))}
    return replace(file, lists={}, name=f"{file.name}（{one.label or name}）", **stated)


def each_list(file: TheRectification) -> Iterator[TheRectification]:
    """Every list of a file as a file of its own; the file itself where it makes one."""
    yield from (written_out(file, name) for name in file.lists) if file.lists else (file,)


def together(file: TheRectification) -> TheRectification:
    """All rules of all lists as if they were one: whoever asks which names a file reads need not know of lists."""
    several = list(each_list(file))
    first: dict[str, object] = {"scope": None, "effects": {}, "exit": None}
    for key in ("listing", "exempt", "paths"):
        first[key] = tuple(
            replace(r, id=f"{name}.{r.id}", **({"of": ()} if key == "exempt" else {}))
            for name, one in zip(file.lists, several, strict=True)
            for r in getattr(one, key)
        )
    return replace(file, lists={}, **first)  # type: ignore[arg-type]


def check_lists(file: TheRectification, address: str, problems: list[Problem]) -> None:
    """A file has lists or reasons of its own, not both; a list's conditions are read in the same scope."""
    if file.lists and file.listing:
        place = Place(file=f"{address}/rectification.yaml", key="listing")
        problems.append(problem("lists_and_listing", file.listing[0].stands if file.listing else place))
