"""The same event recorded of several enterprises or parcels at once: those that can, and why the others cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import date
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.messages import Firm
from mujun.notebooks import InNotebooks
from mujun.rectification.checking import Known, sift
from mujun.rectification.states import Event, history
from mujun.store import Store
from mujun.workspace.book import event_rows, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.problems.evidence import shown_by
from mujun.workspace.rectification.events import (
    Recorded,
    action_of,
    known_of,
    subject_of,
    word_of,
)


@dataclass(frozen=True)
class Together(InNotebooks):
    """What became of an event of several.

    Attributes:
        recorded: those of whom it is in now; without a number where it was only tried.
        refused: why it cannot be recorded of the others, by code as it was asked for.
    """

    recorded: tuple[Recorded, ...] = ()
    refused: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)


def record_together(
    county: CountyFile,
    codes: Iterable[str],
    action: str,
    *,
    on: date | None = None,
    actor: str = "",
    note: str = "",
    document: str = "",
    evidence: Iterable[str] = (),
    path: str = "",
    way: str = "",
    deadline: date | None = None,
    department: str = "",
    files: Iterable[Path] = (),
    dry_run: bool = False,
) -> Together:
    """Record the same event of several enterprises or parcels: all that can be, in one step.

    What was freed is each one's own, and so is the reason for which evidence is not asked for: what needs them is
    recorded one by one.

    Args:
        county: the county.
        codes: the enterprises' credit codes or the parcels'.
        action: what happened, by its name or its word in either language.
        on: the day; today where none is given.
        actor, note, document, evidence, path, way, deadline, department: as of `record_event`.
        files: files that show it, kept once beside the store.
        dry_run: only say of whom it can be recorded.

    Raises:
        UsageError: an unknown action, or nobody is named.
        InputError: a file cannot be read or copied.
    """
    asked = list(dict.fromkeys(codes))
    if not asked:
        raise UsageError(problem("events_together_nobody"))
    kinds = tuple(sorted(set(evidence)))
    told = Event(
        "", action_of(action), on or date.today(), actor=actor, note=note, document=document, evidence=kinds,
        path=path, way=way, deadline=deadline, department=department,
    )  # fmt: skip
    book = read_book(county)
    known = known_of(book, told.on)
    events: list[Event] = []
    refused: dict[str, tuple[Problem, ...]] = {}
    for code in asked:
        try:
            event = replace(told, subject=book.now(code), kind=subject_of(county, book, code))
        except UsageError as error:
            refused[code] = error.problems
            continue
        past = book.by_subject.get(event.key, ())
        if event in past:
            what = {"code": Firm(event.subject), "day": event.on, "action": word_of(event.action)}
            refused[code] = (problem("event_already", **what),)
            continue
        sifted = sift(past, [event], known.get(event.key, Known()), date.today())
        for _, why in sifted.refused:
            refused[code] = why
        events += sifted.taken
    numbers: list[int] = [0] * len(events)
    if events and not dry_run:
        shown = shown_by(county, told.evidence, files)
        events = [replace(event, evidence=shown) for event in events]
        with Store.open(county.path, write=True) as store:
            _, numbers = store.add_events(event_rows(events), who=county.who)
    recorded = []
    for number, event in zip(numbers, events, strict=True):
        steps = history([*book.by_subject.get(event.key, ()), event])
        recorded.append(Recorded(number, event, next(s.after for s in steps if s.event == event)))
    return Together(tuple(recorded), refused)
