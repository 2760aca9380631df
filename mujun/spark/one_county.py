"""One county's year, as a worker computes it: its rows and those of the years before in, its table and a summary out.

Nothing of Spark is imported here: what runs on a worker can be run and tested by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field

import polars as pl

from mujun import messages
from mujun.allocation import allocate
from mujun.dataclass import dataclass
from mujun.errors import MujunError, RatingError, problem
from mujun.messages import Firm
from mujun.rating import Rating, digest_of, rate
from mujun.rectification import list_enterprises
from mujun.rules.for_years import check_year
from mujun.rules.frame_columns import Step
from mujun.rules.gaps import check_gaps
from mujun.rules.ruleset import RuleSet
from mujun.spark.checks import check_figures, check_standing, check_usage
from mujun.spark.needs import Needs


@dataclass(frozen=True)
class Computed:
    """What came of one county's year.

    Attributes:
        table: the result as its room exports it, in its order; `None` where it could not be computed.
        firms: how many rows the frame of the year has.
        digest: of the table; the same as of a local call.
        problem: what was wrong, in the language asked for.
        codes: the messages' keys.
        unkept: what the rules promise of tiers' shares and did not come out (`verify` of the rules), likewise.
    """

    table: pl.DataFrame | None
    firms: int
    digest: str | None = None
    problem: str | None = None
    codes: tuple[str, ...] = field(default=())
    unkept: tuple[str, ...] = field(default=())


def computed(
    ruleset: RuleSet,
    step: Step,
    needs: Needs,
    years: Mapping[int, pl.DataFrame],
    usage: pl.DataFrame | None,
    *,
    year: int | None,
    despite: Collection[str] = (),
    language: messages.Language | None = None,
) -> Computed:
    """Compute one county's year.

    Args:
        ruleset: the rules.
        step: what of them.
        needs: what they ask of the frame.
        years: by how many years back, the rows of the county: 0 is the year itself.
        usage: the county's usage records, for the amounts.
        year: the data year; `None` where the rows do not say which county and year they belong to.
        despite: fields whose absence is accepted.
        language: in which a problem is told; the one in force where none is named.
    """
    firms = years[0].height
    try:
        if year is None:
            raise RatingError(problem("spark_rows_nowhere", count=firms))
        check_year(ruleset, year)
        table, rating = _table(ruleset, step, needs, years, usage, Gate(year, despite))
    except MujunError as error:
        with messages.speaking(language or messages.language()):
            return Computed(None, firms, problem=str(error), codes=tuple(p.code for p in error.problems))
    with messages.speaking(language or messages.language()):
        unkept = tuple(v.sentence for v in rating.verified if not v.kept) if rating is not None else ()
    return Computed(table, firms, digest_of(table), unkept=unkept)


@dataclass(frozen=True)
class Gate:
    """What a county's year has to pass: the year, and the fields whose absence is accepted."""

    year: int
    despite: Collection[str]


def _table(
    ruleset: RuleSet,
    step: Step,
    needs: Needs,
    years: Mapping[int, pl.DataFrame],
    usage: pl.DataFrame | None,
    gate: Gate | None,
) -> tuple[pl.DataFrame, Rating | None]:
    """The table, and the rating that it rests on, where there is one."""
    frame = with_lags(years, needs, 0)
    # A year without last year's rows has no last year's frame, and the rules say what that means.
    previous = with_lags(years, needs, 1) if needs.previous and 1 in years else None
    if gate is not None:
        check_figures(frame)
        if usage is not None:
            check_usage(usage)
        check_standing(ruleset, needs.standing, frame)
    rating = rate(frame, ruleset, previous) if step == "rating" or ruleset.rating is not None else None
    if gate is not None and rating is not None:
        check_gaps(rating.plan.rating, rating.enterprises, gate.year, gate.despite)
    if step == "rectification":
        return list_enterprises(ruleset, frame, rating, previous=previous).rectification, rating
    if step == "allocation":
        return allocate(ruleset, frame, rating, usage, previous).allocation, rating
    assert rating is not None
    areas = rating.plan.rating.population.area is not None
    return (rating.subject_ratings if areas else rating.ratings).drop("run"), rating


def with_lags(years: Mapping[int, pl.DataFrame], needs: Needs, back: int) -> pl.DataFrame:
    """A year's rows with the earlier years' values of the same firms that the frame itself does not have.

    Raises:
        RatingError: a code stands twice in an earlier year, so that its value would be a guess.
    """
    frame = years[back]
    for further in sorted({further for _, further in needs.lags.values()}):
        columns = {name: column for name, (column, years_back) in needs.lags.items() if years_back == further}
        earlier = years.get(back + further, frame.clear())
        twice = earlier.filter(pl.col("credit_code").is_duplicated())["credit_code"].drop_nulls().sort()
        if twice.len():
            raise RatingError(problem("spark_code_twice", code=Firm(twice[0]), back=back + further))
        values = earlier.select("credit_code", *(pl.col(column).alias(name) for name, column in columns.items()))
        frame = frame.join(values, on="credit_code", how="left", maintain_order="left")
    return frame


def empty_table(ruleset: RuleSet, step: Step, needs: Needs, have: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The table of a county without firms: its columns and their types are those of every county's.

    Raises:
        RuleError: the rules do not fit together.
        RatingError: a column of the frame is of a type that it cannot be.
    """
    nobody = pl.DataFrame(schema={name: have[name] for name in needs.columns})
    return _table(ruleset, step, needs, dict.fromkeys(range(needs.years_back + 1), nobody), None, None)[0]
