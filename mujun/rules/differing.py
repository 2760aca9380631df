"""What changed between two rule sets, in words: weights, bases, shares, rules, years and sources."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args, get_origin

from mujun.messages import show, text
from mujun.rules.loading import MODELS
from mujun.rules.model import Item
from mujun.rules.ruleset import RuleSet
from mujun.rules.shape import keys_of

HEAD_ONLY = frozenset({"mujun", "kind", "extends", "require"})
"""Keys of the head that say how a file is written, not what it says."""


@dataclass(frozen=True)
class Difference:
    """One thing that two rule sets say differently.

    Attributes:
        kind: which file: `rating`, `rectification`, `allocation`, `targets`, `tests`.
        key: the dotted path of the key, as in the file.
        what: the key in words.
        before, after: what stands there; `None` where nothing does.
    """

    kind: str
    key: str
    what: str
    before: object
    after: object

    def __str__(self) -> str:
        values = {"what": self.what, "key": f"{self.kind}: {self.key}"}
        if self.before is None:
            return text("diff_added", **values, after=shown(self.after))
        if self.after is None:
            return text("diff_removed", **values, before=shown(self.before))
        if isinstance(self.before, Decimal) and isinstance(self.after, Decimal):
            step = self.after - self.before
            values["step"] = f"{'+' if step > 0 else '−'}{show(abs(step))}"
            return text("diff_number", **values, before=shown(self.before), after=shown(self.after))
        return text("diff_changed", **values, before=shown(self.before), after=shown(self.after))


def differences(before: RuleSet, after: RuleSet) -> tuple[Difference, ...]:
    """Everything that two rule sets say differently, file by file in the order of the language.

    Bases are merged in first, so that a set that extends another is compared by what it comes to. Test cases are not
    compared.

    Args:
        before, after: the sets, well-formed.
    """
    found: list[Difference] = []
    for kind, model in MODELS.items():
        if kind == "tests":
            continue
        old, new = before.resolved.get(kind), after.resolved.get(kind)
        names = _names(before) | _names(after)
        if old is None and new is not None:
            found.append(Difference(kind, f"{kind}.yaml", text("diff_file"), None, _name_of(new)))
        elif new is None and old is not None:
            found.append(Difference(kind, f"{kind}.yaml", text("diff_file"), _name_of(old), None))
        elif old is not None and new is not None:
            found += _Comparison(kind, names).objects(model, old, new, (), ())
    for name in sorted({*_csv(before), *_csv(after)}):
        old_text, new_text = _csv(before).get(name), _csv(after).get(name)
        if old_text != new_text:
            found.append(Difference("tables", name, text("diff_table", file=name), *_rows(old_text, new_text)))
    return tuple(found)


def shown(value: object) -> str:
    """A value of a rule file in one line, shortened where it is long."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "~" if value is None else show(value)


def _name_of(file: object) -> object:
    return file.get("name") if isinstance(file, dict) else file


def _names(ruleset: RuleSet) -> dict[str, str]:
    """Ids in words: indicators, cohorts, fields by their labels."""
    rating = ruleset.rating
    if rating is None:
        return {}
    found = {n: i.label for n, i in rating.indicators.items() if i.label}
    found |= {c.id: c.label for c in rating.cohorts if c.label}
    return found | {n: f.label for n, f in rating.fields.items() if f.label}


def _csv(ruleset: RuleSet) -> dict[str, str]:
    return {n.rsplit("/", 1)[-1]: t for n, t in ruleset.texts.items() if n.endswith(".csv")}


