"""Recording what happens to listed enterprises and parcels: one event, a workbook of them, or taking one back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Firm, Guess, Word
from mujun.records.event_rows import EventFile, EventRow, read_events
from mujun.records.headers import squeezed
from mujun.rectification.checking import Known, paths_of, sift
from mujun.rectification.states import ACTIONS, Action, Event, State, Step, SubjectKind, history, state_at
from mujun.rectification.tracking import corrections, counted_acceptance, documented, effects_decided, track
from mujun.store import Store
from mujun.workspace.book import Book, Subject, event_of, event_rows, read_book, unknown_subject
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.problems.evidence import shown_by
from mujun.workspace.rectification.handed_out import Held, held, known_names, name_problem


@dataclass(frozen=True)
class Recording:
    """What became of several events.

    Attributes:
        recorded: events that are in now, with their numbers.
        already: how many were in before.
        blank: rows in which nobody had filled in anything.
        refused: why the others are not in, a problem per sentence with its place.
        rows_refused: how many rows that are.
    """

    recorded: tuple[tuple[int, Event], ...] = ()
    already: int = 0
    blank: int = 0
    refused: tuple[Problem, ...] = ()
    rows_refused: int = 0
    files_refused: tuple[Problem, ...] = field(default=())


def record(
    county: CountyFile, event: Event, *, files: Iterable[Path] = (), recorded_at: datetime | None = None
) -> tuple[int, State]:
    """Record one event; files that show it are kept once it is known that it may be recorded.

    Returns:
        Its number, and the state that it leads to.

    Raises:
        UsageError: it is not allowed, is in already, or its subject is unknown; nothing is recorded then.
    """
    book = read_book(county)
    event = replace(event, subject=book.now(event.subject))
    past = book.by_subject.get(event.key, ())
    if event in past:
        raise UsageError(problem("event_already", code=Firm(event.subject), day=event.on, action=word_of(event.action)))
    if not past:
        _check_known(county, event.kind, event.subject)
    sifted = sift(past, [event], known_of(book, event.on).get(event.key, Known()), date.today())
    if sifted.refused:
        raise UsageError(sifted.refused[0][1])
    event = replace(event, evidence=shown_by(county, event.evidence, files))
    with Store.open(county.path, write=True) as store:
        _, numbers = store.add_events(event_rows([event]), who=county.who, recorded_at=recorded_at)
    steps = history([*past, event])
    return numbers[0], next(s.after for s in steps if s.event == event)


@dataclass(frozen=True)
class Recorded:
    """An event that is in now: its number, and the state that it leads to."""

    number: int
    event: Event
    state: State


def record_event(
    county: CountyFile,
    code: str,
    action: str,
    *,
    on: date | None = None,
    kind: SubjectKind | None = None,
    actor: str = "",
    note: str = "",
    document: str = "",
    evidence: Iterable[str] = (),
    waiver: str = "",
    path: str = "",
    way: str = "",
    deadline: date | None = None,
    department: str = "",
    land_mu: Decimal | None = None,
    energy_tce: Decimal | None = None,
    files: Iterable[Path] = (),
) -> Recorded:
    """Record what happened to an enterprise or parcel.

    Args:
        county: the county.
        code: the enterprise's credit code or the parcel's.
        action: what happened, by its name or its word in either language.
        on: the day; today where none is given.
        kind: `enterprise` or `parcel`, where a code alone does not tell.
        actor, note, document, evidence, waiver, path, way, deadline, department: as the loop asks for them.
        land_mu, energy_tce: what was freed, in 亩 and tce.
        files: files that show it: copied into the folder of evidence beside the store, their names put with `evidence`.

    Raises:
        UsageError: an unknown action or subject; or the event is not allowed, or in already.
        InputError: a file cannot be read or copied.
    """
    told = Event(
        subject=code,
        action=action_of(action),
        on=on or date.today(),
        actor=actor,
        note=note,
        document=document,
        evidence=tuple(sorted(set(evidence))),
        waiver=waiver,
        path=path,
        way=way,
        deadline=deadline,
        department=department,
        land_mu=land_mu,
        energy_tce=energy_tce,
        kind=kind or subject_of(county, read_book(county), code),
    )
    number, state = record(county, told, files=files)
    return Recorded(number, told, state)


def load_events(
    county: CountyFile, files: Iterable[str | Path], *, dry_run: bool = False, recorded_at: datetime | None = None
) -> Recording:
    """Record what several files tell: their rows together, so that the order of files and rows decides nothing.

    A row that is in already, from this file or another, is not recorded again. A row that cannot be is refused with
    its reason; the others count.

    Args:
        files: progress sheets, or tables with the same headers.
        dry_run: read and check only.
        recorded_at: when, in UTC; now where nothing is said.
    """
    book = read_book(county)
    read, unread = _read(county, files)
    recorded = dict(book.by_subject)
    known_now = known_of(book, events=recorded)
    seen = set(book.records.select("sha256", "sheet", "row").drop_nulls("sha256").iter_rows())
    refused: list[tuple[Place, tuple[Problem, ...]]] = []
    already = 0
    new: dict[Subject, dict[Event, dict[str, Any]]] = {}
    names = _known_names(county, book) if any(r.texts["name"] for t, _ in read for r in t.rows) else {}
    for told, back in read:
        refused += [(Place(told.file, *at), why) for at, why in back.wrong.items()]
        for row in told.rows:
            if (row.place.sheet, row.place.row) in back.wrong:
                continue
            if row.problems:
                refused.append((row.place, row.problems))
                continue
            event = _event(row, book)
            here = new.setdefault(event.key, {})
            known = (told.sha256, row.place.sheet, row.place.row) in seen
            if known or event in here or event in book.by_subject.get(event.key, ()):
                already += 1
                continue
            if wrong := _misdirected(event, row, back, known_now, names):
                refused.append((row.place, wrong))
                continue
            here[event] = _place(told, row)
    codes = _known_codes(county) if any(k not in book.by_subject for k in new) else {}
    taken: list[tuple[Event, dict[str, Any]]] = []
    for key, events in sorted(new.items()):
        past = book.by_subject.get(key, ())
        if not past and key[1] not in codes[key[0]]:
            why = unknown_subject(key[1], codes[key[0]], key[0]).problems
            refused += [(_at(place), why) for place in events.values()]
            continue
        sifted = sift(past, events, known_now.get(key, Known()), date.today())
        taken += [(event, events[event]) for event in sifted.taken]
        recorded[key] = (*past, *sifted.taken)
        refused += [(_at(events[event]), why) for event, why in sifted.refused]
    taken.sort(key=lambda t: (t[1]["file"], t[1]["sheet"] or "", t[1]["row"]))
    numbers = list(range(1, len(taken) + 1))
    if taken and not dry_run:
        rows = event_rows([e for e, _ in taken], [p for _, p in taken])
        with Store.open(county.path, write=True) as store:
            _, numbers = store.add_events(rows, who=county.who, recorded_at=recorded_at)
    refused.sort(key=lambda r: (r[0].file or "", r[0].sheet or "", r[0].row or 0))
    return Recording(
        recorded=tuple(zip(numbers, (e for e, _ in taken), strict=True)),
        already=already,
        blank=sum(t.blank for t, _ in read),
        refused=tuple(p if p.place.file else replace(p, place=place) for place, why in refused for p in why),
        rows_refused=len(refused),
        files_refused=tuple(unread),
    )


def _read(county: CountyFile, files: Iterable[str | Path]) -> tuple[list[tuple[EventFile, Held]], list[Problem]]:
    """The files that can be read, held against what was handed out, and why the others cannot."""
    read: list[tuple[EventFile, Held]] = []
    unread: list[Problem] = []
    with Store.open(county.path) as store:
        for file in files:
            try:
                told = read_events(file, action_words())
                read.append((told, held(store, told)))
            except InputError as error:
                unread += error.problems
    return read, unread


def _misdirected(
    event: Event,
    row: EventRow,
    back: Held,
    known: Mapping[Subject, Known],
    names: Mapping[tuple[str, str], set[str]],
) -> tuple[Problem, ...]:
    """Why an event would land elsewhere than it was meant to: another firm's name, or a list that is over."""
    wrong = name_problem(event.kind, event.subject, row.texts["name"], names)
    if wrong is not None:
        return (replace(wrong, place=row.place),)
    then, stands = back.lists.get((event.kind, row.subject)), known.get(event.key)
    now = stands.row["list"] if stands is not None and stands.row is not None else None
    if then is not None and now is not None and then != now:
        return (problem("event_of_earlier_list", row.place, code=Firm(event.subject), then=then, now=now),)
    return ()


