"""The book of the rectification: lists and events as the store has them, now or as they were known on a past day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.records.succession import succession_at
from mujun.rectification.states import Event, Step, SubjectKind, histories, history, set_aside
from mujun.rules import RuleSet, load_kept
from mujun.rules.named_lists import lists_of, with_list
from mujun.store import EVENT_SCHEMA, ListDocument, Store
from mujun.workspace.county_file import CountyFile

if TYPE_CHECKING:
    from mujun.rectification.documents import Frozen, Standing

CHINA = timezone(timedelta(hours=8))
"""A day ends at midnight in China, wherever the program runs."""

Subject = tuple[SubjectKind, str]


@dataclass(frozen=True)
class Book:
    """Everything recorded of the rectification until some time.

    Attributes:
        documents: lists and amendments, oldest first.
        records: every event recorded, with number, place and time of recording.
        changed: codes that firms had before they changed them (换码), and the code that each has now: what was listed
            and recorded under the old one counts for the new. One code under which everything together would be
            impossible is left out.
    """

    documents: tuple[ListDocument, ...] = field(repr=False)
    records: pl.DataFrame = field(repr=False)
    changed: Mapping[str, str] = field(default_factory=dict, repr=False)

    def now(self, code: str) -> str:
        """The code that a firm has now."""
        return self.changed.get(code, code)

    def under_now(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows by the codes of a data year, under the codes that the firms have now."""
        return rows.with_columns(pl.col("credit_code").replace(self.changed)) if self.changed else rows

    @cached_property
    def frozen(self) -> tuple[Frozen, ...]:
        """The documents as `standing_lists` takes them."""
        return tuple(frozen_of(d, self.changed) for d in self.documents)

    @cached_property
    def in_force(self) -> pl.DataFrame:
        """The events that were not revoked."""
        revoked = self.records["revokes"].drop_nulls().implode()
        return self.records.filter(~pl.col("number").is_in(revoked) & pl.col("revokes").is_null())

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events that were not revoked, as the loop takes them."""
        return tuple(event_of(row, self.changed) for row in self.in_force.iter_rows(named=True))

    @cached_property
    def by_subject(self) -> Mapping[Subject, tuple[Event, ...]]:
        """The events of every enterprise and parcel."""
        events: dict[Subject, list[Event]] = {}
        for event in self.events:
            events.setdefault(event.key, []).append(event)
        return {key: tuple(several) for key, several in events.items()}

    def steps(self, day: date | None = None) -> dict[Subject, tuple[Step, ...]]:
        """The steps of every subject until the end of a day."""
        return histories((e for e in self.events if e.key not in self.set_aside), day)

    @cached_property
    def set_aside(self) -> Mapping[Subject, tuple[Problem, ...]]:
        """Subjects whose events cannot follow one another, such as after a change of code was taken back, and why.

        They have no state until that is mended; all others have.
        """
        return set_aside(self.events)

    def standing(self, day: date | None = None, *, only: int | Collection[int] | None = None) -> Standing:
        """What the lists say on a day, all or some of them."""
        from mujun.rectification.documents import standing_lists

        return standing_lists(self.frozen, day, only=only)

    def rules_of(self, number: int) -> RuleSet:
        """The rules that a list rests on, as they were."""
        if number not in self._rules:
            listed = self._document(number)
            self._rules[number] = with_list(load_kept(listed.rules, listed.rule_files), listed.list_name or None)
        return self._rules[number]

    def numbers_of(self, name: str) -> tuple[int, ...]:
        """The lists that are one of several of their rules, by its name or by what the rules call it; oldest first.

        Raises:
            UsageError: no list of that name was issued.
        """
        known: dict[str, list[int]] = {}
        for listed in self.documents:
            if listed.kind == "list" and listed.number is not None and listed.list_name:
                known.setdefault(listed.list_name, []).append(listed.number)
        for list_name, numbers in known.items():
            newest = self._document(numbers[-1])
            if name in (list_name, lists_of(load_kept(newest.rules, newest.rule_files)).get(list_name)):
                return tuple(numbers)
        raise UsageError(problem("list_name_not_issued", name=name, known=list(known) or "—"))

    def _document(self, number: int) -> ListDocument:
        return next(d for d in self.documents if d.number == number)

    @cached_property
    def _rules(self) -> dict[int, RuleSet]:
        return {}

    def list_number(self, number: int | None) -> int:
        """A list's number, the newest where none is given.

        Raises:
            UsageError: there is no list, or none of that number.
        """
        known = [d.number for d in self.documents if d.kind == "list" and d.number is not None]
        if not known:
            raise UsageError(problem("list_none"))
        if number is None:
            return known[-1]
        if number not in known:
            raise UsageError(problem("list_unknown", number=number, known=known))
        return number


def read_book(county: CountyFile, *, known_on: date | None = None) -> Book:
    """The book as it is, or as it was known at the end of a day (in China).

    Raises:
        StoreError: the store cannot be read.
    """
    with Store.open(county.path) as store:
        listed, records, aliases = store.list_documents(), store.events(), store.table("aliases")
        if known_on is not None:
            until = datetime.combine(known_on, time.max, tzinfo=CHINA)
            listed, records = (t.filter(pl.col("recorded_at") <= until) for t in (listed, records))
            aliases = aliases.filter(pl.col("_loaded_at") <= until)
        documents = tuple(store.list_document(n) for n in listed["number"])
    book = Book(documents, records)
    return replace(book, changed=_changed_codes(book, aliases)) if aliases.height else book


def steps_of(county: CountyFile, kind: SubjectKind, subject: str) -> tuple[Step, ...]:
    """The steps of one enterprise or parcel; none where its events cannot follow one another.

    What `read_book(county).steps()` has of it, without going through everybody else's.

    Raises:
        StoreError: the store cannot be read.
    """
    with Store.open(county.path) as store:
        records, aliases = store.events(), store.table("aliases")
    book = Book((), records)
    changed = _changed_codes(book, aliases) if aliases.height else {}
    mine = [old for old, new in changed.items() if new == subject] + ([] if subject in changed else [subject])
    rows = book.in_force.filter(pl.col("subject_kind") == kind, pl.col("subject").is_in(mine))
    try:
        return history(event_of(row, changed) for row in rows.iter_rows(named=True))
    except UsageError:
        return ()


def _changed_codes(book: Book, aliases: pl.DataFrame) -> dict[str, str]:
    """Old codes and what they are now, of firms that changed their code and were not taken over."""
    changed: dict[str, str] = {}
    heirs = succession_at(aliases, date.today().year).heirs
    of_new: dict[str, tuple[Event, ...]] = {}
    concerned = [*heirs, *(heir.root for heir in heirs.values())]
    book = replace(book, records=book.in_force.filter(pl.col("subject").is_in(concerned)))
    for old, heir in sorted(heirs.items()):
        new = heir.root
        if new == old:
            continue
        mine = tuple(replace(e, subject=new) for e in book.by_subject.get(("enterprise", old), ()))
        together = (*of_new.get(new, book.by_subject.get(("enterprise", new), ())), *mine)
        try:
            history(together)
        except UsageError:
            continue
        of_new[new] = together
        changed[old] = new
    return changed


def frozen_of(listed: ListDocument, changed: Mapping[str, str]) -> Frozen:
    """A list document as the room of rectification takes it, with the codes that firms have now."""
    from mujun.rectification.documents import Frozen

    assert listed.number is not None
    tables = dict(listed.tables)
    for name, column in (("firms", "credit_code"), ("changes", "subject"), ("effects", "credit_code")):
        if changed and name in tables:
            tables[name] = tables[name].with_columns(pl.col(column).replace(changed))
    if changed:
        now = pl.element().replace(changed)
        tables["parcels"] = tables["parcels"].with_columns(pl.col("listed", "others").list.eval(now))
    return Frozen(
        listed.number,
        listed.year,
        listed.kind,
        listed.amends,
        listed.title,
        listed.document,
        listed.issued_on,
        tables,
    )


def event_of(row: Mapping[str, Any], changed: Mapping[str, str]) -> Event:
    """A row of the event table as an event, with the code that the firm has now."""
    return Event(
        subject=changed.get(row["subject"], row["subject"]),
        action=row["action"],
        on=row["happened_on"],
        actor=row["actor"] or "",
        note=row["note"] or "",
        document=row["document"] or "",
        evidence=tuple(row["evidence"] or ()),
        waiver=row["waiver"] or "",
        path=row["path"] or "",
        deadline=row["deadline"],
        department=row["department"] or "",
        land_mu=row["land_mu"],
        energy_tce=row["energy_tce"],
        way=row["way"] or "",
        kind=row["subject_kind"],
    )


def event_rows(events: Iterable[Event], places: Iterable[Mapping[str, Any]] = ()) -> pl.DataFrame:
    """Events as the store takes them, each with the place that it was read from, if it was."""
    told = list(events)
    where = list(places) or [{}] * len(told)
    rows = [
        {
            "subject_kind": e.kind, "subject": e.subject, "action": e.action, "happened_on": e.on, "actor": e.actor,
            "note": e.note, "document": e.document, "evidence": list(e.evidence), "waiver": e.waiver, "path": e.path,
            "deadline": e.deadline, "department": e.department, "land_mu": e.land_mu, "energy_tce": e.energy_tce,
            "way": e.way or None, **place,
        }
        for e, place in zip(told, where, strict=True)
    ]  # fmt: skip
    return pl.DataFrame([{n: row.get(n) for n in EVENT_SCHEMA} for row in rows], schema=EVENT_SCHEMA)


def unknown_subject(code: str, known: Iterable[str], kind: SubjectKind) -> UsageError:
    """The refusal of a code or parcel that nobody knows, with the nearest that is known."""
    near = Guess(nearest(code, list(known)))
    return UsageError(
        problem("event_firm_unknown" if kind == "enterprise" else "event_parcel_unknown", code=code, near=near)
    )
