"""The whole course of one enterprise or parcel, as it was known on a day."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError
from mujun.notebooks import InNotebooks
from mujun.rectification.states import Event, State, SubjectKind, history
from mujun.workspace.book import CHINA, Book, event_of, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rectification.events import subject_of, tracked


@dataclass(frozen=True)
class Entry:
    """One line of a course: an event, the state it led to, and how it came into the book.

    `revoked_by` is the number of the event that took it back; such an event led to no state.
    """

    number: int
    event: Event
    state: State | None
    recorded_at: Any
    place: str
    revoked_by: int | None = None
    list_document: int | None = None

    @property
    def recorded_in_china(self) -> datetime:
        """When it was recorded, by the clock in China."""
        when: datetime = self.recorded_at.astimezone(CHINA)
        return when


@dataclass(frozen=True)
class Course(InNotebooks):
    """The course of one enterprise or parcel: its entries, and where it stands (rows as `TRACK_SCHEMA`)."""

    code: str
    day: date
    entries: tuple[Entry, ...]
    stands: pl.DataFrame = field(repr=False)


def course_of(county: CountyFile, code: str, *, as_of: date | None = None, known_on: date | None = None) -> Course:
    """Everything recorded of an enterprise or parcel until a day.

    Args:
        county: the county.
        code: the enterprise's credit code or the parcel's.
        as_of: until which day; today where none is given.
        known_on: as the book was known at the end of a day.

    Raises:
        UsageError: there is no such enterprise or parcel.
    """
    day = as_of or date.today()
    book = read_book(county, known_on=known_on)
    entries = course(book, subject_of(county, book, code), code, day)
    stands = tracked(book, day)
    return Course(code, day, entries, stands.filter(pl.col("subject") == book.now(code)) if entries else stands.clear())


def course(book: Book, kind: SubjectKind, code: str, day: date | None = None) -> tuple[Entry, ...]:
    """Everything recorded of a subject until a day, in the order in which it happened; revoked events among them."""
    rows = [
        row
        for row in book.records.iter_rows(named=True)
        if (row["subject_kind"], book.now(row["subject"])) == (kind, book.now(code))
        and (day is None or row["happened_on"] <= day)
    ]
    revoked = {row["revokes"]: row["number"] for row in rows if row["revokes"] is not None}
    numbered: dict[Event, dict[str, Any]] = {}
    taken_back: list[Entry] = []
    for row in rows:
        if row["revokes"] is not None:
            continue
        if row["number"] in revoked:
            taken_back.append(_entry(row, event_of(row, book.changed), None, revoked[row["number"]]))
        else:
            numbered[event_of(row, book.changed)] = row
    try:
        entries = [_entry(numbered[s.event], s.event, s.after, None) for s in history(numbered)]
    except UsageError:
        # They cannot follow one another: shown as they are, so that the wrong one can be found and revoked.
        entries = [_entry(row, event, None, None) for event, row in sorted(numbered.items(), key=lambda n: n[0].on)]
    # Those in force keep the order of the loop; a revoked one stands before what happened on a later day.
    for entry in taken_back:
        at = next((n for n, e in enumerate(entries) if e.event.on > entry.event.on), len(entries))
        entries.insert(at, entry)
    return tuple(entries)


def _entry(row: dict[str, Any], event: Event, state: State | None, revoked_by: int | None) -> Entry:
    parts = [row["file"], row["sheet"], f"{row['row']}" if row["row"] is not None else None]
    place = " ".join(p for p in parts if p)
    return Entry(row["number"], event, state, row["recorded_at"], place, revoked_by, row["list_document"])