def _known_names(county: CountyFile, book: Book) -> dict[tuple[str, str], set[str]]:
    stands = book.standing()
    firms = book.under_now(current_table(county, "enterprises"))
    return known_names(firms, stands.firms, current_table(county, "parcels"))


def revoke(
    county: CountyFile, number: int, *, reason: str, document: str = "", recorded_at: datetime | None = None
) -> Event:
    """Take back an event that was recorded by mistake; it stays in the book, with the revocation beside it.

    Raises:
        UsageError: there is no such event in force, a list document recorded it, or what came after would be
            impossible without it.
    """
    book = read_book(county)
    events = book.in_force.filter(pl.col("number") == number)
    if events.is_empty():
        raise UsageError(problem("event_unknown_number", number=number))
    row = events.row(0, named=True)
    if row["list_document"] is not None:
        raise UsageError(problem("event_of_document", number=number, list=row["list_document"]))
    event = event_of(row, book.changed)
    left = [e for e in book.by_subject[event.key] if e != event]
    try:
        history(left)
    except UsageError as error:
        raise UsageError([problem("event_others_rest_on_it", number=number), *error.problems]) from error
    taken_back = Event(event.subject, event.action, event.on, note=reason, document=document, kind=event.kind)
    revocation = event_rows([taken_back])
    with Store.open(county.path, write=True) as store:
        store.add_events(
            revocation.with_columns(pl.lit(number, dtype=pl.Int32).alias("revokes")),
            who=county.who,
            recorded_at=recorded_at,
        )
    return event


