"""Issuing and amending rectification lists: each a frozen, numbered document with the events that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

import mujun
from mujun import messages
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess, Word
from mujun.numbers import at12, divided
from mujun.rectification import Listing
from mujun.rectification.checking import paths_of
from mujun.rectification.documents import (
    CHANGE_SCHEMA,
    CORRECTABLE,
    CORRECTABLE_OF_PARCEL,
    FIRM_SCHEMA,
    PARCEL_SCHEMA,
    as_value,
    digest_of_tables,
    entering,
    firm_rows,
    parcel_rows,
)
from mujun.rectification.states import Event, Step, SubjectKind, check_event, history
from mujun.rectification.tracking import DECIDED, as_verified
from mujun.reports.year.summary import facts_of
from mujun.rules import RuleSet
from mujun.store import ListDocument, Store
from mujun.workspace.computing import YearResult
from mujun.workspace.rectification.book import Book, Subject, event_rows, read_book, unknown_subject
from mujun.workspace.rectification.events import tracked
from mujun.workspace.workspace import Workspace, who_works

Unverified = Literal["refuse", "list", "leave"]
"""What becomes of those who were screened and not verified yet: the list waits for them, the list itself counts as
verification, or they are left out."""

LEFT_OUT_SCHEMA: dict[str, pl.DataType] = {"credit_code": pl.String(), "name": pl.String(), "why": pl.String()}


def preview(
    workspace: Workspace, run: int | None = None, rules: str | Path | None = None, *, listed_on: date | None = None
) -> tuple[YearResult, Listing]:
    """Whom a rating's rules, or others, would list; nothing is kept.

    Args:
        workspace: the county's.
        run: which rating; the newest where none is given.
        rules: another rule set with rectification.yaml.
        listed_on: the day from which deadlines count.

    Raises:
        UsageError: there is no such run, or the rules list nobody.
    """
    result = workspace.recompute(run if run is not None else workspace.newest_run())
    listing = workspace.listing(result, rules)
    if listing is None:
        raise UsageError(problem("no_rectification", address=rules or result.ruleset.address))
    if listed_on is not None:
        listing = replace(listing, listed_on=listed_on)
    return replace(result, listing=listing), listing


def issue(
    workspace: Workspace,
    *,
    title: str,
    document: str,
    issued_on: date,
    run: int | None = None,
    rules: str | Path | None = None,
    unverified: Unverified = "refuse",
    actor: str = "",
    recorded_at: datetime | None = None,
) -> ListDocument:
    """Freeze a rating's list as the next numbered document, and put those on it into the loop.

    Args:
        workspace: the county's.
        title: what the list is called.
        document: its document number.
        issued_on: the day it is issued, from which deadlines count.
        run, rules: as in `preview`.
        unverified: what becomes of those who were screened and not verified yet.
        actor: who issues it.
        recorded_at: when it is recorded, in UTC; now where nothing is said.

    Raises:
        UsageError: nobody is to be listed, some are not verified yet, or the day lies before what happened.
    """
    _check_day(issued_on)
    result, listing = preview(workspace, run, rules, listed_on=issued_on)
    book = read_book(workspace)
    # The data may be of a year in which a firm still had another code; on the list it has the one it has now.
    firms = book.under_now(firm_rows(listing, result.frame, ratios_of(result))).unique(
        "credit_code", keep="first", maintain_order=True
    )
    if firms.is_empty():
        raise UsageError(problem("list_empty", run=result.number))
    steps = book.steps(issued_on)
    entered = _entered(firms, "credit_code", "enterprise", steps, result.year)
    waiting = [s for s, e in entered.items() if e.unverified]
    if waiting and unverified == "refuse":
        raise UsageError(problem("list_unverified", count=len(waiting), code=waiting[0][1]))
    left_out = {s for s, e in entered.items() if e.dismissed or (e.unverified and unverified == "leave")}
    why = {s[1]: Word("left_out_dismissed" if entered[s].dismissed else "left_out_unverified") for s in left_out}
    leaving = pl.DataFrame(
        [(c, n, str(why[c])) for c, n in firms.select("credit_code", "name").iter_rows() if c in why],
        schema=LEFT_OUT_SCHEMA,
        orient="row",
    )
    firms = firms.filter(~pl.col("credit_code").is_in(leaving["credit_code"].implode()))
    if firms.is_empty():
        raise UsageError(problem("list_empty", run=result.number))
    firms = as_verified(firms, steps, _months(listing), issued_on)
    frame = book.under_now(result.frame)
    parcels = parcel_rows(firms, frame, workspace.table("parcels", as_of_batch=result.batch))
    entered |= _entered(parcels, "parcel", "parcel", steps, result.year)
    left_out |= {s for s, e in entered.items() if s[0] == "parcel" and e.dismissed}
    parcels = parcels.filter(~pl.col("parcel").is_in([p for k, p in left_out if k == "parcel"]))
    events = [
        Event(subject, action, issued_on, actor=actor, document=document, kind=kind)
        for (kind, subject), e in entered.items()
        if (kind, subject) not in left_out
        for action in e.actions
    ]
    _check_all(book, events)
    entries = {s: e.entry for s, e in entered.items()}
    codes = firms["credit_code"].implode()
    stands = {(r["kind"], r["subject"]): r for r in tracked(book, issued_on).iter_rows(named=True)}
    tables = {
        "firms": _carried(_with_entry(firms, "credit_code", "enterprise", entries), "credit_code", stands),
        "parcels": _carried(_with_entry(parcels, "parcel", "parcel", entries), "parcel", stands),
        "triggers": book.under_now(listing.triggers).filter(pl.col("credit_code").is_in(codes)),
        "exempted": book.under_now(listing.exempted),
        "left_out": leaving,
    }
    head = ("list", result.year, title, document, issued_on, result.number)
    listed = _document(listing.plan.ruleset, result, head, tables)
    return _kept(workspace, listed, events, recorded_at)


def amend(
    workspace: Workspace,
    number: int | None = None,
    *,
    reason: str,
    document: str,
    issued_on: date,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    correct: Sequence[tuple[str, str, str]] = (),
    title: str = "",
    actor: str = "",
    recorded_at: datetime | None = None,
) -> ListDocument:
    """Add, take out or correct enterprises and parcels of a list, as an amendment: a document of its own.

    Args:
        workspace: the county's.
        number: the list's number; the newest list where none is given.
        reason, document, issued_on: why, by which document, and on which day.
        add, remove: credit codes and numbers of parcels.
        correct: triples of code or parcel, field (by name or label of `CORRECTABLE`) and new value; an empty value
            makes it missing, save of a path.
        title: what the amendment is called; by default after its list.
        actor: who issues it.
        recorded_at: when it is recorded, in UTC; now where nothing is said.

    Raises:
        UsageError: all that is wrong with it at once; nothing is recorded then.
    """
    _check_day(issued_on)
    if not (add or remove or correct):
        raise UsageError(problem("amend_nothing"))
    book = read_book(workspace)
    number = book.list_number(number)
    listed = next(d for d in book.documents if d.number == number)
    if issued_on < listed.issued_on:
        raise UsageError(problem("amend_before_list", day=issued_on, number=number, issued=listed.issued_on))
    standing = book.standing(issued_on, only=number)
    here: dict[Subject, Mapping[str, Any]] = {
        ("enterprise", r["credit_code"]): r for r in standing.firms.iter_rows(named=True)
    }
    here |= {("parcel", r["parcel"]): r for r in standing.parcels.iter_rows(named=True)}
    changes: list[dict[str, str | None]] = []
    events: list[Event] = []
    wrong: list[UsageError] = []
    firms, parcels = pl.DataFrame(schema=FIRM_SCHEMA), pl.DataFrame(schema=PARCEL_SCHEMA)
    if add:
        firms, parcels, events = _additions(
            workspace, book, listed, list(dict.fromkeys(map(book.now, add))), here, issued_on, wrong
        )
        events = [replace(e, actor=actor, document=document, note=reason) for e in events]
        changes += [
            _change("add", kind, row[key], row[name])
            for kind, key, name, rows in (
                ("enterprise", "credit_code", "name", firms), ("parcel", "parcel", "holder", parcels),
            )
            for row in rows.iter_rows(named=True)
        ]  # fmt: skip
    for code in dict.fromkeys(map(book.now, remove)):
        subject = _on_the_list(code, here, number, wrong)
        if subject is not None:
            changes.append(
                _change("remove", subject[0], code, here[subject].get("name") or here[subject].get("holder"))
            )
            events.append(
                Event(code, "remove", issued_on, actor=actor, note=reason, document=document, kind=subject[0])
            )
    rules = book.rules_of(number).rectification
    assert rules is not None
    paths = paths_of(rules)
    for code, name, text in correct:
        subject = _on_the_list(book.now(code), here, number, wrong)
        if subject is not None:
            changes += _correction(subject, name, text, here[subject], paths, wrong)
    try:
        _check_all(book, events)
    except UsageError as error:
        wrong.append(error)
    if wrong:
        raise UsageError([p for error in wrong for p in error.problems])
    tables = {
        "changes": pl.DataFrame(changes, schema=CHANGE_SCHEMA),
        "firms": firms,
        "parcels": parcels,
    }
    title = title or f"{listed.title}（调整）"
    digest = digest_of_tables(("amendment", listed.year, title, document, issued_on, listed.run, number), tables)
    amendment = replace(
        listed, kind="amendment", amends=number, title=title, document=document, reason=reason, issued_on=issued_on,
        mujun_version=mujun.__version__, digest=digest, tables=tables, number=None, recorded_at=None,
    )  # fmt: skip
    return _kept(workspace, amendment, events, recorded_at)


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


def summaries(book: Book) -> tuple[ListSummary, ...]:
    """Every list and amendment: how many are on it, and whether it is whole."""
    found = []
    for d in book.documents:
        firms, parcels = d.tables["firms"].height, d.tables["parcels"].height
        found.append(ListSummary(d, firms, parcels, digest_of_tables(_head_of(d), d.tables) == d.digest))
    return tuple(found)


def ratios_of(result: YearResult) -> pl.DataFrame:
    """亩均税收 and 单位能耗增加值 of every enterprise's own figures, as the rules have them, at 12 decimals."""
    facts = facts_of(result.rating, result.frame)
    wanted = [r for r in facts.ratios if r.name in ("tax_per_mu", "va_per_tce")]
    return facts.rows.select(
        "credit_code",
        *(
            pl.when(pl.col(f"{r.name}:per") > 0)
            .then(at12(divided(*(pl.col(f"{r.name}:{s}").cast(pl.Float64) for s in ("of", "per")))))
            .alias(r.name)
            for r in wanted
        ),
    )


