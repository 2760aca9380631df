"""Papers about one enterprise each: the plan (一企一策) and the strike-off notice (销号通知); as pages that print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.reports.drawing.page import page
from mujun.writing import write_text


@dataclass(frozen=True)
class Ground:
    """One reason for being listed: what it says, its condition in words, and the values that met it."""

    reason: str
    condition: str
    values: Sequence[str]


@dataclass(frozen=True)
class OnParcel:
    """A parcel that an enterprise stands on."""

    parcel: str
    area_mu: Decimal | None
    path: str
    others: Sequence[str]


@dataclass(frozen=True)
class Measure:
    """Something to be done: until when, what, and who answers for it."""

    by: date | None
    what: str
    who: str


@dataclass(frozen=True)
class FirmPaper:
    """What is known of one enterprise on the list.

    Attributes:
        name, code, township, park, industry, scale, tier: who it is.
        land_mu, tax_per_mu, va_per_tce: what it was listed with.
        list_title, list_document, list_day: the list it is on.
        path, deadline, department: how, until when, and by whom it is seen to; `way` within the path.
        measures: what is to be done, by day.
        expected_land_mu, expected_energy_tce: what is expected to be freed.
        grounds: why it is listed.
        parcels: where it stands.
        standard, margin: when it is struck off, in words.
        evidence: what has to be shown.
        watch_months: how long it is watched afterwards.
        state: where it stands now.
        course: day, what happened, document and note of everything so far.
        accepted_on, accepted_document, verified_land_mu, verified_energy_tce: its acceptance.
        struck_on, struck_document, watch_until: its striking off.
    """

    name: str
    code: str
    township: str
    park: str
    industry: str
    scale: str
    tier: str
    land_mu: Decimal | None
    tax_per_mu: float | None
    va_per_tce: float | None
    list_title: str
    list_document: str
    list_day: date
    path: str
    deadline: date | None
    department: str
    expected_land_mu: Decimal | None
    expected_energy_tce: Decimal | None
    energy_basis: str
    grounds: Sequence[Ground]
    parcels: Sequence[OnParcel]
    standard: str
    margin: str
    evidence: Sequence[str]
    watch_months: int
    state: str
    course: Sequence[tuple[date, str, str, str]] = field(default=(), repr=False)
    accepted_on: date | None = None
    accepted_document: str = ""
    verified_land_mu: Decimal | None = None
    verified_energy_tce: Decimal | None = None
    struck_on: date | None = None
    struck_document: str = ""
    watch_until: date | None = None
    problems: Sequence[tuple[str, str, str, date | None, str]] = ()
    """Kind, what it is, department, deadline and state of each problem found at the enterprise."""
    way: str = ""
    measures: Sequence[Measure] = ()
    signing: str = ""
    """The township that signs, as it signs: 甘霖镇人民政府."""


def plans_html(firms: Sequence[FirmPaper]) -> str:
    """One page per enterprise: what is known, and room for what is to be done."""
    return page("plan.html", "高耗低效企业整治方案（一企一策）", firms=firms)


def notices_html(firms: Sequence[FirmPaper]) -> str:
    """One strike-off notice per enterprise; each of them has been struck off."""
    assert all(f.struck_on is not None and f.accepted_on is not None for f in firms)
    return page("strike_off.html", "高耗低效整治企业销号通知", firms=firms)


def write_page(path: str | Path, html: str) -> Path:
    """Write a page.

    Raises:
        InputError: the file cannot be written.
    """
    return write_text(path, html)
