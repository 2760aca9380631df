"""Amending issued lists: added, removed and corrected, as a numbered document of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime
from typing import Any

import polars as pl

import mujun
from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Firm, Guess
from mujun.notebooks import InNotebooks
from mujun.rectification.checking import paths_of
from mujun.rectification.documents import (
    CHANGE_SCHEMA,
    CORRECTABLE,
    CORRECTABLE_OF_PARCEL,
    FIRM_SCHEMA,
    PARCEL_SCHEMA,
    VERIFIED,
    as_value,
    digest_of_tables,
    firm_rows,
    parcel_rows,
)
from mujun.rectification.listing import effects_by_path
from mujun.rectification.states import Event
from mujun.rectification.tracking import as_verified
from mujun.store import ListDocument
from mujun.workspace.asking import Known, asked_for
from mujun.workspace.book import Book, Subject, read_book, unknown_subject
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
from mujun.workspace.rectification.lists import with_effects
from mujun.workspace.runs.past import recalled
from mujun.workspace.runs.policies import listing_of


@dataclass(frozen=True)
class Amendable(InNotebooks):
    """What an amendment of a list may change.

    Attributes:
        number, title: of the list.
        subjects: who is on it today, columns as in `mujun.rectification.tracking.TRACK_SCHEMA`.
        paths: the paths of its rules.
    """

    number: int
    title: str
    subjects: pl.DataFrame = field(repr=False)
    paths: tuple[str, ...]

    def fields_of(self, kind: str, *, accepted: bool) -> dict[str, str]:
        """The fields of an `enterprise` or a `parcel` that may be corrected, with what the list calls them.

        Args:
            kind: what it is.
            accepted: whether it has been accepted: before that there are no verified figures.
        """
        names = tuple(CORRECTABLE) if kind == "enterprise" else CORRECTABLE_OF_PARCEL
        return {n: CORRECTABLE[n] for n in names if accepted or n not in VERIFIED}


def amendable(county: CountyFile, number: int | None = None) -> Amendable:
    """Who is on a list and what of them an amendment may correct.

    Args:
        number: the list's number; the newest list where none is given.

    Raises:
        UsageError: there is no such list.
    """
    book = read_book(county)
    number = book.list_number(number)
    listed = next(d for d in book.documents if d.number == number)
    rules = book.rules_of(number).rectification
    assert rules is not None
    return Amendable(number, listed.title, tracked(book, date.today(), only=number), tuple(paths_of(rules)))


def amend(
    county: CountyFile,
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
    dry_run: bool = False,
) -> ListDocument:
    """Add, take out or correct enterprises and parcels of a list, as an amendment: a document of its own.

    Args:
        number: the list's number; the newest list where none is given.
        reason, document, issued_on: why, by which document, and on which day.
        add, remove: credit codes and numbers of parcels; an enterprise by its name too.
        correct: triples of code, name or parcel, field (by name or label of `CORRECTABLE`) and new value; an empty
            value makes it missing, save of a path.
        title: what the amendment is called; by default after its list.
        actor: who issues it.
        recorded_at: when it is recorded, in UTC; now where nothing is said.
        dry_run: nothing is kept; the document has no number then.

    Raises:
        UsageError: all that is wrong with it at once; nothing is recorded then.
    """
    check_day(issued_on)
    if not (add or remove or correct):
        raise UsageError(problem("amend_nothing"))
    book = read_book(county)
    number = book.list_number(number)
    listed = next(d for d in book.documents if d.number == number)
    if issued_on < listed.issued_on:
        raise UsageError(problem("amend_before_list", day=issued_on, number=number, issued=listed.issued_on))
    standing = book.standing(issued_on, only=number)
    here: dict[Subject, Mapping[str, Any]] = {
        ("enterprise", r["credit_code"]): r for r in standing.firms.iter_rows(named=True)
    }
    here |= {("parcel", r["parcel"]): r for r in standing.parcels.iter_rows(named=True)}
    stands = {(r["kind"], r["subject"]): r for r in tracked(book, issued_on, only=number).iter_rows(named=True)}
    changes: list[dict[str, str | None]] = []
    events: list[Event] = []
    wrong: list[UsageError] = []
    firms, parcels = pl.DataFrame(schema=FIRM_SCHEMA), pl.DataFrame(schema=PARCEL_SCHEMA)
    effects: list[pl.DataFrame] = []
    if add:
        firms, parcels, events = _additions(county, book, listed, add, here, issued_on, wrong, effects)
        events = [replace(e, actor=actor, document=document, note=reason) for e in events]
        changes += [
            _change("add", kind, row[key], row[name])
            for kind, key, name, rows in (
                ("enterprise", "credit_code", "name", firms), ("parcel", "parcel", "holder", parcels),
            )
            for row in rows.iter_rows(named=True)
        ]  # fmt: skip
    on_it, ground = standing.firms.select("credit_code", "name"), standing.parcels["parcel"].to_list()
    for code in dict.fromkeys(_meant(book, remove, on_it, ground, wrong)):
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
    for word, name, text in correct:
        for code in _meant(book, [word], on_it, ground, wrong):
            subject = _on_the_list(code, here, number, wrong)
            if subject is not None and subject in book.set_aside:
                wrong.append(UsageError(list(book.set_aside[subject])))
            elif subject is not None:
                changes += _correction(subject, name, text, stands[subject], paths, wrong)
    try:
        check_all(book, events)
    except UsageError as error:
        wrong.append(error)
    if wrong:
        raise UsageError([p for error in wrong for p in error.problems])
    tables = {
        "changes": pl.DataFrame(changes, schema=CHANGE_SCHEMA),
        "firms": firms,
        "parcels": parcels,
        **({"effects": effects[0]} if effects and effects[0].height else {}),
    }
    title = title or f"{listed.title}（调整）"
    digest = digest_of_tables(("amendment", listed.year, title, document, issued_on, listed.run, number), tables)
    amendment = replace(
        listed, kind="amendment", amends=number, title=title, document=document, reason=reason, issued_on=issued_on,
        mujun_version=mujun.__version__, digest=digest, tables=tables, number=None, recorded_at=None,
    )  # fmt: skip
    return amendment if dry_run else kept(county, amendment, events, recorded_at)


def _meant(
    book: Book, words: Sequence[str], firms: pl.DataFrame, parcels: Sequence[str], wrong: list[UsageError]
) -> list[str]:
    """The codes and parcels that words mean: a name is that of one of these firms, all else stands as it is."""
    codes = []
    for word in words:
        plain = word.strip()
        if plain.isascii() or plain in parcels:
            codes.append(book.now(plain))
            continue
        try:
            codes.append(asked_for(Known.of(firms), plain))
        except UsageError as error:
            wrong.append(error)
    return codes


def _change(change: str, kind: str, subject: str, name: str | None) -> dict[str, str | None]:
    return {"change": change, "kind": kind, "subject": subject, "name": name}


def _on_the_list(code: str, here: Mapping[Subject, object], number: int, wrong: list[UsageError]) -> Subject | None:
    for kind in ("enterprise", "parcel"):
        subject: Subject = (kind, code)
        if subject in here:
            return subject
    near = Guess(nearest(code, [s for _, s in here]))
    wrong.append(UsageError(problem("not_on_list", code=Firm(code), number=number, near=near)))
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
    if name in VERIFIED:
        most = row["land_mu" if name == "verified_land_mu" else "energy_base_tce"]
        if row["accepted_on"] is None:
            wrong.append(UsageError(problem("correct_not_accepted", code=Firm(subject[1]), field=asked)))
            return []
    try:
        value = as_value(name, text)
    except ValueError:
        wrong.append(UsageError(problem("correct_bad_value", code=Firm(subject[1]), field=asked, value=text)))
        return []
    if name in VERIFIED and value is not None and most is not None and value > most:
        wrong.append(
            UsageError(problem("correct_too_much", code=Firm(subject[1]), field=asked, value=value, most=most))
        )
        return []
    before = row[name]
    shown = "" if before is None else str(before)
    change = _change("correct", subject[0], subject[1], row.get("name") or row.get("holder"))
    return [{**change, "field": name, "before": shown, "after": text}]


def _additions(
    county: CountyFile,
    book: Book,
    listed: ListDocument,
    words: Sequence[str],
    here: Mapping[Subject, object],
    issued_on: date,
    wrong: list[UsageError],
    effects: list[pl.DataFrame],
) -> tuple[pl.DataFrame, pl.DataFrame, list[Event]]:
    """The full rows of those added, as the list's own rating and rules have them, and their events."""
    result = recalled(county, listed.run)
    assert listed.number is not None
    listing = listing_of(county, result, book.rules_of(listed.number))
    assert listing is not None
    listing, frame = replace(listing, frame=book.under_now(listing.frame)), book.under_now(result.frame)
    ratios = book.under_now(ratios_of(result))
    titles = current_table(county, "parcels", as_of_batch=result.batch)
    known_firms, known_parcels = listing.frame["credit_code"], titles["parcel"]
    chosen: list[Subject] = []
    named = frame.select("credit_code", "name")
    for code in dict.fromkeys(_meant(book, words, named, known_parcels.to_list(), wrong)):
        if (known_firms == code).any():
            subject: Subject = ("enterprise", code)
        elif (known_parcels == code).any():
            subject = ("parcel", code)
        else:
            wrong.append(unknown_subject(code, [*known_firms, *known_parcels], "enterprise"))
            continue
        if subject in here:
            wrong.append(UsageError(problem("already_on_list", code=Firm(code), number=listed.number)))
            continue
        chosen.append(subject)
    firm_codes = [c for k, c in chosen if k == "enterprise"]
    everyone = listing.frame.with_columns(pl.col("credit_code").is_in(firm_codes).alias("listed"))
    everyone_listed = replace(listing, frame=everyone, listed_on=issued_on)
    steps = book.steps(issued_on)
    by_path = book.under_now(effects_by_path(everyone_listed, paths_of(everyone_listed.plan.file)))
    by_path = by_path.filter(pl.col("credit_code").is_in(firm_codes))
    firms = as_verified(firm_rows(everyone_listed, frame, ratios), steps, months_of(everyone_listed), issued_on)
    firms = with_effects(firms, by_path)
    effects.append(by_path)
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
    entered = entries_of(firms, "credit_code", "enterprise", steps, issued_on.year)
    entered |= entries_of(parcels, "parcel", "parcel", steps, issued_on.year)
    wrong += [UsageError(problem("add_done", code=Firm(s[1]))) for s, e in entered.items() if e.done]
    entries = {s: e.entry for s, e in entered.items()}
    firms = with_entry(firms, "credit_code", "enterprise", entries)
    parcels = with_entry(parcels, "parcel", "parcel", entries)
    events = [
        Event(subject, action, issued_on, kind=kind) for (kind, subject), e in entered.items() for action in e.actions
    ]
    return firms, parcels, events
