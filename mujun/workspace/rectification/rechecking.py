"""Testing those on the lists against newer data: who meets the standard of being struck off, and who no longer does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.records.succession import Heir
from mujun.rectification.checking import LEAVING
from mujun.rectification.exiting import exits
from mujun.rectification.states import State
from mujun.rules.model.rectification import Exit, TheRectification
from mujun.store import Store
from mujun.workspace.book import read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.identity.former_codes import heirs_at
from mujun.workspace.rectification.events import tracked
from mujun.workspace.runs.past import newest_run, recalled
from mujun.workspace.runs.policies import frame_beside

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
`keep` (neither), `untold` (for want of a figure), `merged` (another firm has taken it over), `gone` (it is not in the
newer data), `closed` (it was to leave and is on the newer roll no longer), `evidence` (it is to leave: judged by what
shows that it has, not by tax). `values` are the figures that this rests on, in words; of one taken over by whom and
when, and the figures of that firm."""

_WORKING: tuple[State, ...] = ("listed", "planned", "in_progress", "reported_done", "returned", "relapsed")
_STRUCK: tuple[State, ...] = ("off_list", "watched")


@dataclass(frozen=True)
class Recheck(InNotebooks):
    """What newer data say of those on the lists."""

    year: int
    run: int
    proposals: pl.DataFrame = field(repr=False)
    tracked: pl.DataFrame = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each proposal."""
        return dict(self.proposals.group_by("proposal").len().iter_rows())


def recheck(county: CountyFile, run: int | None = None) -> Recheck:
    """Test the exit rule of each list, with its margin, on the data and the rating of a later year.

    Only lists of earlier data years are tested. Nothing is recorded: what is proposed becomes an event when a person
    says so.

    Raises:
        UsageError: there is no list, no such run, or no list is older than the run's data.
        RuleError: the rules of a list have no exit rule.
    """
    book = read_book(county)
    book.list_number(None)
    result = recalled(county, run if run is not None else newest_run(county))
    rows = tracked(book).filter(pl.col("kind") == "enterprise")
    older = rows.filter(pl.col("year") < result.year)
    if older.is_empty():
        raise UsageError(problem("recheck_not_newer", run=result.number, year=result.year))
    parts: list[pl.DataFrame] = []
    with Store.open(county.path) as store:
        heirs = heirs_at(store, result.year, as_of_batch=result.batch or None)
    for number in older["list"].unique().sort():
        rules = book.rules_of(number)
        frame = frame_beside(county, result, rules)
        met, values = map(book.under_now, exits(rules, frame, result.rating))
        values_said = values.group_by("credit_code").agg(
            pl.format("{} {}{}", "label", pl.col("value").fill_null("—"), "unit").str.join("；").alias("values")
        )
        mine = older.filter(pl.col("list") == number)
        values_said = pl.concat(
            [
                values_said,
                _taken_over(mine["subject"], heirs, book.under_now(result.frame), dict(values_said.iter_rows())),
            ]
        )
        parts.append(
            mine.join(met.with_columns(pl.lit(value=True).alias("_here")), left_on="subject", right_on="credit_code",
                      how="left", maintain_order="left")
            .join(values_said, left_on="subject", right_on="credit_code", how="left", maintain_order="left")
        )  # fmt: skip
    joined = pl.concat(parts).rename({"subject": "credit_code"})
    working, struck = pl.col("state").is_in(_WORKING), pl.col("state").is_in(_STRUCK)
    leaving, gone = pl.col("path").is_in(LEAVING), pl.col("_here").is_null()
    proposal = (
        pl.when(pl.col("_here").is_null() & pl.col("values").is_not_null())
        .then(pl.lit("merged"))
        .when(leaving & gone)
        .then(pl.lit("closed"))
        .when(leaving)
        .then(pl.lit("evidence"))
        .when(pl.col("_here").is_null())
        .then(pl.lit("gone"))
        .when(struck & ~pl.col("met"))
        .then(pl.lit("relapse"))
        .when(working & pl.col("with_margin"))
        .then(pl.lit("accept"))
        .when((struck & pl.col("met").is_null()) | (working & pl.col("with_margin").is_null()))
        .then(pl.lit("untold"))
        .otherwise(pl.lit("keep"))
    )
    joined = joined.with_columns(proposal.alias("proposal"))
    needed = {n: exit_of(book.rules_of(n).rectification) for n in joined["list"].unique()}
    with messages.speaking("zh"):
        said_of = [
            messages.text("recheck_by_evidence", kinds=needed[n].evidence_for(path) or "—") if path in LEAVING else None
            for n, path in joined.select("list", "path").iter_rows()
        ]
    by_evidence = pl.Series("_evidence", said_of, dtype=pl.String)
    joined = joined.with_columns(by_evidence).with_columns(
        pl.concat_str("_evidence", "values", separator="；", ignore_nulls=True).alias("values")
    )
    looked = joined.filter(working | struck)
    proposals = looked.select(pl.col(n).cast(t) for n, t in PROPOSAL_SCHEMA.items())
    assert result.number is not None
    return Recheck(result.year, result.number, proposals, rows)


def exit_of(rules: TheRectification | None) -> Exit:
    """The exit rule of a list's rules; `exits` has refused a list without one."""
    assert rules is not None
    assert rules.exit is not None
    return rules.exit


def _taken_over(
    codes: Iterable[str], heirs: Mapping[str, Heir], frame: pl.DataFrame, values: Mapping[str, str]
) -> pl.DataFrame:
    """Of those whom another firm of the newer data has taken over: by whom and when, and that firm's figures."""
    names = dict(frame.select("credit_code", "name").iter_rows())
    by_code = {}
    for code in codes:
        heir = heirs.get(code)
        if heir is None or heir.merged_on is None or code in names or heir.code not in names:
            continue
        with messages.speaking("zh"):
            who = messages.text("recheck_taken_over", name=names[heir.code], code=heir.code, day=heir.merged_on)
        by_code[code] = "；".join(t for t in (who, values.get(heir.code)) if t)
    return pl.DataFrame(list(by_code.items()), schema={"credit_code": pl.String, "values": pl.String}, orient="row")
