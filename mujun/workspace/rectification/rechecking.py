"""Testing those on the lists against newer data: who meets the standard of being struck off, and who no longer does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.records.succession import Heir
from mujun.rectification.checking import LEAVING
from mujun.rectification.exiting import exits
from mujun.rectification.states import State
from mujun.rules.model.rectification import Exit, TheRectification
from mujun.store import Store
from mujun.workspace.book import Book, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.identity.former_codes import heirs_at
from mujun.workspace.rectification.events import tracked
from mujun.workspace.runs.kept import newest_run
from mujun.workspace.runs.past import recalled
from mujun.workspace.runs.policies import frames_beside

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
    # A parcel is tested where it was listed itself, not where the firms on it were.
    by_parcel = [
        d.number for d in book.documents if d.kind == "list" and "reasons" in d.tables and d.number is not None
    ]
    tested = (pl.col("kind") == "enterprise") | pl.col("list").is_in(by_parcel)
    rows = tracked(book).filter(tested)
    older = _by_list(book, rows, tested).filter(pl.col("year") < result.year)
    if older.is_empty():
        raise UsageError(problem("recheck_not_newer", run=result.number, year=result.year))
    parts: list[pl.DataFrame] = []
    with Store.open(county.path) as store:
        heirs = heirs_at(store, result.year, as_of_batch=result.batch or None)
    for number in older["list"].unique().sort():
        rules = book.rules_of(number)
        frame, previous = frames_beside(county, result, rules)
        met, values = map(book.under_now, exits(rules, frame, result.rating, previous))
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
    joined = _all_of_them(pl.concat(parts)).rename({"subject": "credit_code"})
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


def _by_list(book: Book, rows: pl.DataFrame, tested: pl.Expr) -> pl.DataFrame:
    """The firms on the lists; one that is on several lists of one file once for each, as each has its own exit."""
    names = {d.list_name for d in book.documents if d.kind == "list" and d.list_name}
    others = [tracked(book, only=book.numbers_of(name)).filter(tested) for name in sorted(names)]
    return pl.concat([rows, *others]).unique(["subject", "list"], keep="first", maintain_order=True)


def _all_of_them(rows: pl.DataFrame) -> pl.DataFrame:
    """A firm on several lists meets the standard when it meets that of each; it stands where it is on the newest."""
    met = [
        pl.when((~pl.col(n)).any(ignore_nulls=True).over("subject"))
        .then(pl.lit(value=False))
        .when(pl.col(n).is_null().any().over("subject"))
        .then(pl.lit(None, dtype=pl.Boolean))
        .otherwise(pl.col(n))
        .alias(n)
        for n in ("met", "with_margin")
    ]
    values_together = pl.col("values").drop_nulls().str.join("；").over("subject")
    several = pl.len().over("subject") > 1
    merged = rows.with_columns(*met, pl.when(several).then(values_together).otherwise(pl.col("values")).alias("values"))
    return merged.unique("subject", keep="first", maintain_order=True)


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
