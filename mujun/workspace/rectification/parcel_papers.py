"""What a parcel's plan and strike-off notice say, gathered from lists, events, register and problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.numbers import round_decimal
from mujun.personal import masked, public_name
from mujun.rectification.documents import office_name
from mujun.rectification.problems import problem_state
from mujun.rectification.tracking import this_round
from mujun.reports.drawing.publishing import shows_persons
from mujun.reports.rectification.parcel_papers import ParcelPaper
from mujun.store.lists import ListDocument
from mujun.workspace.book import Book, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.rectification.candidates import of_township
from mujun.workspace.rectification.events import tracked
from mujun.workspace.rectification.measures import measures_of

_STRUCK = ("off_list", "watched", "closed")


def speaks_of_parcels(county: CountyFile, code: str | None, day: date | None) -> bool:
    """Whether papers are of parcels: a code is that of a parcel on a list, or no list has any enterprise."""
    standing = read_book(county).standing(day)
    if code is not None:
        return code in standing.parcels["parcel"]
    return standing.firms.is_empty() and not standing.parcels.is_empty()


def parcel_papers(
    county: CountyFile,
    parcel: str | None = None,
    *,
    township: str | None = None,
    day: date | None = None,
    struck: bool = False,
) -> tuple[ParcelPaper, ...]:
    """The papers of one parcel on a list, of a township's, or of all.

    Args:
        county: the county.
        parcel: its number.
        township: only its parcels.
        day: as of which day; today where none is given.
        struck: of those struck off.

    Raises:
        UsageError: it is on no list on that day, or has not been struck off; nobody is.
    """
    book = read_book(county)
    book.list_number(None)
    everyone = tracked(book, day)
    mine = everyone.filter(pl.col("kind") == "parcel")
    mine = of_township(mine, township) if township is not None else mine
    if parcel is not None:
        mine = mine.filter(pl.col("subject") == parcel)
        if mine.is_empty():
            raise UsageError(problem("parcel_paper_not_listed", parcel=parcel))
    if struck:
        gone = mine.filter(pl.col("state").is_in(_STRUCK))
        if gone.is_empty() and parcel is not None:
            state = messages.Word(messages.key(f"state_{mine['state'][0] or 'none'}"))
            raise UsageError(problem("notice_not_struck", code=parcel, state=state))
        if gone.is_empty():
            raise UsageError(problem("notice_nobody"))
        mine = gone
    gathering = _Gathering(county, book, everyone, day)
    with messages.speaking("zh"):
        return tuple(gathering.paper(row) for row in mine.iter_rows(named=True))


class _Gathering:
    """What several papers rest on, read once."""

    def __init__(self, county: CountyFile, book: Book, everyone: pl.DataFrame, day: date | None) -> None:
        self.county, self.book = county, book
        self.standing = {r["parcel"]: r for r in book.standing(day).parcels.iter_rows(named=True)}
        self.steps = book.steps(day)
        self.firms = {r["subject"]: r for r in everyone.filter(pl.col("kind") == "enterprise").iter_rows(named=True)}
        roll = current_table(county, "enterprises").sort("year")
        self.names: dict[str, str] = dict(roll.select("credit_code", "name").iter_rows())
        register = current_table(county, "parcels").drop("geometry")
        self.register = {r["parcel"]: r for r in register.iter_rows(named=True)}

    def paper(self, row: Mapping[str, Any]) -> ParcelPaper:
        """One paper; `row` as in `TRACK_SCHEMA`."""
        parcel, number = row["subject"], row["list"]
        ruleset = self.book.rules_of(number)
        rules = ruleset.rectification
        assert rules is not None
        full = shows_persons(ruleset)

        def named(name: str | None, code: str | None) -> str:
            return (name or code or "") if full else public_name(name or code or "", code)

        standing = self.standing[parcel]
        listed = [self.firms[c] for c in standing["listed"] if c in self.firms]
        lately = this_round(self.steps.get(("parcel", parcel), ()))
        accepted = next((s.event for s in reversed(lately) if s.event.action == "accept"), None)
        gone = next((s.event for s in reversed(lately) if s.event.action == "strike_off"), None)
        document = next(d for d in self.book.documents if d.number == number)
        on_record = self.register.get(parcel, {})
        grounds, freed = _grounds(document, parcel)
        frees = [freed] if freed is not None else [f["expected_land_mu"] for f in listed]
        expected = [land for land in frees if land is not None]
        others = [c for c in (*standing["listed"], *standing["others"]) if c not in self.firms]
        problems = problems_on(self.county, parcel, [*standing["listed"], *standing["others"]])
        department = row["department"] or ""
        return ParcelPaper(
            parcel=parcel,
            holder=named(row["name"], None),
            township=row["township"] or "",
            area_mu=row["land_mu"],
            title=on_record.get("title") or "",
            title_number=on_record.get("title_number") or "",
            address=on_record.get("address") or "",
            promised=_promised(on_record),
            list_title=document.title,
            list_document=document.document,
            list_day=document.issued_on,
            path=row["path"] or "",
            way=row["accepted_way"] or row["way"] or "",
            deadline=row["deadline"],
            department=department,
            state=messages.text(messages.key(f"state_{row['state'] or 'none'}")),
            expected_land_mu=sum(expected, Decimal(0)) if expected else None,
            firms=[
                (
                    named(f["name"], f["subject"]), f["path"] or "",
                    messages.text(messages.key(f"state_{f['state'] or 'none'}")), f["expected_land_mu"],
                )
                for f in listed
            ],
            others=[named(self.names.get(c), c) for c in others],
            grounds=grounds,
            problems=problem_lines(problems),
            measures=measures_of(lately, department, problems),
            signing=office_name(row["township"]),
            evidence=rules.exit.evidence_for(row["path"]) if rules.exit is not None else (),
            watch_months=rules.watch.months if rules.watch is not None else 12,
            course=[
                (
                    s.event.on, messages.text(messages.key(f"action_{s.event.action}")), s.event.document,
                    masked(s.event.note),
                )
                for s in lately
            ],
            accepted_on=accepted.on if accepted else None,
            accepted_document=accepted.document if accepted else "",
            verified_land_mu=row["verified_land_mu"],
            struck_on=gone.on if gone else None,
            struck_document=gone.document if gone else "",
            watch_until=row["watch_until"],
        )  # fmt: skip


def _grounds(listed: ListDocument, parcel: str) -> tuple[list[str], Decimal | None]:
    """Why a parcel was listed that its list lists itself, with the figures, and the land that it is to free."""
    rows = listed.tables.get("reasons")
    mine = rows.filter(pl.col("parcel") == parcel) if rows is not None else None
    if mine is None or mine.is_empty():
        return [], None
    figures = [
        f"{r['label']} {short_value(r['value'])}{r['unit']}"
        for r in listed.tables["triggers"].filter(pl.col("credit_code") == parcel).iter_rows(named=True)
    ]
    figures_shown = "、".join(dict.fromkeys(figures))
    row = mine.row(0, named=True)
    return [f"{row['reason_text']}（{figures_shown}）" if figures_shown else row["reason_text"]], row[
        "expected_land_mu"
    ]


def short_value(value: str | None) -> str:
    """A value as a paper needs it: a number at four decimals.

    >>> short_value("26.800621624113"), short_value("规下"), short_value(None)
    ('26.8006', '规下', '—')
    """
    if value is None:
        return "—"
    whole, point, decimals = value.removeprefix("-").partition(".")
    if not (whole.isdigit() and decimals.isdigit() and point):
        return value
    short = format(round_decimal(Decimal(value), 4), "f")
    return short.rstrip("0").rstrip(".")


def _promised(record: Mapping[str, Any]) -> str:
    """What was promised of a piece of 标准地, in words."""
    if record.get("standard_land") != "是":
        return ""
    amounts = (
        ("promised_tax_per_mu", "亩均税收 {} 万元/亩"), ("promised_investment_per_mu", "亩均投资 {} 万元/亩"),
        ("promised_floor_ratio", "容积率 {}"), ("contract_start_on", "{} 前开工"), ("contract_finish_on", "{} 前竣工"),
        ("contract_production_on", "{} 前投产"),
    )  # fmt: skip
    told = [words.format(messages.show(record[name])) for name, words in amounts if record.get(name) is not None]
    return "，".join(told)


def problems_on(county: CountyFile, parcel: str | None, codes: Sequence[str]) -> pl.DataFrame:
    """The problems of a parcel and of firms, oldest first, with `state`; those withdrawn are none."""
    rows = current_table(county, "problems").with_columns(problem_state().alias("state"))
    rows = rows.filter(pl.col("state") != "withdrawn")
    here = pl.lit(value=False) if parcel is None else (pl.col("parcel") == parcel).fill_null(value=False)
    mine = rows.filter(here | pl.col("credit_code").is_in(list(codes)).fill_null(value=False))
    return mine.sort("found_on", "problem", nulls_last=True)


def problem_lines(problems: pl.DataFrame) -> list[tuple[str, str, str, date | None, str]]:
    """Problems as papers list them: the language in force says the state."""
    return [
        (kind, text or "", office or "", until, messages.text(messages.key(f"problem_state_{state}")))
        for kind, text, office, until, state in problems.select(
            "problem_kind", "problem_text", "handled_by", "order_deadline", "state"
        ).iter_rows()
    ]
