"""Publication on record: which notice was out when, until when and where, and to whom objections went by when."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast, get_args

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.messages import MessageKey
from mujun.notebooks import InNotebooks
from mujun.rules.paper_texts import FILE, papers_texts
from mujun.store import Store
from mujun.store.publications import PUBLISHED, NoticeKind, PublicationRow
from mujun.workspace.county_file import CountyFile

LONGEST = 366
"""Days that a notice may be out, the first and the last counted; what is longer is a slip of the year."""

NOTICES: tuple[NoticeKind, ...] = get_args(NoticeKind)

WhenOut = Literal["ahead", "running", "objections", "over"]
"""ahead: its first day is still to come; running: it is out; objections: its last day is past, and objections may still
be raised; over: both are past."""


@dataclass(frozen=True)
class Withdrawal:
    """A record of a publication taken back: the number of the row that does so, why, who, and when (UTC)."""

    number: int
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Publication(InNotebooks):
    """A notice that was published.

    Attributes:
        number: of the record.
        notice: `result` (结果公示) or `data` (数据公示, before the rating).
        year: the data year.
        run: the run whose result it is; none of a `data` notice.
        first, until: its first and last day.
        place: where it can be read.
        objections: to whom objections go, as far as that was put down.
        objections_by: the last day for them.
        document: the number of the notice, where it has one.
        who, at: who put it down, and when (UTC).
        taken_back: who took the record back and why; nothing as long as it holds.
        doubts: what is odd about it and may be right all the same, told when it is put on record.
    """

    number: int
    notice: NoticeKind
    year: int
    run: int | None
    first: date
    until: date
    place: str
    objections: str
    objections_by: date
    document: str
    who: str
    at: datetime
    taken_back: Withdrawal | None = field(default=None)
    doubts: tuple[Problem, ...] = field(default=(), compare=False)

    def when(self, day: date) -> WhenOut:
        """Whether it is still to come, out, open to objections alone, or over on a day."""
        if day < self.first:
            return "ahead"
        if day <= self.until:
            return "running"
        return "objections" if day <= self.objections_by else "over"

    @property
    def ends(self) -> date:
        """The last day of the notice or for objections, whichever is later."""
        return max(self.until, self.objections_by)

    def told(self, code: MessageKey, day: date | None = None) -> str:
        """What is to be said of it where something is done before it is over, on a day if that is told.

        Args:
            code: `publication_out_corrected`, `publication_out_rated` or `publication_out_issued`.
            day: the day of what is done.
        """
        return messages.text(
            code, year=self.year, run=self.run, number=self.number, first=self.first, until=self.until,
            by=self.objections_by, day=day,
        )  # fmt: skip

    @property
    def title(self) -> str:
        """What it is, in the language in force."""
        return messages.text(messages.key(f"publication_notice_{self.notice}"))

    @property
    def days(self) -> int:
        """How many days it is out, the first and the last counted."""
        return (self.until - self.first).days + 1

    @property
    def weekdays(self) -> int:
        """How many of them are from Monday to Friday; which of them are holidays nobody here knows."""
        return weekdays(self.first, self.until)


@dataclass(frozen=True)
class UsualNotice(InNotebooks):
    """What a publication is likely to say: as papers.yaml has it, else as it was the last time."""

    first: date | None
    until: date | None
    place: str
    objections: str


def weekdays(first: date, until: date) -> int:
    """Days from Monday to Friday between two days, both counted.

    >>> weekdays(date(2023, 5, 8), date(2023, 5, 14))
    5
    """
    return sum((first + timedelta(days=n)).weekday() < 5 for n in range((until - first).days + 1))


def publish(
    county: CountyFile,
    year: int,
    *,
    first: date,
    until: date,
    place: str,
    objections: str = "",
    objections_by: date | None = None,
    notice: NoticeKind = "result",
    run: int | None = None,
    document: str = "",
) -> Publication:
    """Put on record that a notice is out, or will be.

    Args:
        county: the county.
        year: the data year.
        first, until: the notice's first and last day.
        place: where it can be read: a website, a board.
        objections: to whom objections go: office, telephone, address.
        objections_by: the last day for objections; `until` where none is given.
        notice: `result`, the result of a final run; `data`, the land before the rating.
        run: the final run that is published; where none is named, the year's. Of final runs by the same rules the
            newest stands, for it took the place of those before it.
        document: the number of the notice, if it has one.

    Returns:
        The record, with the run that it is of, and what is doubtful about it: no day from Monday to Friday, objections
        that end before the notice does, another notice of the same that is out on some of its days, days before the run
        was made, a run that took the place of others or that another one took the place of.

    Raises:
        UsageError: no place; days in the wrong order, more than a year, or of a result before its data year is over; no
            final run, or several by different rules and none named; a run named of a `data` notice, or no data of its
            year; or it is on record.
        StoreError: it could not be written.
    """
    if notice not in NOTICES:
        raise UsageError(problem("publication_no_such_notice", value=notice, known=list(NOTICES)))
    if notice == "data":
        _check_data(county, year, run)
    told = PublicationRow(
        notice=notice,
        year=year,
        run=_run_of(county, year, run) if notice == "result" else None,
        first=first,
        until=until,
        place=place.strip(),
        objections=objections.strip(),
        objections_by=objections_by or until,
        document=document.strip(),
    )
    if not told.place:
        raise UsageError(problem("publication_no_place"))
    _check_days(told)
    for known in publications(county, year):
        same = (known.notice, known.run, known.first, known.until, known.place)
        if known.taken_back is None and same == (notice, told.run, first, until, told.place):
            raise UsageError(problem("publication_already", number=known.number, who=known.who))
    with Store.open(county.path, write=True) as store:
        number = store.publish(told, who=county.who)
        made = next(p for p in publications_in(store, year) if p.number == number)
        return replace(made, doubts=tuple(_doubts(store, made, named=run is not None)))


def take_back_publication(county: CountyFile, number: int, *, reason: str) -> Publication:
    """Take back a record of a publication that is wrong; it stays in the book, with who took it back and why.

    Returns:
        The record as it is now.

    Raises:
        UsageError: no reason, no such record, or it was taken back before.
        StoreError: it could not be written.
    """
    if not reason.strip():
        raise UsageError(problem("publication_back_no_reason"))
    known = next((p for p in publications(county) if p.number == number), None)
    if known is None:
        raise UsageError(problem("publication_unknown", number=number))
    if known.taken_back is not None:
        raise UsageError(problem("publication_back_before", number=number, who=known.taken_back.who))
    back = PublicationRow(
        known.notice, known.year, known.run, known.first, known.until, known.place, known.objections,
        known.objections_by, known.document, reason.strip(), number,
    )  # fmt: skip
    with Store.open(county.path, write=True) as store:
        store.publish(back, who=county.who)
    return next(p for p in publications(county) if p.number == number)


def publications(county: CountyFile, year: int | None = None) -> tuple[Publication, ...]:
    """What was published, newest record first; records taken back among them say so.

    Args:
        county: the county.
        year: only of a data year.
    """
    with Store.open(county.path) as store:
        return publications_in(store, year)


def publications_in(store: Store, year: int | None = None) -> tuple[Publication, ...]:
    """The same of a store that is open."""
    rows = store.published()
    rows = rows if year is None else rows.filter(pl.col("year") == year)
    backs = {
        r["revokes"]: Withdrawal(r["number"], r["reason"], r["who"], r["at"])
        for r in rows.filter(pl.col("revokes").is_not_null()).iter_rows(named=True)
    }
    names = [f for f in Publication.__dataclass_fields__ if f in PUBLISHED]
    return tuple(
        Publication(**{n: r[n] for n in names}, taken_back=backs.get(r["number"]))
        for r in rows.filter(pl.col("revokes").is_null()).reverse().iter_rows(named=True)
    )


def still_out(county: CountyFile, year: int, *, day: date | None = None) -> tuple[Publication, ...]:
    """The notices of a year's result that are not over, by their first day; some may still be to come.

    A notice is over when its last day and that for objections are past.

    Args:
        county: the county.
        year: the data year.
        day: the day that is looked at; today where none is given.
    """
    today = day or date.today()
    out = [p for p in publications(county, year) if _stands(p) and p.when(today) != "over"]
    return tuple(sorted(out, key=_by_first))


def runs_to_publish(store: Store, year: int) -> list[int]:
    """The final runs that make up a year's result, the newest of each rule set; ratings of areas are not among them."""
    runs = store.runs().filter(pl.col("final"), pl.col("year") == year, ~pl.col("number").is_in(store.runs_of_areas()))
    return cast("list[int]", runs.sort("number").unique("rules", keep="last", maintain_order=True)["number"].to_list())


