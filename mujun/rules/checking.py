"""Checking a whole rule set: everything that is wrong or doubtful about it, at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem, RuleError
from mujun.notebooks import InNotebooks
from mujun.rules.allocation_plan import check_allocation
from mujun.rules.expressions import Scope
from mujun.rules.folders import find_folder
from mujun.rules.ladders_plan import check_ladders
from mujun.rules.loading import read_rules, trees_of
from mujun.rules.mentions import Scopes
from mujun.rules.paper_texts import FILE as PAPERS
from mujun.rules.paper_texts import to_fill_in_papers, wrong_in_papers
from mujun.rules.rating_plan import check_rating
from mujun.rules.rectification_plan import check_rectification
from mujun.rules.remainder import of_expressions, remainder
from mujun.rules.ruleset import RuleSet
from mujun.rules.soundness import soundness
from mujun.rules.soundness_in_data import soundness_in_data
from mujun.rules.targets_plan import check_targets
from mujun.rules.testing import check_cases


@dataclass(frozen=True)
class Checked(InNotebooks):
    """What checking found.

    Attributes:
        ruleset: the set as far as it could be read; a file that is not well-formed is missing from it.
        problems: what is wrong; with any of these the set does not run.
        warnings: what is doubtful; the set runs all the same.
    """

    ruleset: RuleSet
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check_rules(wanted: str | Path, frame: pl.DataFrame | None = None) -> Checked:
    """A rule set read, compiled and looked over.

    Args:
        wanted: an address or a folder; its papers.yaml is looked at too.
        frame: a rated frame (`Rating.enterprises`, or any frame with some of its columns): finds the rules that nobody
            meets and the labels that no record has.

    Raises:
        UsageError: there is no such rule set.
    """
    folder = find_folder(wanted)
    look = checked(*read_rules(wanted), frame)
    try:
        words = folder.read(PAPERS)
    except RuleError as error:
        return replace(look, problems=(*look.problems, *error.problems), warnings=())
    return look if words is None else with_papers(look, words, folder.shown(PAPERS))


def with_papers(look: Checked, text: str, shown: str) -> Checked:
    """What checking a rule set found, with what is wrong or doubtful about the papers.yaml beside it.

    Args:
        look: what was found about the rules.
        text: the text of the papers.yaml.
        shown: what it is called.
    """
    problems = wrong_in_papers(text, shown)
    if problems or look.problems:
        return replace(look, problems=(*look.problems, *problems), warnings=())
    return replace(look, warnings=(*look.warnings, *to_fill_in_papers(text, shown)))


def checked(ruleset: RuleSet, problems: list[Problem], frame: pl.DataFrame | None = None) -> Checked:
    """A rule set as far as it could be read, with what was wrong in reading it, compiled and looked over."""
    broken = bool(problems)
    scopes, more = _scopes(ruleset, without_rating=broken and ruleset.rating is None)
    problems = [*problems, *(p for p in more if not _follows(p, ruleset))]
    if broken:
        problems += _in_what_is_left(ruleset)
    if not broken:
        problems += check_cases(ruleset)
    # A rule set that is wrong is put right first: doubts about it would only stand in the way.
    doubts = () if problems else soundness(ruleset, scopes)
    if frame is not None and not problems:
        doubts += soundness_in_data(ruleset, scopes, frame)
    return Checked(ruleset, _each_once(problems), _each_once(doubts))


def doubts_about(ruleset: RuleSet) -> tuple[Problem, ...]:
    """What is doubtful about a rule set that is right: it runs all the same."""
    scopes, problems = _scopes(ruleset, without_rating=False)
    return () if problems else _each_once(soundness(ruleset, scopes))


def _in_what_is_left(ruleset: RuleSet) -> list[Problem]:
    """What is wrong with the expressions of files that could not be read: told together with the rest."""
    trees = trees_of(ruleset)
    left = remainder(ruleset, trees)
    rates = "rating" in trees or any(name.rpartition("/")[2] == "rating.yaml" for name in ruleset.texts)
    if left is ruleset or (left.rating is None and rates):
        return []
    _, problems = _scopes(left, without_rating=False)
    return of_expressions(problems, trees)


def _scopes(ruleset: RuleSet, *, without_rating: bool) -> tuple[Scopes, list[Problem]]:
    """The names each file may use, and what is wrong with the files."""
    problems: list[Problem] = []
    rating: Scope | None = None
    if ruleset.rating is not None:
        plan, mistakes = check_rating(ruleset, ruleset.rating)
        problems += mistakes
        rating = plan.scope
    rectification: Scope | None = None
    # What stands on a rating that could not be read would only be said to use unknown names.
    if ruleset.rectification is not None and not without_rating:
        listing, mistakes = check_rectification(ruleset, ruleset.rectification)
        problems += mistakes
        rectification = listing.scope
    if ruleset.targets is not None:
        problems += check_targets(ruleset.targets)
    if ruleset.ladders is not None:
        problems += check_ladders(ruleset.ladders, ruleset)[1]
    parts: tuple[Scope, ...] = ()
    if ruleset.allocation is not None and not without_rating:
        measures, mistakes = check_allocation(ruleset)
        problems += mistakes
        parts = tuple(p.scope for p in measures.parts)
    return Scopes(rating, rectification, parts), problems


def _follows(mistake: Problem, ruleset: RuleSet) -> bool:
    """Whether a name is unknown only because the lookup table that brings it could not be read."""
    files = (("rating", ruleset.rating), ("rectification", ruleset.rectification), ("allocation", ruleset.allocation))
    unread = [t for kind, f in files if f is not None for t in f.tables if t not in ruleset.lookups.get(kind, {})]
    return any(str(mistake.values.get("name", "")).startswith(f"{t}_") for t in unread)


def _each_once(problems: tuple[Problem, ...] | list[Problem]) -> tuple[Problem, ...]:
    """One and the same mistake is said once: a name that is unknown everywhere is unknown once per place."""
    seen: dict[tuple[object, ...], Problem] = {}
    for p in problems:
        seen.setdefault((p.code, p.place, tuple(sorted((k, str(v)) for k, v in p.values.items()))), p)
    return tuple(seen.values())