def tracked(book: Book, day: date | None = None, *, only: int | Collection[int] | None = None) -> pl.DataFrame:
    """Where everyone on the lists stands on a day; columns as in `mujun.rectification.tracking.TRACK_SCHEMA`."""
    watch = {d.number: _watch(book, d.number) for d in book.documents if d.kind == "list" and d.number is not None}
    steps = book.steps(day)
    everyone = track(
        book.standing(day, only=only), steps, watch, documented(book.frozen, day), _when_accepted(book, steps)
    )
    apart = [subject for _, subject in book.set_aside]
    return everyone.filter(~pl.col("subject").is_in(apart)) if apart else everyone


def _when_accepted(book: Book, steps: Mapping[Subject, Sequence[Step]]) -> dict[Subject, Mapping[str, Any]]:
    """Of those accepted in a round that is over and listed again since: their row of the lists on that day."""
    by_subject: dict[Subject, Mapping[str, Any]] = {}
    for subject, past in steps.items():
        accepted = counted_acceptance(past)
        if accepted is None or all(s.event.action != "list" for s in past[accepted.steps :]):
            continue
        then = book.standing(accepted.on)
        rows, key = (then.parcels, "parcel") if subject[0] == "parcel" else (then.firms, "credit_code")
        mine = rows.filter(pl.col(key) == subject[1])
        if mine.height:
            by_subject[subject] = mine.row(0, named=True)
    return by_subject


NOT_BEGUN: tuple[State | None, ...] = (None, "screened", "verified", "listed", "planned", "relapsed")
"""States of a firm whose work has not begun."""


