"""The whole course of one enterprise or parcel, as it was known on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mujun.rectification.states import Event, State, SubjectKind, history
from mujun.workspace.rectification.book import Book, event_of


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
    steps = history(numbered)
    entries = [_entry(numbered[s.event], s.event, s.after, None) for s in steps]
    # Those in force keep the order of the loop; a revoked one stands before what happened on a later day.
    for entry in taken_back:
        at = next((n for n, e in enumerate(entries) if e.event.on > entry.event.on), len(entries))
        entries.insert(at, entry)
    return tuple(entries)


def _entry(row: dict[str, Any], event: Event, state: State | None, revoked_by: int | None) -> Entry:
    parts = [row["file"], row["sheet"], f"{row['row']}" if row["row"] is not None else None]
    place = " ".join(p for p in parts if p)
    return Entry(row["number"], event, state, row["recorded_at"], place, revoked_by, row["list_document"])