def _rows(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """The lines of a lookup table that only one of two versions has."""
    old, new = (before or "").splitlines(), (after or "").splitlines()
    gone = [line for line in old if line not in new]
    come = [line for line in new if line not in old]
    return "；".join(gone) or None if before else None, "；".join(come) or None if after else None


class _Comparison:
    """Compares two plain values along the model that describes them."""

    def __init__(self, kind: str, names: dict[str, str]) -> None:
        self.kind = kind
        self.names = names

    def objects(
        self, model: Any, old: Any, new: Any, path: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterator[Difference]:
        """Differences of two objects of a model, key by key."""
        if not isinstance(old, dict) or not isinstance(new, dict):
            yield from self.leaf(old, new, path, words)
            return
        known = keys_of(model)
        order = [*known, *(k for k in (*old, *new) if k not in known)]
        for key in dict.fromkeys(order):
            if (not path and key in HEAD_ONLY) or (key not in old and key not in new):
                continue
            field = known.get(key)
            # Weights of a cohort are keyed by indicator; the model reads them itself.
            hint = field[1] if field is not None else Item
            word = str(field[0].metadata["doc"]).split("：")[0].split("，")[0] if field is not None else self.word(key)
            yield from self.values(hint, old.get(key), new.get(key), (*path, key), (*words, word))

    def values(
        self, hint: Any, old: Any, new: Any, path: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterator[Difference]:
        """Differences of two values that a type hint describes."""
        if old == new:
            return
        model = _model_of(hint)
        whole = [v for v in (old, new) if v is not None]
        if all(isinstance(v, list) for v in whole) and _have_ids([m for v in whole for m in v]):
            yield from self.members(model, old or [], new or [], path, words)
        elif all(isinstance(v, list) for v in whole) and _are_long([m for v in whole for m in v]):
            yield from self.items(old or [], new or [], path, words)
        elif get_origin(_inner(hint)) is dict and all(isinstance(v, dict) for v in whole):
            a, b = old or {}, new or {}
            for key in dict.fromkeys((*a, *b)):
                said = (*words[:-1], self.word(key)) if model is not None else (*words, self.word(key))
                yield from self.values(model or object, a.get(key), b.get(key), (*path, key), said)
        elif model is not None and isinstance(old, dict) and isinstance(new, dict):
            yield from self.objects(model, old, new, path, words)
        else:
            yield from self.leaf(old, new, path, words)

    def items(
        self, old: list[Any], new: list[Any], path: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterator[Difference]:
        """Two lists of sentences or documents: what went and what came."""
        for item in old:
            if item not in new:
                yield from self.leaf(item, None, path, words)
        for item in new:
            if item not in old:
                yield from self.leaf(None, item, path, words)

    def members(
        self, model: Any, old: list[Any], new: list[Any], path: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterator[Difference]:
        """Differences of two lists whose members have ids."""
        before, after = {str(m["id"]): m for m in old}, {str(m["id"]): m for m in new}
        for identity in dict.fromkeys((*before, *after)):
            member = after.get(identity) or before[identity]
            word = str(member.get("label") or member.get("reason") or member.get("path") or identity)
            here, said = (*path, identity), (*words, f"“{word}”")
            a, b = before.get(identity), after.get(identity)
            if a is None or b is None or model is None:
                yield from self.leaf(a, b, here, said)
            else:
                yield from self.objects(model, a, b, here, said)
        kept_before = [i for i in before if i in after]
        kept_after = [i for i in after if i in before]
        if kept_before != kept_after:
            yield from self.leaf(kept_before, kept_after, path, (*words, text("diff_order")))

    def leaf(self, old: Any, new: Any, path: tuple[str, ...], words: tuple[str, ...]) -> Iterator[Difference]:
        """Two values that are simply not the same."""
        if old != new:
            yield Difference(self.kind, ".".join(path), " › ".join(words), old, new)

    def word(self, key: str) -> str:
        """An id or a name in words."""
        return self.names.get(key, key)


def _inner(hint: Any) -> Any:
    """A type hint without its `None`."""
    parts = [a for a in get_args(hint) if a is not type(None)]
    return parts[0] if type(None) in get_args(hint) and parts else hint


def _model_of(hint: Any) -> Any:
    """The model of an object, or of the members of a list or mapping; `None` for plain values."""
    inner = _inner(hint)
    if get_origin(inner) is dict:
        inner = get_args(inner)[1]
    elif get_origin(inner) is tuple and get_args(inner):
        inner = get_args(inner)[0]
    inner = _inner(inner)
    is_model = dataclasses.is_dataclass(inner) and isinstance(inner, type)
    return inner if is_model and (keys_of(inner) or inner.__name__ == "Scoring") else None


def _are_long(items: list[Any]) -> bool:
    """Whether the items of a list are better told one by one than side by side."""
    return any(isinstance(i, dict) or (isinstance(i, str) and len(i) > 12) for i in items)


def _have_ids(members: list[Any]) -> bool:
    return bool(members) and all(isinstance(m, dict) and "id" in m for m in members)
