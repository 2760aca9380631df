"""What issuing and amending share: who enters with which steps, whether that fits, and putting a document down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl

from mujun.errors import UsageError, problem
from mujun.numbers import at12, divided
from mujun.rectification import Listing
from mujun.rectification.documents import (
    entering,
)
from mujun.rectification.states import Event, Step, SubjectKind, check_event, history
from mujun.reports.year.summary import facts_of
from mujun.store import ListDocument, Store
from mujun.workspace.book import Book, Subject, event_rows
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile


def entries_of(
    rows: pl.DataFrame, key: str, kind: SubjectKind, steps: Mapping[Subject, tuple[Step, ...]], year: int
) -> dict[Subject, Any]:
    """How each of some rows enters a list, by what has happened to it."""
    entries = {}
    for subject in rows[key]:
        past = steps.get((kind, subject), ())
        dismissed_on = past[-1].event.on if past and past[-1].after == "dismissed" else None
        state = past[-1].after if past else None
        entries[kind, subject] = entering(state, dismissed_on=dismissed_on, data_year=year)
    return entries


def with_entry(rows: pl.DataFrame, key: str, kind: SubjectKind, entries: Mapping[Subject, str | None]) -> pl.DataFrame:
    """The rows with `entry`: new, carried over or listed again."""
    entry = [entries.get((kind, subject)) for subject in rows[key]]
    return rows.with_columns(pl.Series("entry", entry, dtype=pl.String))


def months_of(listing: Listing) -> dict[str, int]:
    """How long each path takes, by its first rule."""
    return {p.path: p.months for p in reversed(listing.plan.file.paths) if p.months is not None}


def kept(
    county: CountyFile, listed: ListDocument, events: Sequence[Event], recorded_at: datetime | None
) -> ListDocument:
    """The document as the store keeps it, with its number, and its events in the same transaction."""
    who = county.who
    with Store.open(county.path, write=True) as store:
        number, _ = store.add_events(event_rows(events), who=who, listed=listed, recorded_at=recorded_at)
    return replace(listed, number=number, who=who)


def check_day(day: date) -> None:
    """Refuse a day that has not come yet."""
    if day > date.today():
        raise UsageError(problem("event_in_future", day=day))


def check_all(book: Book, events: Iterable[Event]) -> None:
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
