"""Those whom the rules would list, on their way to a list: screened by a rating, verified or dismissed by townships."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.rectification.documents import entering, office_name
from mujun.rectification.states import Event, SubjectKind, allowed
from mujun.rectification.tracking import TRACK_SCHEMA, way_decided
from mujun.store import Store
from mujun.workspace.book import Book, event_rows, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.names_of_tables import lists_in
from mujun.workspace.rectification.lists import preview
from mujun.workspace.runs.kept import kept_runs


@dataclass(frozen=True)
class Screening:
    """What became of those whom the rules would list: how many were put down as screened, and how many of the others
    are on a list or screened already, or were dismissed since the data year."""

    run: int
    screened: int
    already: int
    dismissed: int


def screen_candidates(
    county: CountyFile,
    on: date,
    *,
    run: int | None = None,
    rules: str | Path | None = None,
    year: int | None = None,
    name: str | None = None,
    document: str = "",
    actor: str = "",
    recorded_at: datetime | None = None,
) -> Screening:
    """Put down those whom a rating's rules would list as screened, so that townships can verify them.

    Args:
        on: the day of the screening.
        run, rules, year, name: as for a list.
        document, actor: by which document and whom.
        recorded_at: when, in UTC; now where nothing is said.

    Raises:
        UsageError: there is no such run, or the day is to come.
    """
    if on > date.today():
        raise UsageError(problem("event_in_future", day=on))
    result, listing = preview(county, run, rules, year=year, name=name)
    book = read_book(county)
    steps = book.steps()
    events: list[Event] = []
    already = dismissed = 0
    kind: SubjectKind = "parcel" if listing.of_parcels else "enterprise"
    rows = listing.rectification
    named = rows["parcels"].explode() if listing.of_parcels else rows["credit_code"]
    for code in dict.fromkeys(map(book.now, named)):
        past = steps.get((kind, code), ())
        state = past[-1].after if past else None
        since = past[-1].event.on if past else None
        if entering(state, dismissed_on=since, data_year=result.year).dismissed:
            dismissed += 1
        elif "screen" in allowed(state) and (since is None or since <= on):
            events.append(Event(code, "screen", on, actor=actor, document=document, kind=kind))
        else:
            already += 1
    if events:
        with Store.open(county.path, write=True) as store:
            store.add_events(event_rows(events), who=county.who, recorded_at=recorded_at)
    assert result.number is not None
    return Screening(result.number, len(events), already, dismissed)


def waiting(county: CountyFile, book: Book, day: date | None = None) -> pl.DataFrame:
    """Those who are screened or verified and on no list yet, as rows of `TRACK_SCHEMA`, by township and code."""
    steps = book.steps(day)
    listed = {*book.standing(day).firms["credit_code"]}
    last_years = {
        code: past[-1]
        for (kind, code), past in steps.items()
        if kind == "enterprise" and past[-1].after in ("screened", "verified") and code not in listed
    }
    if not last_years:
        return pl.DataFrame(schema=TRACK_SCHEMA)
    names = current_table(county, "enterprises").sort("year").unique("credit_code", keep="last", maintain_order=True)
    known = {r["credit_code"]: r for r in names.iter_rows(named=True)}
    newest = _listed_by_newest_run(county, book)
    parcels = _parcels_of(county, book)
    rows: list[dict[str, Any]] = [
        {
            "kind": "enterprise", "subject": code, "state": last.after, "since": last.event.on,
            "others": parcels.get(code, []), "way": way_decided(steps["enterprise", code]),
            **{n: newest.get(code, {}).get(n) for n in ("land_mu", "tier", "path", *EFFECTS)},
            "department": office_name(known.get(code, {}).get("township")),
            **{n: known.get(code, {}).get(n) for n in ("name", "township", "park", "industry", "scale")},
        }
        for code, last in sorted(last_years.items())
    ]  # fmt: skip
    table = pl.DataFrame([{n: row.get(n) for n in TRACK_SCHEMA} for row in rows], schema=TRACK_SCHEMA)
    return table.sort("township", "subject", nulls_last=True)


EFFECTS = ("expected_land_mu", "expected_energy_tce")


def reasons_of_screened(county: CountyFile, book: Book, rows: pl.DataFrame) -> dict[str, str]:
    """Why each of those screened would be listed, by the newest run that keeps a list; those it does not list: none."""
    listed = _listed_by_newest_run(county, book)
    return {c: listed[c]["reason_text"] for c in rows["subject"] if c in listed and listed[c]["reason_text"]}


def _listed_by_newest_run(county: CountyFile, book: Book) -> dict[str, dict[str, Any]]:
    """The rows of the newest run's list, by the code that a firm has now."""
    runs = kept_runs(county)
    if runs.is_empty():
        return {}
    with Store.open(county.path) as store:
        lists = lists_in(store.run(int(runs["number"].to_list()[-1])).results)
    listed: dict[str, dict[str, Any]] = {}
    for rows in lists.values():
        if "credit_code" not in rows.columns:
            continue
        for r in book.under_now(rows).iter_rows(named=True):
            before = listed.get(r["credit_code"])
            reasons = r["reason_text"] if before is None else f"{before['reason_text']}；{r['reason_text']}"
            listed[r["credit_code"]] = {**r, "reason_text": reasons}
    return listed


def _parcels_of(county: CountyFile, book: Book) -> dict[str, list[str]]:
    """The parcels in a firm's own land rows of the newest year."""
    land = current_table(county, "land")
    own_land = book.under_now(land.filter(pl.col("year") == pl.col("year").max()).drop_nulls("parcel"))
    parts = own_land.group_by("credit_code").agg(pl.col("parcel").unique().sort())
    return dict(parts.iter_rows())


def of_township(rows: pl.DataFrame, township: str | None) -> pl.DataFrame:
    """The rows of one township, or all.

    Raises:
        UsageError: nobody of it is on a list; names the nearest.
    """
    if township is None:
        return rows
    known = rows["township"].drop_nulls().unique().sort().to_list()
    if township not in known:
        near = Guess(nearest(township, known))
        raise UsageError(problem("unknown_township", township=township, near=near, known=known or "—"))
    return rows.filter(pl.col("township") == township)
