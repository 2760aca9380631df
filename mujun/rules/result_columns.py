"""The columns of a rating's result, and the names of a rule file that would stand in it a second time."""

from __future__ import annotations

from collections.abc import Iterator

from mujun.errors import Problem, problem
from mujun.rules.model import TheRating
from mujun.rules.model.rating import FIRMS

HEAD: tuple[str, ...] = (
    "run", "year", "subject", "credit_code", "name", "township", "park", "industry", "scale", "cohort", "treatment",
    "reason", "score", "rank", "size", "tier", "tier_cut", "rules_matched", "rules_changed",
)  # fmt: skip
"""The columns that every result begins with; indicators and adjustments follow."""


def result_columns(rating: TheRating) -> list[str]:
    """The head, each indicator with its benchmark, points and note where it is scored, the adjustments."""
    scored = {name for s in rating.scoring.values() for name in s.items}
    parts = list(HEAD)
    for name in rating.indicators:
        parts.append(name)
        if name in scored:
            parts += [f"{name}_benchmark", f"{name}_points", f"{name}_note"]
    return [*parts, *(f"adj_{a.id}" for a in rating.adjustments.items)]


def names_of_columns(rating: TheRating) -> Iterator[Problem]:
    """Fields, statistics and indicators that are called like a column of the result that they are not."""
    merged = rating.population.merges_by != "enterprise"
    columns = result_columns(rating) + ["members"] * merged + [FIRMS] * (rating.population.area is not None)
    for declared in (rating.fields, rating.statistics, rating.indicators):
        for name, source in declared.items():
            if columns.count(name) > (declared is rating.indicators):
                yield problem("name_of_column", source.stands, name=name)
