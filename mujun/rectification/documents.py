"""The list as a document: what is frozen when it is issued, what an amendment changes, and what stands on a day.

A list document holds two lists that are joined many to many: enterprises, and the parcels they stand on. Nothing here
reads a store; documents come in as plain values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.rating.digest import digest_of
from mujun.rectification.result import AMOUNT, Listing
from mujun.rectification.states import Action, State
from mujun.rules.rectification_plan import ENERGY_YEARS

FIRM_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "name": pl.String(),
    "township": pl.String(),
    "park": pl.String(),
    "industry": pl.String(),
    "scale": pl.String(),
    "land_mu": pl.Decimal(18, 6),
    "tax_per_mu": pl.Float64(),
    "va_per_tce": pl.Float64(),
    "tier": pl.String(),
    "score": AMOUNT,
    "reasons": pl.List(pl.String()),
    "reason_text": pl.String(),
    "path": pl.String(),
    "deadline": pl.Date(),
    "department": pl.String(),
    "expected_land_mu": AMOUNT,
    "expected_energy_tce": AMOUNT,
    "energy_base_tce": pl.Decimal(18, 6),
    "parcels": pl.List(pl.String()),
    "entry": pl.String(),
}
"""An enterprise of a list. `energy_base_tce` is the largest yearly energy of up to three years, on the basis on which
freed energy is counted: no enterprise frees more. `entry`: `new`, `carried` (on an earlier list and not done),
`relisted` (relapsed)."""

PARCEL_SCHEMA: dict[str, pl.DataType] = {
    "parcel": pl.String(),
    "holder": pl.String(),
    "township": pl.String(),
    "park": pl.String(),
    "industry": pl.String(),
    "scale": pl.String(),
    "tier": pl.String(),
    "area_mu": pl.Decimal(18, 6),
    "path": pl.String(),
    "deadline": pl.Date(),
    "department": pl.String(),
    "listed": pl.List(pl.String()),
    "others": pl.List(pl.String()),
    "entry": pl.String(),
}
"""A parcel of a list: `listed` and `others` are the credit codes of those on it that are on the list, and are not.

Township, park, industry, scale and tier are those of the listed enterprise with most land, so that groups add up.
"""

CHANGE_SCHEMA: dict[str, pl.DataType] = {
    "change": pl.String(),
    "kind": pl.String(),
    "subject": pl.String(),
    "name": pl.String(),
    "field": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
"""What an amendment does: `add`, `remove`, or `correct` one field of one subject."""

CORRECTABLE: dict[str, str] = {
    "path": "整治方式", "deadline": "完成时限", "department": "责任单位", "name": "企业名称", "township": "镇街",
    "expected_land_mu": "预计腾出用地", "expected_energy_tce": "预计腾出用能",
    "verified_land_mu": "核实腾出用地", "verified_energy_tce": "核实腾出用能",
}  # fmt: skip
"""The fields of a listed enterprise that an amendment may correct, and what the list calls them."""

CORRECTABLE_OF_PARCEL: tuple[str, ...] = ("path", "deadline", "department", "verified_land_mu")

VERIFIED: tuple[str, ...] = ("verified_land_mu", "verified_energy_tce")
"""Figures of an acceptance: an amendment corrects them, the striking off stays."""

Entry = Literal["new", "carried", "relisted"]

_OPEN: tuple[State, ...] = ("listed", "planned", "in_progress", "reported_done", "returned")
_DONE: tuple[State, ...] = ("accepted", "off_list", "watched")


@dataclass(frozen=True)
class Frozen:
    """A list or an amendment as it was issued: its head and its tables."""

    number: int
    year: int
    kind: Literal["list", "amendment"]
    amends: int | None
    title: str
    document: str
    issued_on: date
    tables: Mapping[str, pl.DataFrame] = field(repr=False)

    @property
    def list_number(self) -> int:
        """The list it is, or is an amendment to."""
        return self.number if self.amends is None else self.amends


def office_name(township: str | None) -> str:
    """What `office_of` gives, of one township.

    >>> office_name("甘霖镇"), office_name("剡湖街道"), office_name(None)
    ('甘霖镇人民政府', '剡湖街道办事处', '')
    """
    if not township:
        return ""
    return str(pl.DataFrame({"t": [township]}).select(office_of(pl.col("t"))).item())


def office_of(township: pl.Expr) -> pl.Expr:
    """The government of a township: 街道 have an office, 镇 and 乡 a people's government."""
    return (
        pl.when(township.str.ends_with("街道"))
        .then(township + "办事处")
        .when(township.str.contains("[镇乡]$"))
        .then(township + "人民政府")
        .otherwise(township)
    )


