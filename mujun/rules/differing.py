"""What changed between two rule sets, in words: weights, bases, shares, rules, years and sources."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_origin

from mujun.dataclass import dataclass
from mujun.messages import language, show, text
from mujun.rules.allocation_plan import check_allocation
from mujun.rules.expressions import Expression
from mujun.rules.in_words import Words, in_words
from mujun.rules.loading import MODELS
from mujun.rules.methods import ScoringMethod
from mujun.rules.model import Benchmark, Item, Peers, Scoring
from mujun.rules.rectification_plan import check_rectification
from mujun.rules.ruleset import RuleSet
from mujun.rules.shape import keys_of
from mujun.rules.showing import STATUSES
from mujun.rules.showing_policies import KINDS, LEVERS, OFFICES, policy_words
from mujun.rules.showing_rating import (
    AMONG,
    COUNTINGS,
    INTERPOLATIONS,
    POLICIES,
    STATISTICS,
    SUBJECTS,
    TREATMENTS,
    rating_words,
)
from mujun.rules.showing_tiers import ROUNDINGS

HEAD_ONLY = frozenset({"mujun", "kind", "extends", "require"})
"""Keys of the head that say how a file is written, not what it says."""


@dataclass(frozen=True)
class Difference:
    """One thing that two rule sets say differently.

    Attributes:
        kind: which file: `rating`, `rectification`, `allocation`, `targets`, `ladders`, `tests`.
        key: the dotted path of the key, as in the file.
        what: the key in words.
        before, after: what stands there; `None` where nothing does.
        said_before, said_after: the same in words.
    """

    kind: str
    key: str
    what: str
    before: object
    after: object
    said_before: str = ""
    said_after: str = ""

    def __str__(self) -> str:
        values = {"what": self.what, "key": f"{self.kind}: {self.key}"}
        before, after = self.said_before or shown(self.before), self.said_after or shown(self.after)
        if self.before is None:
            return text("diff_added", **values, after=after)
        if self.after is None:
            return text("diff_removed", **values, before=before)
        if isinstance(self.before, Decimal) and isinstance(self.after, Decimal):
            step = self.after - self.before
            values["step"] = f"{'+' if step > 0 else '−'}{show(abs(step))}"
            return text("diff_number", **values, before=before, after=after)
        return text("diff_changed", **values, before=before, after=after)


def differences(before: RuleSet, after: RuleSet) -> tuple[Difference, ...]:
    """Everything that two rule sets say differently, file by file in the order of the language.

    Bases and included measures are taken in first, so that a set that builds on another is compared by what it comes
    to. Test cases are not compared.

    Args:
        before, after: the sets, well-formed.
    """
    changes: list[Difference] = []
    for kind, model in MODELS.items():
        if kind == "tests":
            continue
        old, new = _effective(before, kind), _effective(after, kind)
        names = _names(before) | _names(after)
        if old is None and new is not None:
            changes.append(Difference(kind, f"{kind}.yaml", text("diff_file"), None, _name_of(new)))
        elif new is None and old is not None:
            changes.append(Difference(kind, f"{kind}.yaml", text("diff_file"), _name_of(old), None))
        elif old is not None and new is not None:
            values = ValuesInWords(words_of_file(before, kind)), ValuesInWords(words_of_file(after, kind))
            changes += _Comparison(kind, names, values).objects(model, old, new, (), ())
    for name in sorted({*_csv(before), *_csv(after)}):
        old_text, new_text = _csv(before).get(name), _csv(after).get(name)
        if old_text != new_text:
            changes.append(Difference("tables", name, text("diff_table", file=name), *_rows(old_text, new_text)))
    return tuple(changes)


def shown(value: object) -> str:
    """A value of a rule file in one line, shortened where it is long."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "~" if value is None else show(value)


def _effective(ruleset: RuleSet, kind: str) -> object:
    """A file's plain values; of an allocation with every measure it includes, as changed by what includes it."""
    values = ruleset.resolved.get(kind)
    if kind != "allocation" or not isinstance(values, dict):
        return values
    ids = Counter(m.id for part in ruleset.allocation_parts for m in part.measures)
    measures: list[object] = []
    for part in ruleset.allocation_parts:
        of_this_set = part.address == ruleset.address
        for measure in part.measures:
            written = as_written(measure)
            assert isinstance(written, dict)
            if ids[measure.id] > 1 and not of_this_set:
                written["id"] = f"{part.address}#{measure.id}"
            if not of_this_set:
                written.setdefault("document", part.first_document)
            measures.append(written)
    return {k: v for k, v in values.items() if k not in ("include", "measures")} | {"measures": measures}


