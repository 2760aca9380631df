"""Testing those on the lists against newer data: who meets the standard of being struck off, and who no longer does."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from mujun.errors import UsageError, problem
from mujun.rectification.exiting import exits
from mujun.rectification.states import State
from mujun.workspace.rectification.book import Book
from mujun.workspace.rectification.events import tracked
from mujun.workspace.workspace import Workspace

PROPOSAL_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "name": pl.String(),
    "township": pl.String(),
    "list": pl.Int32(),
    "state": pl.String(),
    "met": pl.Boolean(),
    "with_margin": pl.Boolean(),
    "proposal": pl.String(),
    "values": pl.String(),
}
"""`proposal`: `accept` (it meets the standard with its margin), `relapse` (it was struck off and no longer does),
`keep` (neither), `untold` (for want of a figure), `gone` (it is not in the newer data). `values` are the figures that
this rests on, in words."""

_WORKING: tuple[State, ...] = ("listed", "planned", "in_progress", "reported_done", "returned", "relapsed")
_STRUCK: tuple[State, ...] = ("off_list", "watched")


@dataclass(frozen=True)
class Recheck:
    """What newer data say of those on the lists."""

    year: int
    run: int
    proposals: pl.DataFrame = field(repr=False)
    tracked: pl.DataFrame = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each proposal."""
        return dict(self.proposals.group_by("proposal").len().iter_rows())


def recheck(workspace: Workspace, book: Book, run: int | None = None) -> Recheck:
    """Test the exit rule of each list, with its margin, on the data and the rating of a later year.

    Only lists of earlier data years are tested. Nothing is recorded: what is proposed becomes an event when a person
    says so.

    Raises:
        UsageError: there is no list, no such run, or no list is older than the run's data.
        RuleError: the rules of a list have no exit rule.
    """
    book.list_number(None)
    result = workspace.recompute(run if run is not None else workspace.newest_run())
    rows = tracked(book).filter(pl.col("kind") == "enterprise")
    older = rows.filter(pl.col("year") < result.year)
    if older.is_empty():
        raise UsageError(problem("recheck_not_newer", run=result.number, year=result.year))
    parts: list[pl.DataFrame] = []
    for number in older["list"].unique().sort():
        rules = book.rules_of(number)
        frame = workspace.frame_beside(result, rules)
        met, values = exits(rules, frame, result.rating)
        said = values.group_by("credit_code").agg(
            pl.format("{} {}{}", "label", pl.col("value").fill_null("—"), "unit").str.join("；").alias("values")
        )
        mine = older.filter(pl.col("list") == number)
        parts.append(
            mine.join(met.with_columns(pl.lit(value=True).alias("_here")), left_on="subject", right_on="credit_code",
                      how="left", maintain_order="left")
            .join(said, left_on="subject", right_on="credit_code", how="left", maintain_order="left")
        )  # fmt: skip
    joined = pl.concat(parts).rename({"subject": "credit_code"})
    working, struck = pl.col("state").is_in(_WORKING), pl.col("state").is_in(_STRUCK)
    proposal = (
        pl.when(pl.col("_here").is_null())
        .then(pl.lit("gone"))
        .when(struck & ~pl.col("met"))
        .then(pl.lit("relapse"))
        .when(working & pl.col("with_margin"))
        .then(pl.lit("accept"))
        .when((struck & pl.col("met").is_null()) | (working & pl.col("with_margin").is_null()))
        .then(pl.lit("untold"))
        .otherwise(pl.lit("keep"))
    )
    looked = joined.filter(working | struck).with_columns(proposal.alias("proposal"))
    proposals = looked.select(pl.col(n).cast(t) for n, t in PROPOSAL_SCHEMA.items())
    assert result.number is not None
    return Recheck(result.year, result.number, proposals, rows)