# ------------------------------------------------------------------------------------------------------------- issuing


def firm_rows(listing: Listing, frame: pl.DataFrame, ratios: pl.DataFrame) -> pl.DataFrame:
    """The enterprises of a listing as a document keeps them, in the listing's order; `entry` is still missing.

    Args:
        listing: who is listed.
        frame: the frame it was made from.
        ratios: `credit_code, tax_per_mu, va_per_tce` as the rules have them.
    """
    basis = "energy_tce_calorific" if listing.energy_basis == "calorific" else "energy_tce"
    years = [basis + n.removeprefix("energy_tce") for n in ENERGY_YEARS]
    base = [pl.col(n).cast(pl.Decimal(18, 6)) for n in years if n in frame.columns]
    parcels = pl.col("parcels") if "parcels" in frame.columns else pl.lit([], dtype=pl.List(pl.String))
    more = frame.select(
        "credit_code",
        (pl.max_horizontal(base) if base else pl.lit(None, dtype=pl.Decimal(18, 6))).alias("energy_base_tce"),
        parcels.fill_null([]).list.drop_nulls().list.unique().list.sort().alias("parcels"),
        (pl.col("park") if "park" in frame.columns else pl.lit(None, dtype=pl.String)).alias("park"),
    )
    rows = listing.rectification.join(more, on="credit_code", how="left", maintain_order="left")
    rows = rows.join(ratios, on="credit_code", how="left", maintain_order="left")
    return rows.with_columns(
        office_of(pl.col("township")).alias("department"), pl.lit(None, dtype=pl.String).alias("entry")
    ).select(pl.col(n).cast(t) for n, t in FIRM_SCHEMA.items())


def parcel_rows(firms: pl.DataFrame, frame: pl.DataFrame, parcels: pl.DataFrame) -> pl.DataFrame:
    """The parcels on which listed enterprises stand, sorted by number; `entry` is still missing.

    The path proposed for a parcel is that of its listed enterprises where they have one and the same, else it is left
    open; the deadline is the latest of theirs. Township, park, industry, scale and tier are those of the listed
    enterprise with most land.

    Args:
        firms: as `firm_rows` gives.
        frame: the frame, for the others that stand on a parcel.
        parcels: the `parcels` table: `parcel, holder, area_mu`.
    """
    if "parcels" not in frame.columns or firms.is_empty():
        return pl.DataFrame(schema=PARCEL_SCHEMA)
    on_it = frame.select("credit_code", pl.col("parcels").fill_null([]).list.unique().alias("parcel")).explode("parcel")
    on_it = on_it.drop_nulls("parcel")
    lead = ("township", "park", "industry", "scale", "tier")
    wanted = firms.select("credit_code", pl.col("parcels").alias("parcel"), *lead, "land_mu", "path", "deadline")
    wanted = wanted.explode("parcel").drop_nulls("parcel").sort("credit_code")
    joined = wanted.sort(["land_mu", "credit_code"], descending=[True, False], nulls_last=True)
    rows = joined.group_by("parcel", maintain_order=True).agg(
        pl.col(lead).first(),
        pl.when(pl.col("path").n_unique() == 1).then(pl.col("path").first()).alias("path"),
        pl.col("deadline").max(),
        pl.col("credit_code").sort().alias("listed"),
    )
    listed = firms["credit_code"].implode()
    others = on_it.filter(~pl.col("credit_code").is_in(listed)).group_by("parcel").agg(pl.col("credit_code").sort())
    rows = rows.join(others.rename({"credit_code": "others"}), on="parcel", how="left")
    rows = rows.join(parcels.select("parcel", "holder", "area_mu"), on="parcel", how="left").with_columns(
        pl.col("others").fill_null([]),
        office_of(pl.col("township")).alias("department"),
        pl.lit(None, dtype=pl.String).alias("entry"),
    )
    return rows.sort("parcel").select(pl.col(n).cast(t) for n, t in PARCEL_SCHEMA.items())


@dataclass(frozen=True)
class Entering:
    """How a subject comes onto a list: its entry and the events that go with it, or why it is left out."""

    entry: Entry | None
    actions: tuple[Action, ...] = ()
    dismissed: bool = False
    unverified: bool = False
    done: bool = False


def entering(state: State | None, *, dismissed_on: date | None, data_year: int) -> Entering:
    """What putting a subject onto a list means in the state that it is in.

    Someone whom the township dismissed stays out of the list of that data year; a dismissal of an earlier year does
    not bind. Who has been accepted or struck off is not carried over: he comes back by a relapse only. Who is not
    known yet is screened and verified by the list itself.
    """
    if state in _DONE:
        return Entering(None, done=True)
    if state == "dismissed" and dismissed_on is not None and dismissed_on.year > data_year:
        return Entering(None, dismissed=True)
    if state in _OPEN:
        return Entering("carried")
    if state == "relapsed":
        return Entering("relisted", ("list",))
    if state == "verified":
        return Entering("new", ("list",))
    if state == "screened":
        return Entering("new", ("verify", "list"), unverified=True)
    return Entering("new", ("screen", "verify", "list"))