# -------------------------------------------------------------------------------------------------------------- parts


def _entered(
    rows: pl.DataFrame, key: str, kind: SubjectKind, steps: Mapping[Subject, tuple[Step, ...]], year: int
) -> dict[Subject, Any]:
    found = {}
    for subject in rows[key]:
        past = steps.get((kind, subject), ())
        dismissed_on = past[-1].event.on if past and past[-1].after == "dismissed" else None
        state = past[-1].after if past else None
        found[kind, subject] = entering(state, dismissed_on=dismissed_on, data_year=year)
    return found


def _with_entry(rows: pl.DataFrame, key: str, kind: SubjectKind, entries: Mapping[Subject, str | None]) -> pl.DataFrame:
    entry = [entries.get((kind, subject)) for subject in rows[key]]
    return rows.with_columns(pl.Series("entry", entry, dtype=pl.String))


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
        for name in DECIDED
    ]
    return rows.with_columns(columns)


def _months(listing: Listing) -> dict[str, int]:
    """How long each path takes, by its first rule."""
    return {p.path: p.months for p in reversed(listing.plan.file.paths) if p.months is not None}


def _document(
    ruleset: RuleSet, result: YearResult, head: tuple[Any, ...], tables: Mapping[str, pl.DataFrame]
) -> ListDocument:
    kind, year, title, document, issued_on, run = head
    return ListDocument(
        year=year, kind=kind, title=title, document=document, issued_on=issued_on, run=run, rules=ruleset.address,
        rule_files=ruleset.texts, mujun_version=mujun.__version__, digest=digest_of_tables(head, tables),
        tables=tables,
    )  # fmt: skip


