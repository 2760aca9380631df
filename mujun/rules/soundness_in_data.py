"""What only data can show about a rule set: rules that nobody meets, labels and values that no record has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from mujun.errors import Problem, problem
from mujun.fields import FRAME_FIELDS, nearest
from mujun.messages import MessageKey
from mujun.rules.expressions import Expression, Scope, compile_expression, names_in
from mujun.rules.mentions import Scopes, expressions_of, labels_in, texts_in
from mujun.rules.named_lists import each_list
from mujun.rules.ruleset import RuleSet
from mujun.rules.slips_in_data import far_benchmarks, far_thresholds, unmatched_keys

Rule = tuple[str, Expression]


def soundness_in_data(ruleset: RuleSet, scopes: Scopes, frame: pl.DataFrame) -> tuple[Problem, ...]:
    """What a rule set asks for that the data do not have, as warnings.

    Args:
        ruleset: the set, well-formed.
        scopes: the names that its files may use.
        frame: a row per enterprise or subject; conditions that read a column it does not have are left alone.
    """
    warnings: list[Problem] = []
    for things, scope in _files(ruleset, scopes):
        sources = [e for _, e in expressions_of(things)]
        warnings += _labels(sources, frame)
        warnings += _texts(sources, scope, frame)
        warnings += _empty(sources, scope, frame)
    for rules, scope in _rules(ruleset, scopes):
        for identity, when in rules:
            # Where a label is missing that says it already.
            explained = any(p.place == when.place for p in warnings)
            if not explained and _nobody(when, scope, frame):
                warnings.append(problem("sound_nobody", when.place, id=identity, condition=when))
    if ruleset.rating is not None:
        warnings += far_benchmarks(ruleset.rating, frame)
    for things, scope in _files(ruleset, scopes):
        warnings += far_thresholds(things, scope, frame)
    warnings += unmatched_keys(ruleset, frame)
    return tuple(replace(p, warning=True) for p in warnings)


def _files(ruleset: RuleSet, scopes: Scopes) -> Iterator[tuple[object, Scope]]:
    for thing, scope in ((ruleset.rating, scopes.rating), (ruleset.rectification, scopes.rectification)):
        if thing is not None and scope is not None:
            yield thing, scope
    for part, scope in zip(ruleset.allocation_parts, scopes.parts, strict=False):
        yield (part.file.fields, part.measures), scope


def _rules(ruleset: RuleSet, scopes: Scopes) -> Iterator[tuple[list[Rule], Scope]]:
    rating, listing = ruleset.rating, ruleset.rectification
    if rating is not None and scopes.rating is not None:
        rules: list[Rule] = [(s.id, s.when) for s in rating.population.special]
        rules += [(c.id, c.when) for c in rating.cohorts]
        rules += [(a.id, a.when) for a in rating.adjustments.items if a.when is not None]
        if rating.tiers is not None:
            rules += [(b.id, b.when) for b in rating.tiers.before]
            rules += [(a.id, a.when) for a in rating.tiers.after]
        yield rules, scopes.rating
    if listing is not None and scopes.rectification is not None:
        for one in each_list(listing):
            several = (one.listing, one.exempt, one.paths)
            yield [(r.id, r.when) for rules_of in several for r in rules_of], scopes.rectification
    for part, scope in zip(ruleset.allocation_parts, scopes.parts, strict=False):
        for measure in part.measures:
            yield [(f"{measure.id}.{r.id}", r.when) for r in measure.rate], scope


def _nobody(when: Expression, scope: Scope, frame: pl.DataFrame) -> bool:
    problems: list[Problem] = []
    compiled = compile_expression(when, scope, problems)
    if compiled is None or frame.is_empty() or not compiled.names <= set(frame.columns):
        return False
    if any(frame.schema[n] != scope.meanings[n].dtype for n in compiled.names):
        return False
    return not frame.select(compiled.value.expr.fill_null(value=False).any().alias("met"))["met"][0]


def _labels(sources: list[Expression], frame: pl.DataFrame) -> Iterator[Problem]:
    if "labels" not in frame.columns:
        return
    known = set(frame["labels"].explode().drop_nulls().to_list())
    asked: dict[str, Expression] = {}
    for source in sources:
        for label in labels_in(source):
            asked.setdefault(label, source)
    for label, source in asked.items():
        if label not in known:
            near = nearest(label, known)
            code: MessageKey = "sound_no_label_near" if near else "sound_no_label"
            yield problem(code, source.place, label=label, near=near or "")


def _texts(sources: list[Expression], scope: Scope, frame: pl.DataFrame) -> Iterator[Problem]:
    asked: dict[tuple[str, str], Expression] = {}
    for source in sources:
        for pair in texts_in(source, scope):
            asked.setdefault(pair, source)
    for (name, text), source in asked.items():
        # Choices are checked when the file is read; a division without a firm this year is nothing wrong.
        if name not in frame.columns or scope.meanings[name].choices or name.startswith("industry"):
            continue
        known = set(frame[name].cast(pl.String).drop_nulls().to_list())
        if known and text not in known:
            near = nearest(text, known)
            code: MessageKey = "sound_no_value_near" if near else "sound_no_value"
            yield problem(code, source.place, name=scope.meanings[name].label or name, value=text, near=near or "")


def _empty(sources: list[Expression], scope: Scope, frame: pl.DataFrame) -> Iterator[Problem]:
    asked: dict[str, Expression] = {}
    for source in sources:
        for name in names_in(source, scope):
            asked.setdefault(name, source)
    for name, source in asked.items():
        is_empty = name in frame.columns and frame.height > 0 and frame[name].null_count() == frame.height
        if name in FRAME_FIELDS and is_empty:
            yield problem("sound_all_missing", source.place, name=FRAME_FIELDS[name].label)
