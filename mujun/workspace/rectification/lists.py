"""Issuing rectification lists: each a frozen, numbered document with the events that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

import mujun
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.messages import Word
from mujun.notebooks import InNotebooks
from mujun.rectification import COLUMNS, Listing
from mujun.rectification.checking import paths_of
from mujun.rectification.documents import (
    Entering,
    digest_of_tables,
    firm_rows,
    parcel_rows,
)
from mujun.rectification.listing import EFFECT_SCHEMA, effects_by_path
from mujun.rectification.screening import is_gone
from mujun.rectification.states import Event, SubjectKind
from mujun.rectification.tracking import DECIDED, as_verified, corrections, effects_decided
from mujun.rules import RuleSet, load_rules
from mujun.rules.named_lists import lists_of, with_list
from mujun.store import ListDocument
from mujun.workspace.book import Book, Subject, read_book
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.rectification.events import tracked
from mujun.workspace.rectification.freezing import (
    check_all,
    check_day,
    entries_of,
    kept,
    months_of,
    ratios_of,
    with_entry,
)
from mujun.workspace.rectification.parcel_lists import listed_parcels, no_firms, reasons_of
from mujun.workspace.runs.policies import listing_of
from mujun.workspace.runs.standing_alone import result_for
from mujun.workspace.tiers_from import TiersFrom

Unverified = Literal["refuse", "list", "leave"]
"""What becomes of those who were screened and not verified yet: the list waits for them, the list itself counts as
verification, or they are left out."""

RESTS_ON: dict[str, pl.DataType] = {
    "tiers": pl.String(),
    "runs": pl.List(pl.String),
    "rules": pl.List(pl.String),
    "tiered": pl.Int64(),
    "statistics_of": pl.String(),
    "statistics_scope": pl.String(),
    "statistics_count": pl.Int64(),
}

KEPT_EFFECTS: tuple[str, ...] = ("expected_land_mu", "expected_energy_tce")

KEPT: tuple[str, ...] = (*DECIDED, *KEPT_EFFECTS)
"""What stands of those carried over: a new list extends and lowers nothing."""

LEFT_OUT_SCHEMA: dict[str, pl.DataType] = {"credit_code": pl.String(), "name": pl.String(), "why": pl.String()}


def preview(
    county: CountyFile,
    run: int | None = None,
    rules: str | Path | None = None,
    *,
    year: int | None = None,
    listed_on: date | None = None,
    name: str | None = None,
) -> tuple[YearResult, Listing]:
    """Whom a rating's rules, or others, would list; nothing is kept.

    Args:
        run: which rating; where none is given, the final result of `year` (of the newest run's year where none is
            said), else the newest. Rules that rate nobody themselves go by the year's final result, else by 历年评价.
        rules: another rule set with rectification.yaml.
        year: the data year.
        listed_on: the day from which deadlines count.
        name: which of several lists of the rules.

    Raises:
        UsageError: there is no such run, the rules list nobody, or make several lists and none of them is named.
    """
    chosen = with_list(load_rules(rules), name) if rules is not None else None
    result = result_for(county, chosen, year, run, final=True)
    if chosen is None and result.tiers_from is None and (name is not None or lists_of(result.ruleset)):
        chosen = with_list(result.ruleset, name)
    listing = result.listing if result.tiers_from is not None else listing_of(county, result, chosen)
    if listing is None:
        raise UsageError(problem("no_rectification", address=rules or result.ruleset.address))
    if listed_on is not None:
        listing = replace(listing, listed_on=listed_on)
    return replace(result, listing=listing), listing


def issue(
    county: CountyFile,
    *,
    title: str,
    document: str,
    issued_on: date,
    run: int | None = None,
    rules: str | Path | None = None,
    year: int | None = None,
    unverified: Unverified = "refuse",
    name: str | None = None,
    actor: str = "",
    recorded_at: datetime | None = None,
) -> ListDocument:
    """Freeze a rating's list as the next numbered document, and put those on it into the loop.

    Args:
        title: what the list is called.
        document: its document number.
        issued_on: the day it is issued, from which deadlines count.
        run, rules, year, name: as in `preview`.
        unverified: what becomes of those who were screened and not verified yet.
        actor: who issues it.
        recorded_at: when it is recorded, in UTC; now where nothing is said.

    Raises:
        UsageError: nobody is to be listed, some are not verified yet, or the day lies before what happened.
    """
    check_day(issued_on)
    made = draft(county, issued_on, run=run, rules=rules, year=year, unverified=unverified, name=name)
    result, listing, tables = made.result, made.listing, made.tables
    if tables["firms"].is_empty() and not (listing.of_parcels and tables["parcels"].height):
        raise UsageError(problem("list_empty", run=result.number))
    book, entered, left_out = made.book, made.entered, made.left_out
    events = [
        Event(subject, action, issued_on, actor=actor, document=document, kind=kind)
        for (kind, subject), e in entered.items()
        if (kind, subject) not in left_out
        for action in e.actions
    ]
    check_all(book, events)
    listed = _document(listing.plan.ruleset, result, (title, document, issued_on), tables)
    return kept(county, listed, events, recorded_at)


@dataclass(frozen=True)
class Draft(InNotebooks):
    """A list as it would be issued on a day: the paper's tables, and what putting it down rests on."""

    result: YearResult = field(repr=False)
    listing: Listing = field(repr=False)
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    book: Book = field(repr=False)
    entered: Mapping[Subject, Entering] = field(repr=False)
    left_out: frozenset[Subject] = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many firms enter in which way, and how many are left out."""
        entries = self.tables["parcels" if self.listing.of_parcels else "firms"]["entry"]
        ways = {e: int((entries == e).sum()) for e in ("new", "carried", "relisted")}
        return {**ways, "firms": entries.len(), "left_out": self.tables["left_out"].height}

    @property
    def gone(self) -> tuple[str, ...]:
        """The names of the listed firms that are no longer there, as the roll or a visit says."""
        away = self.result.frame.filter(is_gone()).select("credit_code")
        return tuple(self.tables["firms"].join(away, on="credit_code", how="semi")["name"].to_list())

    @property
    def rows(self) -> pl.DataFrame:
        """The list as it would be, columns as in `mujun.rectification.COLUMNS` and `entry`; of parcels their rows."""
        if self.listing.of_parcels:
            return self.tables["parcels"].join(self.tables["reasons"], on="parcel", how="left", maintain_order="left")
        decided = self.tables["firms"].select("credit_code", "path", "deadline", *KEPT_EFFECTS, "entry")
        listed = self.book.under_now(self.listing.rectification).unique(
            "credit_code", keep="first", maintain_order=True
        )
        listed = listed.drop("path", "deadline", *KEPT_EFFECTS)
        return listed.join(decided, on="credit_code", how="inner", maintain_order="left").select(*COLUMNS, "entry")


def draft(
    county: CountyFile,
    issued_on: date,
    *,
    run: int | None = None,
    rules: str | Path | None = None,
    year: int | None = None,
    unverified: Unverified = "list",
    name: str | None = None,
) -> Draft:
    """The list that `issue` would freeze on a day; nothing is kept.

    Args:
        issued_on: the day of issue, from which deadlines count.
        run, rules, year, name: as in `preview`.
        unverified: what becomes of those who were screened and not verified yet.

    Raises:
        UsageError: some are not verified yet, and the list is to wait for them.
    """
    with county.kept_open():
        result, listing = preview(county, run, rules, year=year, listed_on=issued_on, name=name)
        book, ground = read_book(county), current_table(county, "parcels", as_of_batch=result.batch)
    if listing.of_parcels:
        return _draft_of_parcels(county, book, result, listing, issued_on, unverified)
    # The data may be of a year in which a firm still had another code; on the list it has the one it has now.
    firms = book.under_now(firm_rows(listing, result.frame, ratios_of(result))).unique(
        "credit_code", keep="first", maintain_order=True
    )
    steps = book.steps(issued_on)
    entered = entries_of(firms, "credit_code", "enterprise", steps, result.year)
    waiting = [s for s, e in entered.items() if e.unverified]
    if waiting and unverified == "refuse":
        names = dict(firms.select("credit_code", "name").iter_rows())
        first = waiting[0][1]
        raise UsageError(problem("list_unverified", count=len(waiting), code=first, name=names.get(first) or "—"))
    left_out = {s for s, e in entered.items() if e.dismissed or e.done or (e.unverified and unverified == "leave")}
    why = {s[1]: _why_left_out(entered[s]) for s in left_out}
    leaving = pl.DataFrame(
        [(c, n, str(why[c])) for c, n in firms.select("credit_code", "name").iter_rows() if c in why],
        schema=LEFT_OUT_SCHEMA,
        orient="row",
    )
    firms = firms.filter(~pl.col("credit_code").is_in(leaving["credit_code"].implode()))
    effects = book.under_now(effects_by_path(listing, paths_of(listing.plan.file)))
    firms = with_effects(as_verified(firms, steps, months_of(listing), issued_on), effects)
    frame = book.under_now(result.frame)
    parcels = parcel_rows(firms, frame, ground)
    entered |= entries_of(parcels, "parcel", "parcel", steps, result.year)
    left_out |= {s for s, e in entered.items() if s[0] == "parcel" and (e.dismissed or e.done)}
    parcels = parcels.filter(~pl.col("parcel").is_in([p for k, p in left_out if k == "parcel"]))
    entries = {s: e.entry for s, e in entered.items()}
    codes = firms["credit_code"].implode()
    stands = {(r["kind"], r["subject"]): r for r in tracked(book, issued_on).iter_rows(named=True)}
    firms = _carried(with_entry(firms, "credit_code", "enterprise", entries), "credit_code", stands)
    tables = {
        "firms": firms,
        "parcels": _carried(with_entry(parcels, "parcel", "parcel", entries), "parcel", stands),
        "triggers": book.under_now(listing.triggers).filter(pl.col("credit_code").is_in(codes)),
        "exempted": book.under_now(listing.exempted),
        "left_out": leaving,
    }
    if result.tiers_from is not None:
        tables["rests_on"] = _rests_on(result.tiers_from, listing)
    if listing.plan.by_path:
        tables["effects"] = effects_kept(book, effects, firms)
    return Draft(result, listing, tables, book, entered, frozenset(left_out))


def _draft_of_parcels(
    county: CountyFile, book: Book, result: YearResult, listing: Listing, issued_on: date, unverified: Unverified
) -> Draft:
    """The same of a list of parcels: no enterprise is on it, the parcels are."""
    parcels = listed_parcels(county, book, listing, result.batch)
    entered = entries_of(parcels, "parcel", "parcel", book.steps(issued_on), result.year)
    waiting = [s for s, e in entered.items() if e.unverified]
    if waiting and unverified == "refuse":
        raise UsageError(problem("list_unverified", count=len(waiting), code=waiting[0][1], name="—"))
    left_out = {s for s, e in entered.items() if e.dismissed or e.done or (e.unverified and unverified == "leave")}
    why = [(code, None, str(_why_left_out(entered[kind, code]))) for kind, code in sorted(left_out)]
    parcels = parcels.filter(~pl.col("parcel").is_in([p for _, p in left_out]))
    stands = {(r["kind"], r["subject"]): r for r in tracked(book, issued_on).iter_rows(named=True)}
    marked = with_entry(parcels, "parcel", "parcel", {s: e.entry for s, e in entered.items()})
    named = listing.triggers["credit_code"].is_in(parcels["parcel"].implode())
    tables = {
        "firms": no_firms(),
        "parcels": _carried(marked, "parcel", stands),
        "reasons": reasons_of(listing, parcels),
        "triggers": listing.triggers.filter(named),
        "exempted": listing.exempted,
        "left_out": pl.DataFrame(why, schema=LEFT_OUT_SCHEMA, orient="row"),
    }
    if result.tiers_from is not None:
        tables["rests_on"] = _rests_on(result.tiers_from, listing)
    return Draft(result, listing, tables, book, entered, frozenset(left_out))


def _why_left_out(entering: Entering) -> Word:
    if entering.done:
        return Word("left_out_done")
    return Word("left_out_dismissed" if entering.dismissed else "left_out_unverified")


# ------------------------------------------------------------------------------------------------------------- looking


@dataclass(frozen=True)
class ListSummary:
    """One document of the lists, in brief.

    `whole` tells whether its tables still give the digest that was kept.
    """

    listed: ListDocument = field(repr=False)
    firms: int
    parcels: int
    whole: bool


def issued_lists(county: CountyFile, number: int | None = None) -> tuple[ListSummary, ...]:
    """The lists and amendments that were issued, oldest first; of one list it and its amendments.

    Raises:
        UsageError: there is no list of that number.
    """
    book = read_book(county)
    wanted = tuple(s for s in summaries(book) if number in (None, s.listed.number, s.listed.amends))
    if number is not None and not any(s.listed.number == number for s in wanted):
        book.list_number(number)
    return wanted


def summaries(book: Book) -> tuple[ListSummary, ...]:
    """Every list and amendment: how many are on it, and whether it is whole."""
    summed = []
    for d in book.documents:
        firms, parcels = d.tables["firms"].height, d.tables["parcels"].height
        summed.append(ListSummary(d, firms, parcels, digest_of_tables(_head_of(d), d.tables) == d.digest))
    return tuple(summed)


# -------------------------------------------------------------------------------------------------------------- parts


def _rests_on(tiers: TiersFrom, listing: Listing) -> pl.DataFrame:
    """What a list by rules that rate nobody rests on: where the tiers are from, whom its statistics count."""
    counted = listing.counted
    return pl.DataFrame(
        {
            "tiers": [tiers.source],
            "runs": [[str(n) for n in tiers.runs]],
            "rules": [list(tiers.rules)],
            "tiered": [tiers.tiered],
            "statistics_of": [counted.of if counted else None],
            "statistics_scope": [str(counted.scope) if counted and counted.scope else None],
            "statistics_count": [counted.count if counted else None],
        },
        schema=RESTS_ON,
    )


def _carried(rows: pl.DataFrame, key: str, stands: Mapping[Subject, Mapping[str, Any]]) -> pl.DataFrame:
    """The rows, those carried over with the path, deadline and department that stand: a new list extends nothing."""
    kind: SubjectKind = "parcel" if key == "parcel" else "enterprise"
    carried = rows["entry"] == "carried"
    columns = [
        pl.Series(
            name,
            [
                stands[kind, subject][name] if over and (kind, subject) in stands else value
                for subject, over, value in zip(rows[key], carried, rows[name], strict=True)
            ],
            dtype=rows.schema[name],
        )
        for name in KEPT
        if name in rows.columns
    ]
    return rows.with_columns(columns)


def with_effects(firms: pl.DataFrame, effects: pl.DataFrame) -> pl.DataFrame:
    """The firms with what they are expected to free on the path that was decided, where that depends on the path."""
    names = ("expected_land_mu", "expected_energy_tce")
    by_path = effects.rename({n: f"_{n}" for n in names})
    joined = firms.join(by_path, on=["credit_code", "path"], how="left", maintain_order="left")
    known = pl.struct("credit_code", "path").is_in(
        effects.select(pl.struct("credit_code", "path")).to_series().implode()
    )
    return joined.with_columns(
        pl.when(known).then(pl.col(f"_{n}")).otherwise(pl.col(n)).alias(n) for n in names
    ).select(firms.columns)


def effects_kept(book: Book, effects: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    """What is frozen of the effects by path: of those carried over what their own list has, not the newer data's."""
    carried = firms.filter(pl.col("entry") == "carried")["credit_code"].to_list()
    fixed = {c for (_, c), several in corrections(book.frozen).items() if set(several) & set(KEPT_EFFECTS)}
    earlier = [
        (code, path, land, energy)
        for (_, code, path), (land, energy) in effects_decided(book.frozen).items()
        if code in carried and code not in fixed
    ]
    newest = effects.filter(pl.col("credit_code").is_in(firms["credit_code"].implode()))
    newest = newest.filter(~pl.col("credit_code").is_in(carried))
    older = pl.DataFrame(earlier, schema=EFFECT_SCHEMA, orient="row").unique(
        ["credit_code", "path"], keep="last", maintain_order=True
    )
    return pl.concat([newest, older])


def _document(
    ruleset: RuleSet, result: YearResult, head: tuple[str, str, date], tables: Mapping[str, pl.DataFrame]
) -> ListDocument:
    title, document, issued_on = head
    made = ListDocument(
        year=result.year, kind="list", title=title, document=document, issued_on=issued_on,
        run=result.number,  # type: ignore[arg-type]
        rules=ruleset.address, rule_files=ruleset.texts, mujun_version=mujun.__version__, digest="", tables=tables,
        list_name=ruleset.list_name,
    )  # fmt: skip
    return replace(made, digest=digest_of_tables(_head_of(made), tables))


def _head_of(d: ListDocument) -> tuple[object, ...]:
    head: tuple[object, ...] = (d.kind, d.year, d.title, d.document, d.issued_on, d.run)
    head = (*head, d.list_name) if d.list_name else head
    return head if d.amends is None else (*head, d.amends)