def _head_of(d: ListDocument) -> tuple[object, ...]:
    head = (d.kind, d.year, d.title, d.document, d.issued_on, d.run)
    return head if d.amends is None else (*head, d.amends)


def _kept(
    workspace: Workspace, listed: ListDocument, events: Sequence[Event], recorded_at: datetime | None
) -> ListDocument:
    who = who_works()
    with Store.open(workspace.path, write=True) as store:
        number, _ = store.add_events(event_rows(events), who=who, listed=listed, recorded_at=recorded_at)
    return replace(listed, number=number, who=who)


def _check_day(day: date) -> None:
    if day > date.today():
        raise UsageError(problem("event_in_future", day=day))


def _check_all(book: Book, events: Iterable[Event]) -> None:
    """Whether events fit what has happened already; everything that does not at once."""
    new: dict[Subject, list[Event]] = {}
    for event in events:
        new.setdefault(event.key, []).append(event)
    problems = []
    for key, several in new.items():
        past = book.by_subject.get(key, ())
        try:
            history([*past, *several])
        except UsageError:
            try:
                for event in several:
                    check_event(past, event)
                    past = (*past, event)
            except UsageError as error:
                problems += list(error.problems)
    if problems:
        raise UsageError(problems)


def _change(change: str, kind: str, subject: str, name: str | None) -> dict[str, str | None]:
    return {"change": change, "kind": kind, "subject": subject, "name": name}


def _on_the_list(code: str, here: Mapping[Subject, object], number: int, wrong: list[UsageError]) -> Subject | None:
    for kind in ("enterprise", "parcel"):
        subject: Subject = (kind, code)
        if subject in here:
            return subject
    near = Guess(nearest(code, [s for _, s in here]))
    wrong.append(UsageError(problem("not_on_list", code=code, number=number, near=near)))
    return None


