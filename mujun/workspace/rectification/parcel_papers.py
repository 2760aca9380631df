"""What a parcel's plan and strike-off notice say, gathered from lists, events and the list of problems."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.rectification.problems import problem_state
from mujun.rectification.tracking import this_round
from mujun.reports.rectification.parcel_papers import ParcelPaper
from mujun.workspace.book import read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.standing import current_table
from mujun.workspace.rectification.events import tracked

_STRUCK = ("off_list", "watched", "closed")


def on_a_list(county: CountyFile, parcel: str | None) -> bool:
    """Whether a code is that of a parcel on a list."""
    return parcel is not None and parcel in read_book(county).standing().parcels["parcel"]


def parcel_papers(
    county: CountyFile, parcel: str, *, day: date | None = None, struck: bool = False
) -> tuple[ParcelPaper, ...]:
    """The paper of one parcel on a list.

    Args:
        county: the county.
        parcel: its number.
        day: as of which day; today where none is given.
        struck: it has to be struck off.

    Raises:
        UsageError: it is on no list on that day, or has not been struck off.
    """
    book = read_book(county)
    everyone = tracked(book, day)
    mine = everyone.filter((pl.col("kind") == "parcel") & (pl.col("subject") == parcel))
    if mine.is_empty():
        raise UsageError(problem("parcel_paper_not_listed", parcel=parcel))
    row = mine.row(0, named=True)
    with messages.speaking("zh"):
        state = messages.text(messages.key(f"state_{row['state'] or 'none'}"))
        if struck and row["state"] not in _STRUCK:
            raise UsageError(
                problem(
                    "notice_not_struck",
                    code=parcel,
                    state=messages.Word(messages.key(f"state_{row['state'] or 'none'}")),
                )
            )
        standing = next(r for r in book.standing(day).parcels.iter_rows(named=True) if r["parcel"] == parcel)
        names = dict(current_table(county, "enterprises").sort("year").select("credit_code", "name").iter_rows())
        firms = {r["subject"]: r for r in everyone.filter(pl.col("kind") == "enterprise").iter_rows(named=True)}
        listed = [firms[c] for c in standing["listed"] if c in firms]
        lately = this_round(book.steps(day).get(("parcel", parcel), ()))
        accepted = next((s.event for s in reversed(lately) if s.event.action == "accept"), None)
        gone = next((s.event for s in reversed(lately) if s.event.action == "strike_off"), None)
        document = next(d for d in book.documents if d.number == row["list"])
        rules = book.rules_of(row["list"]).rectification
        assert rules is not None
        title = current_table(county, "parcels").filter(pl.col("parcel") == parcel)["title"]
        expected = [f["expected_land_mu"] for f in listed if f["expected_land_mu"] is not None]
        paper = ParcelPaper(
            parcel=parcel,
            holder=row["name"] or "",
            township=row["township"] or "",
            area_mu=row["land_mu"],
            title=title[0] or "" if title.len() else "",
            list_title=document.title,
            list_document=document.document,
            list_day=document.issued_on,
            path=row["path"] or "",
            deadline=row["deadline"],
            department=row["department"] or "",
            state=state,
            expected_land_mu=sum(expected, Decimal(0)) if expected else None,
            firms=[
                (
                    f["name"] or f["subject"], f["path"] or "",
                    messages.text(messages.key(f"state_{f['state'] or 'none'}")), f["expected_land_mu"],
                )
                for f in listed
            ],
            others=[names.get(c) or c for c in standing["others"]],
            problems=problem_lines(county, parcel, [*standing["listed"], *standing["others"]]),
            evidence=rules.exit.evidence_for(row["path"]) if rules.exit is not None else (),
            watch_months=rules.watch.months if rules.watch is not None else 12,
            course=[
                (s.event.on, messages.text(messages.key(f"action_{s.event.action}")), s.event.document, s.event.note)
                for s in lately
            ],
            accepted_on=accepted.on if accepted else None,
            accepted_document=accepted.document if accepted else "",
            verified_land_mu=row["verified_land_mu"],
            struck_on=gone.on if gone else None,
            struck_document=gone.document if gone else "",
            watch_until=row["watch_until"],
        )  # fmt: skip
    return (paper,)


def problem_lines(
    county: CountyFile, parcel: str | None, codes: list[str]
) -> list[tuple[str, str, str, date | None, str]]:
    """The problems of a parcel and of firms as papers list them, oldest first: the language in force says the state."""
    rows = current_table(county, "problems").with_columns(problem_state().alias("state"))
    here = pl.lit(value=False) if parcel is None else (pl.col("parcel") == parcel).fill_null(value=False)
    mine = rows.filter(here | pl.col("credit_code").is_in(codes))
    return [
        (kind, text or "", office or "", until, messages.text(messages.key(f"problem_state_{state}")))
        for kind, text, office, until, state in mine.sort("found_on", "problem", nulls_last=True)
        .select("problem_kind", "problem_text", "handled_by", "order_deadline", "state")
        .iter_rows()
    ]
