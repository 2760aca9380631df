"""Papers about one parcel each: the plan (一地一策) and the strike-off notice (地块销号通知); as pages that print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.reports.drawing.page import page
from mujun.reports.rectification.firm_papers import Measure


@dataclass(frozen=True)
class ParcelPaper:
    """What is known of one parcel on the list.

    Attributes:
        parcel, holder, township, area_mu, title: which it is.
        list_title, list_document, list_day: the list it is on.
        path, deadline, department, state: how, until when and by whom it is seen to, and where it stands; `way` within
            the path.
        measures: what is to be done, by day.
        signing: the township that signs.
        title_number, address, promised: its certificate, where it lies, what was promised of it as 标准地.
        expected_land_mu: what its listed firms are expected to free.
        firms: name, path, state and expected land of each listed firm on it.
        others: the names of the firms on it that are on no list.
        grounds: why it was listed, where its list lists parcels themselves.
        problems: kind, what it is, department, deadline and state of each problem of the parcel and its firms.
        evidence: what has to be shown.
        watch_months: how long it is watched afterwards.
        course: day, what happened, document and note of everything so far.
        accepted_on, accepted_document, verified_land_mu, struck_on, struck_document, watch_until: how it ended.
    """

    parcel: str
    holder: str
    township: str
    area_mu: Decimal | None
    title: str
    list_title: str
    list_document: str
    list_day: date
    path: str
    deadline: date | None
    department: str
    state: str
    expected_land_mu: Decimal | None
    firms: Sequence[tuple[str, str, str, Decimal | None]]
    others: Sequence[str]
    problems: Sequence[tuple[str, str, str, date | None, str]]
    evidence: Sequence[str]
    watch_months: int
    course: Sequence[tuple[date, str, str, str]] = field(default=(), repr=False)
    accepted_on: date | None = None
    accepted_document: str = ""
    verified_land_mu: Decimal | None = None
    struck_on: date | None = None
    struck_document: str = ""
    watch_until: date | None = None
    way: str = ""
    measures: Sequence[Measure] = ()
    signing: str = ""
    title_number: str = ""
    address: str = ""
    promised: str = ""
    grounds: Sequence[str] = ()

    @property
    def copies(self) -> tuple[str, ...]:
        """Who gets a copy of the notice."""
        names = (name for name, _, _, _ in self.firms)
        return tuple(dict.fromkeys(t for t in ("自然资源局", self.department or self.signing, *names) if t))


def parcel_plans_html(parcels: Sequence[ParcelPaper]) -> str:
    """One page per parcel: what is known, and room for what is to be done."""
    return page("parcel_plan.html", "低效工业用地整治方案（一地一策）", parcels=parcels)


def parcel_notices_html(parcels: Sequence[ParcelPaper]) -> str:
    """One strike-off notice per parcel; each of them has been struck off."""
    return page("parcel_strike_off.html", "低效工业用地整治销号通知", parcels=parcels)
