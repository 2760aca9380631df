"""Earlier years' values of a rule file's own fields: `rated_tax_last` is `rated_tax` with last year's figures put in.

So nothing is asked of last year's frame: `tax_paid_last` stands in this year's, and what departments report for a rule
set (`input`) is brought with its earlier years.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from mujun.dataclass import dataclass
from mujun.fields import FRAME_FIELDS, LAGS, lag_of
from mujun.rules.expressions import Expression, Scope
from mujun.rules.model import RuleField

YEARS_IN_WORDS: Mapping[int, str] = {1: "上年", 2: "前年"}
_SUFFIXES: Mapping[int, str] = {back: suffix for suffix, back in LAGS.items()}


@dataclass(frozen=True)
class Earlier:
    """A rule's field some years ago: the field, and how many."""

    base: str
    source: RuleField
    years: int

    @property
    def field(self) -> RuleField:
        """The field as if it had been declared."""
        return replace(self.source, label=f"{YEARS_IN_WORDS[self.years]}{self.source.label or self.base}")

    def scope(self, scope: Scope) -> Scope:
        """The names as its expression has them: every name means its value of that year; what has none is not there."""
        of_then = {}
        for name, meaning in scope.meanings.items():
            then = scope.meanings.get(earlier_name(name, self.years) or "")
            if then is not None:
                of_then[name] = replace(then, label=meaning.label)
        return Scope(of_then)


def earlier_name(name: str, years: int) -> str | None:
    """What a name is called so many years earlier; `None` where no year so early is kept.

    >>> earlier_name("tax_paid", 1), earlier_name("tax_paid_last", 1), earlier_name("tax_paid_last", 2)
    ('tax_paid_last', 'tax_paid_last2', None)
    """
    lagged = lag_of(name)
    base, back = lagged if lagged is not None else (name, 0)
    suffix = _SUFFIXES.get(back + years)
    return None if suffix is None else base + suffix


def earlier_fields(
    fields: Mapping[str, RuleField], texts: Iterable[str], needs: Callable[[Expression], Iterable[str]]
) -> dict[str, Earlier]:
    """Earlier years' values that some rule mentions, by name, and those that they rest on.

    Args:
        fields: the fields that the file declares.
        texts: every expression, and every other text that names something.
        needs: the names that an expression mentions.
    """
    mentioning = "\n".join(texts)
    earlier: dict[str, Earlier] = {}
    waiting = [
        (base, years)
        for base, source in fields.items()
        for years, suffix in _SUFFIXES.items()
        if _mentions(mentioning, base + suffix) or (source.label and YEARS_IN_WORDS[years] + source.label in mentioning)
    ]
    while waiting:
        base, years = waiting.pop()
        name = base + _SUFFIXES[years]
        if name in earlier or name in fields or name in FRAME_FIELDS:
            continue
        earlier[name] = Earlier(base, fields[base], years)
        value = fields[base].value
        waiting += [(n, years) for n in (needs(value) if value is not None else ()) if n in fields]
    return earlier


def without_earlier(names: Iterable[str], years: int, known: Iterable[str]) -> list[str]:
    """The names of a field's expression that have no value so many years earlier."""
    there = set(known)
    return sorted(n for n in names if (earlier_name(n, years) or "") not in there)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