def usual_notice(county: CountyFile, year: int, run: int | None = None) -> UsualNotice:
    """What a publication is likely to say, to begin with: the days and the contact of papers.yaml, the last place.

    Args:
        county: the county.
        year: the data year.
        run: the run whose result is to be published; its rules' folder may have a papers.yaml.

    Raises:
        RuleError: a papers.yaml is wrong.
    """
    with Store.open(county.path) as store:
        last = next((p for p in publications_in(store) if p.taken_back is None), None)
        address = None if run is None else str(store.runs().filter(pl.col("number") == run)["rules"].item())
    beside = county.path.parent / FILE
    texts = papers_texts(address, *([beside] if os.path.lexists(beside) else []))
    asked = messages.clauses([t for t in (texts.contact, *texts.telephone, texts.address) if t])
    of_year = texts.period_from is not None and texts.period_from.year > year
    return UsualNotice(
        first=texts.period_from if of_year else None,
        until=texts.period_until if of_year else None,
        place=last.place if last is not None else "",
        objections=asked or (last.objections if last is not None else ""),
    )


def _run_of(county: CountyFile, year: int, run: int | None) -> int:
    with Store.open(county.path) as store:
        runs, finals = store.runs(), runs_to_publish(store, year)
    if run is None:
        if len(finals) > 1:
            raise UsageError(problem("publication_several_runs", year=year, runs=finals))
        if not finals:
            raise UsageError(problem("publication_no_final", year=year))
        return finals[0]
    known = runs.filter(pl.col("number") == run)
    if known.is_empty() or int(known["year"].item()) != year:
        raise UsageError(problem("publication_no_run", run=run, year=year, runs=finals or "—"))
    if not known["final"].item():
        raise UsageError(problem("publication_trial_run", run=run))
    return run