def digest_of_tables(head: Iterable[object], tables: Mapping[str, pl.DataFrame]) -> str:
    """SHA-256 over the head of a document and every value of its tables."""
    total = hashlib.sha256("\x1e".join(str(h) for h in head).encode())
    for name in sorted(tables):
        total.update(f"\x1d{name}\x1d{digest_of(tables[name])}".encode())
    return total.hexdigest()


# ------------------------------------------------------------------------------------------------------- what stands


@dataclass(frozen=True)
class Standing:
    """What the lists say on a day: one row per enterprise and per parcel, from the newest list that it is on.

    `firms` and `parcels` have the columns of `FIRM_SCHEMA` and `PARCEL_SCHEMA` and `list` (the number of the list),
    `year` (its data year).
    """

    firms: pl.DataFrame = field(repr=False)
    parcels: pl.DataFrame = field(repr=False)


def standing_lists(
    documents: Sequence[Frozen], day: date | None = None, *, only: int | Collection[int] | None = None
) -> Standing:
    """What the documents issued until a day say together.

    Args:
        documents: lists and amendments.
        day: the end of which day; all of them where none is given.
        only: one list with its amendments, or several.
    """
    wanted = (only,) if isinstance(only, int) else only
    issued = [
        d for d in documents if (day is None or d.issued_on <= day) and (wanted is None or d.list_number in wanted)
    ]
    firms: list[pl.DataFrame] = []
    parcels: list[pl.DataFrame] = []
    for listed in sorted((d for d in issued if d.kind == "list"), key=lambda d: (d.issued_on, d.number)):
        changes = sorted((d for d in issued if d.amends == listed.number), key=lambda d: (d.issued_on, d.number))
        one, other = amended(listed, changes)
        mark = (pl.lit(listed.number, dtype=pl.Int32).alias("list"), pl.lit(listed.year, dtype=pl.Int32).alias("year"))
        firms.append(one.with_columns(mark))
        parcels.append(other.with_columns(mark))
    empty = {"list": pl.Int32(), "year": pl.Int32()}
    return Standing(
        _newest(firms, "credit_code", {**FIRM_SCHEMA, **empty}), _newest(parcels, "parcel", {**PARCEL_SCHEMA, **empty})
    )


def _newest(parts: list[pl.DataFrame], key: str, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame(schema=schema)
    return pl.concat(parts).unique(key, keep="last", maintain_order=True)


def amended(listed: Frozen, amendments: Sequence[Frozen]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The enterprises and parcels of a list after its amendments, in their order."""
    firms, parcels = listed.tables["firms"], listed.tables["parcels"]
    for amendment in amendments:
        for change in amendment.tables["changes"].iter_rows(named=True):
            if change["change"] == "add":
                continue
            if change["kind"] == "enterprise":
                firms = _changed(firms, "credit_code", change)
            else:
                parcels = _changed(parcels, "parcel", change)
        firms = pl.concat([firms, amendment.tables["firms"]]).unique("credit_code", keep="last", maintain_order=True)
        parcels = pl.concat([parcels, amendment.tables["parcels"]]).unique("parcel", keep="last", maintain_order=True)
    return firms, parcels


def _changed(rows: pl.DataFrame, key: str, change: Mapping[str, str]) -> pl.DataFrame:
    mine = pl.col(key) == change["subject"]
    if change["change"] == "remove":
        return rows.filter(~mine)
    name = change["field"]
    if name in VERIFIED:
        return rows  # it is no column of the list: `tracking.track` takes it
    value: pl.Expr = pl.lit(as_value(name, change["after"]), dtype=rows.schema[name])
    return rows.with_columns(pl.when(mine).then(value).otherwise(pl.col(name)).alias(name))


def as_value(name: str, text: str) -> str | date | Decimal | None:
    """The text of a correction as the value of its field; empty is missing.

    Raises:
        ValueError: no date, or no number.
    """
    if not text:
        return None
    if name == "deadline":
        return date.fromisoformat(text)
    if name.startswith(("expected_", "verified_")):
        try:
            number = Decimal(text)
        except ArithmeticError as error:
            raise ValueError(text) from error
        if not number.is_finite() or number < 0 or number != round(number, 6):
            raise ValueError(text)
        return number
    return text