def as_written(value: object) -> object:
    """An object of the rule language as plain values, without what is left to the default."""
    if isinstance(value, Expression):
        return Decimal(value.text) if re.fullmatch(r"-?\d+(\.\d+)?", value.text) else value.text
    if isinstance(value, ScoringMethod):
        return value.name
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = {name: (field, getattr(value, field.name)) for name, (field, _) in keys_of(type(value)).items()}
        return {name: as_written(v) for name, (field, v) in given.items() if v is not None and v != field.default}
    if isinstance(value, tuple):
        return [as_written(v) for v in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value.isoformat() if isinstance(value, date) else value


def _name_of(file: object) -> object:
    return file.get("name") if isinstance(file, dict) else file


def _names(ruleset: RuleSet) -> dict[str, str]:
    """Ids in words: indicators, cohorts, fields by their labels."""
    rating = ruleset.rating
    if rating is None:
        return {}
    labels = {n: i.label for n, i in rating.indicators.items() if i.label}
    labels |= {c.id: c.label for c in rating.cohorts if c.label}
    return labels | {n: f.label for n, f in rating.fields.items() if f.label}


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

    def __init__(self, kind: str, names: dict[str, str], in_words: tuple[ValuesInWords, ValuesInWords]) -> None:
        self.kind = kind
        self.names = names
        self.in_words = in_words

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
            if field is not None and _says_the_default(field[0], key, old, new):
                continue
            # Weights of a cohort are keyed by indicator; the model reads them itself.
            hint = field[1] if field is not None else Item
            word = key_in_words(key, field) if field is not None else self.word(key)
            yield from self.values(hint, old.get(key), new.get(key), (*path, key), (*words, word))

    def values(
        self, hint: Any, old: Any, new: Any, path: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterator[Difference]:
        """Differences of two values that a type hint describes."""
        if old == new:
            return
        model = _model_of(hint)
        if model is not None and (len(path) == 1 or model is Scoring) and not get_origin(_inner(hint)):
            # A whole part that only one set has is told key by key.
            old, new = ({} if v is None else v for v in (old, new))
        whole = [v for v in (old, new) if v is not None]
        if all(isinstance(v, list) for v in whole) and _have_ids([m for v in whole for m in v]):
            yield from self.members(model, old or [], new or [], path, words)
        elif all(isinstance(v, list) for v in whole) and _are_long([m for v in whole for m in v]):
            yield from self.items(hint, old or [], new or [], path, words)
        elif get_origin(_inner(hint)) is dict and all(isinstance(v, dict) for v in whole):
            a, b = old or {}, new or {}
            for key in dict.fromkeys((*a, *b)):
                # An indicator or a field needs no word for what it is; a tier's check does.
                above = words[:-1] if model is not None and len(path) == 1 else words
                named = (*above, self.word(key))
                yield from self.values(model or object, a.get(key), b.get(key), (*path, key), named)
        elif model is not None and isinstance(old, dict) and isinstance(new, dict):
            yield from self.objects(model, old, new, path, words)
        else:
            yield from self.leaf(old, new, path, words, hint)

    def items(
        self, hint: Any, old: list[Any], new: list[Any], path: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterator[Difference]:
        """Two lists of sentences or documents: what went and what came."""
        for item in old:
            if item not in new:
                yield from self.leaf(item, None, path, words, _model_of(hint))
        for item in new:
            if item not in old:
                yield from self.leaf(None, item, path, words, _model_of(hint))

    def members(
        self, model: Any, old: list[Any], new: list[Any], path: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterator[Difference]:
        """Differences of two lists whose members have ids."""
        before, after = {str(m["id"]): m for m in old}, {str(m["id"]): m for m in new}
        for identity in dict.fromkeys((*before, *after)):
            member = after.get(identity) or before[identity]
            word = str(member.get("label") or member.get("reason") or member.get("path") or identity)
            here, named = (*path, identity), (*words, f"“{word}”")
            a, b = before.get(identity), after.get(identity)
            if a is None or b is None or model is None:
                yield from self.leaf(a, b, here, named, model)
            else:
                yield from self.objects(model, a, b, here, named)
        kept_before = [i for i in before if i in after]
        kept_after = [i for i in after if i in before]
        if kept_before != kept_after:
            yield from self.leaf(kept_before, kept_after, path, (*words, text("diff_order")))

    def leaf(
        self, old: Any, new: Any, path: tuple[str, ...], words: tuple[str, ...], hint: Any = None
    ) -> Iterator[Difference]:
        """Two values that are simply not the same."""
        if old != new:
            shown_words = [
                v.in_words(hint, value, path[-1]) for v, value in zip(self.in_words, (old, new), strict=True)
            ]
            yield Difference(self.kind, ".".join(path), " › ".join(words), old, new, *shown_words)

    def word(self, key: str) -> str:
        """An id or a name in words."""
        if key == "default" and language() == "zh":
            return "其他组别"
        described = [v.words.labels.get(key) for v in self.in_words if v.words is not None and language() == "zh"]
        return self.names.get(key) or next((d for d in described if d), key)


# -------------------------------------------------------------------------------------------------------------- values

CHOICES: Mapping[str, Mapping[str, str]] = {
    "status": STATUSES,
    "subject": SUBJECTS,
    "treatment": TREATMENTS,
    "stat": STATISTICS,
    "peers": STATISTICS,
    "among": AMONG,
    "interpolation": {str(k): v for k, v in INTERPOLATIONS.items()},
    "kind": KINDS,
    "missing": POLICIES,
    "zero_denominator": POLICIES,
    "negative": POLICIES,
    "rounding": ROUNDINGS,
    "counts": COUNTINGS,
    "with": {"parcel": "同一地块上的企业", "group": "同一合并组的企业"},
    "ties": {"better": "同名次的归较好一档", "worse": "同名次的归较差一档"},
    "year": {"this": "本年", "previous": "上年"},
    "lever": {str(k): v for k, v in LEVERS.items()},
    "office": {str(k): v for k, v in OFFICES.items()},
    "take": {"sum": "累加", "highest": "只取最高一项"},
}
"""Words of a key that stand for something, in Chinese."""


NAMED = frozenset({"over", "cells", "keys"})
"""Keys that list names."""


def key_in_words(key: str, field: tuple[dataclasses.Field[Any], Any]) -> str:
    """A key by the first words of its meaning, without what follows a comma or stands in brackets."""
    if language() == "en":
        return key.replace("_", " ")
    return re.split(r"[：，；（]", str(field[0].metadata["doc"]))[0]


@dataclass(frozen=True)
class ValuesInWords:
    """How the values of one rule set's file are said: expressions in words, choices by their meaning."""

    words: Words | None

    def in_words(self, hint: Any, value: object, key: str = "") -> str:
        """A value in one line.

        Args:
            hint: the type that the model gives it.
            value: as plain values.
            key: the key it stands under.
        """
        inner = _inner(hint)
        if isinstance(value, dict):
            return self._object(inner, value)
        if isinstance(value, list):
            member = (get_args(inner) or (None,))[0] if get_origin(inner) is tuple else None
            return text("diff_comma").join(self.in_words(member, v, key) for v in value) or "[]"
        if language() == "en" or value is None:
            return shown(value)
        if isinstance(value, bool) and inner not in (Expression, Benchmark):
            return "是" if value else "否"
        if inner in (Expression, Benchmark):
            expression = shown(value)
            return in_words(expression, self.words) if self.words is not None else expression
        if key in NAMED and self.words is not None:
            return self.words.of(str(value))
        return CHOICES.get(key, {}).get(str(value), shown(value))

    def _object(self, hint: Any, value: dict[str, Any]) -> str:
        hint = Peers if hint is Benchmark else hint
        known = keys_of(hint) if dataclasses.is_dataclass(hint) and isinstance(hint, type) else {}
        if "document" in value and "id" not in value:
            return " ".join(shown(v) for v in value.values())
        parts: list[str] = []
        for key, inner in value.items():
            if key in ("id", "label") and known:
                continue
            field = known.get(key)
            word = key_in_words(key, field) if field is not None else key
            parts.append(f"{word} {self.in_words(field[1] if field is not None else None, inner, key)}")
        return text("diff_semicolon").join(parts) or shown(value.get("label") or value.get("id") or value)


def words_of_file(ruleset: RuleSet, kind: str) -> Words | None:
    """The names that a file's expressions use, in words; `None` where the file has none."""
    if kind == "rating" and ruleset.rating is not None:
        return rating_words(ruleset, ruleset.rating)
    if kind == "rectification" and ruleset.rectification is not None:
        scope = check_rectification(ruleset, ruleset.rectification)[0].scope
        return policy_words(ruleset, ruleset.rectification, scope)
    if kind == "allocation" and ruleset.allocation is not None:
        part = check_allocation(ruleset)[0].parts[-1]
        return policy_words(ruleset, ruleset.allocation, part.scope)
    return None


# ---------------------------------------------------------------------------------------------------------------- types


def _says_the_default(field: dataclasses.Field[Any], key: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether one side states what the other leaves to the default, which is the same."""
    if (key in old) == (key in new):
        return False
    value = old.get(key, new.get(key))
    default = field.default.name if isinstance(field.default, ScoringMethod) else field.default
    return bool((tuple(value) if isinstance(value, list) else value) == default)


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
    return inner if is_model and (keys_of(inner) or inner is Scoring) else None


def _are_long(items: list[Any]) -> bool:
    """Whether the items of a list are better told one by one than side by side."""
    return any(isinstance(i, dict) or (isinstance(i, str) and len(i) > 12) for i in items)


def _have_ids(members: list[Any]) -> bool:
    return bool(members) and all(isinstance(m, dict) and "id" in m for m in members)