def _check_data(county: CountyFile, year: int, run: int | None) -> None:
    """Refuse a run of a data notice, which comes before the rating, and a notice of data that there are not."""
    if run is not None:
        raise UsageError(problem("publication_data_no_run", run=run))
    with Store.open(county.path) as store:
        known = sorted({*store.years("enterprises"), *store.years("land")})
    if year not in known:
        raise UsageError(problem("publication_no_data", year=year, known=known or "—"))


def _check_days(told: PublicationRow) -> None:
    """Refuse days that cannot be: in the wrong order, too many, or of a result before its data year is over."""
    first, until, by = told.first, told.until, told.objections_by
    if until < first:
        raise UsageError(problem("publication_ends_before", first=first, until=until))
    if by < first:
        raise UsageError(problem("publication_objections_before", first=first, by=by))
    # A notice of the land may be out before its year is over; a result is of the whole year.
    opens = date(told.year + (told.notice == "result"), 1, 1)
    if first < opens:
        raise UsageError(problem("publication_too_early", year=told.year, first=first, opens=opens))
    if (until - first).days + 1 > LONGEST:
        days = (until - first).days + 1
        raise UsageError(problem("publication_too_long", first=first, until=until, days=days))
    if (by - first).days + 1 > LONGEST:
        raise UsageError(problem("publication_objections_late", first=first, by=by))


def _doubts(store: Store, made: Publication, *, named: bool) -> Iterator[Problem]:
    """What is odd about a record and may be right all the same."""
    if not made.weekdays:
        yield problem("publication_no_weekday", first=made.first, until=made.until)
    if made.objections_by < made.until:
        yield problem("publication_objections_end_early", by=made.objections_by, until=made.until)
    runs, known = store.runs(), publications_in(store, made.year)
    if made.run is None:
        yield from at_once(known, made, runs)
        return
    run = runs.filter(pl.col("number") == made.run).row(0, named=True)
    if made.first < run["created_at"].date():
        yield problem("publication_before_run", run=made.run, first=made.first, made=run["created_at"].date())
    same = runs.filter(pl.col("final"), pl.col("year") == made.year, pl.col("rules") == run["rules"])["number"].sort()
    if made.run < same[-1]:
        # Whoever is told so knows which of the two does not hold.
        yield problem("publication_replaced_run", run=made.run, newer=same[-1])
        return
    if len(same) > 1 and not named:
        yield problem("publication_newest_of", run=made.run, runs=same.to_list(), year=made.year)
    yield from at_once(known, made, runs)


def at_once(known: Sequence[Publication], made: Publication, runs: pl.DataFrame) -> Iterator[Problem]:
    """Other notices of the same that are out on some of its days.

    The same days at another place are one notice at two places, and results by different rules make up a year together.
    """
    rules = dict(runs.select("number", "rules").iter_rows())
    for other in known:
        if other.number == made.number or other.taken_back is not None or other.notice != made.notice:
            continue
        if other.until < made.first or made.until < other.first:
            continue
        days = {"number": other.number, "first": other.first, "until": other.until, "place": other.place}
        if other.run == made.run:
            if (other.first, other.until) != (made.first, made.until):
                yield problem("publication_overlaps", **days)
        elif rules.get(other.run) == rules.get(made.run):
            yield problem("publication_overlaps_run", run=other.run, **days)


def held(known: Sequence[Publication], run: int) -> list[Publication]:
    """The records that hold of a run's result, by their first day."""
    mine = [p for p in known if _stands(p) and p.run == run]
    return sorted(mine, key=_by_first)


def _by_first(known: Publication) -> tuple[date, int]:
    return known.first, known.number


def _stands(known: Publication) -> bool:
    """Whether it is a notice of a result, and was not taken back."""
    return known.notice == "result" and known.taken_back is None