def _correction(
    subject: Subject, asked: str, text: str, row: Mapping[str, Any], paths: Sequence[str], wrong: list[UsageError]
) -> list[dict[str, str | None]]:
    known = tuple(CORRECTABLE) if subject[0] == "enterprise" else CORRECTABLE_OF_PARCEL
    named = {n: n for n in known} | {CORRECTABLE[n]: n for n in known}
    name = named.get(asked.strip())
    if name is None:
        near = Guess(nearest(asked, list(named)))
        told = [f"{CORRECTABLE[n]}（{n}）" if messages.language() == "zh" else n for n in known]
        wrong.append(UsageError(problem("correct_unknown_field", field=asked, known=told, near=near)))
        return []
    if name == "path" and text not in paths:
        near = Guess(nearest(text, paths))
        wrong.append(UsageError(problem("event_unknown_path", path=text, known=paths, near=near)))
        return []
    try:
        as_value(name, text)
    except ValueError:
        wrong.append(UsageError(problem("correct_bad_value", code=subject[1], field=asked, value=text)))
        return []
    before = row[name]
    shown = "" if before is None else str(before)
    change = _change("correct", subject[0], subject[1], row.get("name") or row.get("holder"))
    return [{**change, "field": name, "before": shown, "after": text}]


def _additions(
    workspace: Workspace,
    book: Book,
    listed: ListDocument,
    codes: Sequence[str],
    here: Mapping[Subject, object],
    issued_on: date,
    wrong: list[UsageError],
) -> tuple[pl.DataFrame, pl.DataFrame, list[Event]]:
    """The full rows of those added, as the list's own rating and rules have them, and their events."""
    result = workspace.recompute(listed.run)
    assert listed.number is not None
    listing = workspace.listing(result, book.rules_of(listed.number))
    assert listing is not None
    listing, frame = replace(listing, frame=book.under_now(listing.frame)), book.under_now(result.frame)
    ratios = book.under_now(ratios_of(result))
    titles = workspace.table("parcels", as_of_batch=result.batch)
    known_firms, known_parcels = listing.frame["credit_code"], titles["parcel"]
    chosen: list[Subject] = []
    for code in codes:
        if (known_firms == code).any():
            subject: Subject = ("enterprise", code)
        elif (known_parcels == code).any():
            subject = ("parcel", code)
        else:
            wrong.append(unknown_subject(code, [*known_firms, *known_parcels], "enterprise"))
            continue
        if subject in here:
            wrong.append(UsageError(problem("already_on_list", code=code, number=listed.number)))
            continue
        chosen.append(subject)
    firm_codes = [c for k, c in chosen if k == "enterprise"]
    everyone = listing.frame.with_columns(pl.col("credit_code").is_in(firm_codes).alias("listed"))
    own = replace(listing, frame=everyone, listed_on=issued_on)
    steps = book.steps(issued_on)
    firms = as_verified(firm_rows(own, frame, ratios), steps, _months(own), issued_on)
    mine = [c for k, c in chosen if k == "parcel"]
    # A parcel is added with those who stand on it, listed or not.
    on_lists = [c for k, c in here if k == "enterprise"] + firm_codes
    all_there = frame.filter(pl.col("parcels").list.eval(pl.element().is_in(mine)).list.any())
    there = replace(
        listing,
        frame=listing.frame.with_columns(
            pl.col("credit_code").is_in(all_there["credit_code"].implode()).alias("listed")
        ),
        listed_on=issued_on,
    )
    every = parcel_rows(firm_rows(there, frame, ratios), frame, titles)
    every = every.filter(pl.col("parcel").is_in(mine)).with_columns(
        pl.col("listed").list.filter(pl.element().is_in(on_lists)),
        pl.col("listed").list.filter(~pl.element().is_in(on_lists)).alias("others"),
    )
    bare = titles.filter(pl.col("parcel").is_in(mine) & ~pl.col("parcel").is_in(every["parcel"].implode()))
    empty = (
        pl.col(n).cast(t) if n in bare.columns else pl.lit(None, dtype=t).alias(n) for n, t in PARCEL_SCHEMA.items()
    )
    parcels = pl.concat([every, bare.select(empty)]).with_columns(
        pl.col("listed").fill_null([]), pl.col("others").fill_null([])
    )
    # Whoever adds by name knows of an earlier dismissal and goes beyond it: none lies after this year.
    entered = _entered(firms, "credit_code", "enterprise", steps, issued_on.year)
    entered |= _entered(parcels, "parcel", "parcel", steps, issued_on.year)
    entries = {s: e.entry for s, e in entered.items()}
    firms = _with_entry(firms, "credit_code", "enterprise", entries)
    parcels = _with_entry(parcels, "parcel", "parcel", entries)
    events = [
        Event(subject, action, issued_on, kind=kind) for (kind, subject), e in entered.items() for action in e.actions
    ]
    return firms, parcels, events