def known_of(
    book: Book, day: date | None = None, events: Mapping[Subject, Sequence[Event]] | None = None
) -> dict[Subject, Known]:
    """What the lists and their rules say about every subject on a day.

    Args:
        book: the book.
        day: the end of which day.
        events: the events by which it is told whether a firm's work had begun; those of the book by default.
    """
    happened = events if events is not None else book.by_subject

    def begun(code: str, on: date) -> bool:
        return state_at(happened.get(("enterprise", code), ()), on) not in NOT_BEGUN

    stands = tracked(book, day).filter(pl.col("kind") == "enterprise")
    frees = dict(stands.select("subject", "expected_land_mu").iter_rows())
    standing = book.standing(day)
    effects = {(code, path): land for (_, code, path), (land, _) in effects_decided(book.frozen).items()}
    corrected = corrections(book.frozen, day)
    known: dict[Subject, Known] = {}
    lists: tuple[tuple[SubjectKind, str, pl.DataFrame], ...] = (
        ("enterprise", "credit_code", standing.firms),
        ("parcel", "parcel", standing.parcels),
    )
    for kind, key, rows in lists:
        for row in rows.iter_rows(named=True):
            rules = book.rules_of(row["list"]).rectification
            assert rules is not None
            subject = (kind, row[key])
            known[subject] = Known(
                row=row,
                exit=rules.exit,
                paths=paths_of(rules),
                watch_months=_watch(book, row["list"]),
                corrected_on=corrected.get(subject, {}),
                frees={c: frees[c] for c in row["listed"] if c in frees} if kind == "parcel" else None,
                frees_on=effects,
                begun=begun,
            )
    return known


def action_words() -> dict[str, Action]:
    """The words for actions in both languages and by name, and what they mean."""
    actions: dict[str, Action] = {a: a for a in ACTIONS}
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            actions |= {squeezed(messages.text(messages.key(f"action_{a}"))): a for a in ACTIONS}
    return actions


def action_of(text: str) -> Action:
    """The action that a word means.

    Raises:
        UsageError: none; names the nearest.
    """
    known = action_words()
    if squeezed(text) not in known:
        near = Guess(nearest(text, list(known)))
        raise UsageError(problem("events_unknown_action", value=text, near=near))
    return known[squeezed(text)]


def word_of(action: Action) -> Word:
    """An action's word in the language in force."""
    return Word(messages.key(f"action_{action}"))


def subject_of(county: CountyFile, book: Book, code: str) -> SubjectKind:
    """Whether a code is an enterprise's or a parcel's.

    Raises:
        UsageError: it is neither.
    """
    for kind, subject in book.by_subject:
        if subject == book.now(code):
            return kind
    codes = _known_codes(county)
    for sort, several in codes.items():
        if code in several:
            return sort
    raise unknown_subject(code, [*codes["enterprise"], *codes["parcel"]], "enterprise")


def _watch(book: Book, number: int) -> int:
    rules = book.rules_of(number).rectification
    assert rules is not None
    return rules.watch.months if rules.watch is not None else 12


def _event(row: EventRow, book: Book) -> Event:
    assert row.on is not None
    return Event(
        subject=book.now(row.subject),
        action=cast("Action", row.action),
        on=row.on,
        actor=row.texts["actor"],
        note=row.texts["note"],
        document=row.texts["document"],
        evidence=row.evidence,
        waiver=row.texts["waiver"],
        path=row.texts["path"],
        deadline=row.deadline,
        department=row.texts["department"],
        land_mu=row.land_mu,
        energy_tce=row.energy_tce,
        way=row.texts["way"],
        kind=cast("SubjectKind", row.kind),
    )


def _place(told: EventFile, row: EventRow) -> dict[str, Any]:
    return {"file": told.file, "sheet": row.place.sheet, "row": row.place.row, "sha256": told.sha256}


def _at(place: Mapping[str, Any]) -> Place:
    return Place(file=place["file"], sheet=place["sheet"], row=place["row"])


def _known_codes(county: CountyFile) -> dict[SubjectKind, set[str]]:
    land = current_table(county, "land")["parcel"].drop_nulls()
    return {
        "enterprise": set(current_table(county, "enterprises")["credit_code"]),
        "parcel": {*current_table(county, "parcels")["parcel"], *land},
    }


def _check_known(county: CountyFile, kind: SubjectKind, code: str) -> None:
    codes: Sequence[str] = sorted(_known_codes(county)[kind])
    if code not in codes:
        raise unknown_subject(code, codes, kind)
