"""What is doubtful about land: leases that differ, firms on no ground, parcels that do not add up, parties unknown.

Every finding stands at one row and names all the rows involved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import FIELDS, TABLES
from mujun.messages import FindingCode
from mujun.numbers import QUANTITY
from mujun.records.finding import Finding, finding_code
from mujun.records.identity import normal_code, normal_name
from mujun.records.leases import OWNED, PLACE, RENTED_IN, Leases
from mujun.records.parties import DOUBTFUL, PARTIES

TOLERANCE = Decimal("0.01")
"""亩 are written with two decimals: figures closer than this are the same area, written in ㎡ and in 亩."""
# As text: to take over a Decimal, Polars would have NumPy loaded, which takes longer than showing a firm.
_TOLERATED = pl.lit(str(TOLERANCE)).cast(QUANTITY)

ROWS_NAMED = 30
"""Rows that a sentence names one by one; it says how many there are in all."""

QUIET: tuple[str, ...] = tuple(f"party_{kind}" for kind in PARTIES if kind not in DOUBTFUL)
"""Findings that ask nobody to mend anything: villages, public bodies and persons as the other side of leases."""

Row = Mapping[str, object]


@dataclass(frozen=True)
class Rows:
    """The rows that a finding is about, written as file, sheet and row numbers: `用地.xlsx 用地 2、5、8`."""

    places: tuple[tuple[str, str, int], ...]

    def __str__(self) -> str:
        parts = []
        for (file, sheet), rows in groupby(self.places[:ROWS_NAMED], key=lambda p: p[:2]):
            numbers = messages.show([row for *_, row in rows])
            parts.append(" ".join(p for p in (file, sheet, numbers) if p))
        clauses = messages.clauses(parts)
        if len(self.places) > ROWS_NAMED:
            return messages.text("land_rows_more", rows=clauses, count=len(self.places))
        return clauses or "—"


def rows_of(rows: pl.DataFrame) -> Rows:
    """The places of land rows, in order, each once; rows whose file is not known have none."""
    known = rows.filter(pl.col("_row").is_not_null()).select(list(PLACE)).unique().sort(*PLACE, nulls_last=True)
    return Rows(tuple((file or "", sheet or "", row) for file, sheet, row in known.iter_rows()))


def land_findings(
    leases: Leases, per_firm: pl.DataFrame, year: int, parcels: pl.DataFrame | None = None
) -> tuple[Finding, ...]:
    """Leases, firms and parcels that do not add up, sorted by place.

    Args:
        leases: both sides of every lease.
        per_firm: land per firm, as `land_per_firm` gives it.
        year: the data year.
        parcels: rows of the `parcels` table; without it no parcel is added up.
    """
    findings = [
        *_about_leases(leases, year),
        *_about_firms(leases, per_firm, year),
        *(_about_parcels(leases, parcels, year) if parcels is not None else ()),
    ]
    return tuple(sorted(findings, key=by_place))


def by_place(finding: Finding) -> tuple[object, ...]:
    """The order of findings: by file, sheet and row; those without a place last."""
    unknown = finding.row is None
    where = (finding.file or "", finding.sheet or "", finding.row or 0)
    return (unknown, *where, finding.credit_code or "", finding.code, finding.value or "")


def _finding(
    code: FindingCode, year: int, field: str, value: object, row: Row, side: str = "", **values: object
) -> Finding:
    at = row.get(f"_row{side}")
    return Finding(
        code,
        "warning",
        "land",
        file=_text(row.get(f"_file{side}")),
        sheet=_text(row.get(f"_sheet{side}")),
        row=at if isinstance(at, int) else None,
        year=year,
        credit_code=_text(row["credit_code"]),
        name=_text(row["name"]),
        field=field,
        value=_text(value),
        owner=FIELDS[field].owner or TABLES["land"].owner,
        values=values,
    )


def _text(value: object) -> str | None:
    return None if value is None else messages.show(value)


class _Names:
    """Firms as a sentence calls them."""

    def __init__(self, leases: Leases) -> None:
        self.names: dict[str, str | None] = dict(leases.firms.select("credit_code", "name").iter_rows())

    def of(self, code: str) -> str:
        return f"{self.names[code]}（{code}）" if self.names.get(code) else code


# -------------------------------------------------------------------------------------------------------------- leases


class _Places:
    """Where each row stands, by its line: looked up once, asked for every finding."""

    def __init__(self, leases: Leases) -> None:
        self.of_line: list[tuple[str | None, str | None, int | None]] = list(
            leases.rows.sort("line").select(list(PLACE)).iter_rows()
        )

    def of(self, lines: Iterable[int]) -> Rows:
        known = {(f or "", s or "", row) for f, s, row in (self.of_line[n] for n in lines) if row is not None}
        return Rows(tuple(sorted(known)))


def _about_leases(leases: Leases, year: int) -> Iterator[Finding]:
    firms, places = _Names(leases), _Places(leases)
    apart = (pl.col("area_landlord") - pl.col("area_tenant")).abs() >= _TOLERATED
    for lease in leases.agreed.filter(apart).iter_rows(named=True):
        # The tenant's figure is the one that gives way, so the tenant's row is the one pointed at.
        who = {**lease, "credit_code": lease["tenant"], "name": firms.names.get(lease["tenant"])}
        yield _finding(
            "lease_differs", year, "area_mu", lease["area_tenant"], who, "_tenant",
            landlord=firms.of(lease["landlord"]), landlord_area=lease["area_landlord"],
            landlord_rows=places.of(lease["lines_landlord"]),
            tenant=firms.of(lease["tenant"]), tenant_area=lease["area_tenant"],
            tenant_rows=places.of(lease["lines_tenant"]),
        )  # fmt: skip
    for lease in leases.agreed.filter(pl.col("said_by") != "both").iter_rows(named=True):
        side, other = ("landlord", "tenant") if lease["said_by"] == "landlord" else ("tenant", "landlord")
        who = {**lease, "credit_code": lease[side], "name": firms.names.get(lease[side])}
        yield _finding(
            "lease_one_sided", year, "counterparty", lease[other], who, f"_{side}",
            reporter=firms.of(lease[side]), other=firms.of(lease[other]), area=lease["area_mu"],
            role=messages.Word(messages.key(f"land_role_{side}")), rows=places.of(lease[f"lines_{side}"]),
        )  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- firms


def _about_firms(leases: Leases, per_firm: pl.DataFrame, year: int) -> Iterator[Finding]:
    doubtful = per_firm.filter(pl.col("land_mu") <= 0)
    if doubtful.is_empty():
        return
    about = _rows_about(leases, doubtful["credit_code"]).partition_by("_about", as_dict=True)
    places = _Places(leases)
    named = doubtful.join(leases.firms.select("credit_code", "name"), on="credit_code", how="left")
    for firm in named.sort("credit_code").iter_rows(named=True):
        rows = about[(firm["credit_code"],)]
        # Its own first row, else the row of whoever names it.
        first = rows.sort(pl.col("credit_code") != firm["credit_code"], "line").row(0, named=True)
        who = {**first, "credit_code": firm["credit_code"], "name": firm["name"]}
        holds, out = firm["owned_mu"] + firm["rented_in_mu"], firm["rented_out_mu"]
        if holds == 0 and out > 0:
            # That the net is below zero follows from it and need not be said again.
            yield _finding(
                "lets_without_holding", year, "rented_out_mu", out, who, rented_out=out, rows=places.of(rows["line"])
            )  # fmt: skip
        else:
            yield _finding(
                "net_land_not_positive", year, "land_mu", firm["land_mu"], who, net=firm["land_mu"],
                owned=firm["owned_mu"], rented_in=firm["rented_in_mu"], rented_out=out, rows=places.of(rows["line"]),
            )  # fmt: skip


def _rows_about(leases: Leases, codes: pl.Series) -> pl.DataFrame:
    """The rows that make up the land of firms, whoever reports them; `_about` is the firm."""
    of_lessor = leases.rows.with_columns(pl.col("credit_code").alias("_about"))
    named = leases.rows.filter(pl.col("partner").is_not_null()).with_columns(pl.col("partner").alias("_about"))
    return pl.concat([of_lessor, named]).filter(pl.col("_about").is_in(codes.implode()))


# ------------------------------------------------------------------------------------------------------------- parcels


def _about_parcels(leases: Leases, parcels: pl.DataFrame, year: int) -> Iterator[Finding]:
    """Parcels whose ground does not add up.

    The ground of a parcel is what firms own on it and what they rent there from whoever is no firm. Where somebody
    owns, it has to be the parcel's area; where all is rented from a village or a person, it may be less: the rest is
    the landlord's, but not more.
    """
    recorded = (
        parcels.select(normal_code(pl.col("parcel")).alias("parcel"), pl.col("area_mu").alias("_recorded"))
        .drop_nulls()
        .filter(pl.len().over("parcel") == 1)
    )
    owned = pl.col("tenure") == OWNED
    from_outside = (pl.col("tenure") == RENTED_IN) & pl.col("partner").is_null() & pl.col("counterparty").is_not_null()
    ground = leases.rows.filter(owned | from_outside).join(recorded, on="parcel", maintain_order="left")
    together = ground.with_columns(
        pl.col("area_mu").filter(owned).sum().over("parcel").cast(QUANTITY).alias("_owned"),
        pl.col("area_mu").filter(~owned).sum().over("parcel").cast(QUANTITY).alias("_rented"),
        owned.any().over("parcel").alias("_has_owner"),
    ).with_columns((pl.col("_owned") + pl.col("_rented")).cast(QUANTITY).alias("_reported"))
    beyond = pl.col("_reported") - pl.col("_recorded")
    wrong = pl.when(pl.col("_has_owner")).then(beyond.abs() >= _TOLERATED).otherwise(beyond >= _TOLERATED)
    places = _Places(leases)
    for _, group in together.filter(wrong).group_by("parcel", maintain_order=True):
        first = group.row(0, named=True)
        yield _finding(
            "parcel_area_differs", year, "area_mu", first["_reported"], first,
            parcel=first["parcel"], parcel_area=first["_recorded"], reported=first["_reported"],
            owned=first["_owned"], rented=first["_rented"], rows=places.of(group["line"]),
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- parties


def party_findings(leases: Leases, year: int) -> tuple[Finding, ...]:
    """Leases whose other side is not a known firm: one finding per party, role and what it is, with all its rows.

    Codes: `party_<kind>` for `self`, `several`, `unlisted`, `unknown`, `unnamed` (somebody has to be asked) and
    `village`, `public`, `person` (nothing wrong, but only one side reports). A row that names nobody is no finding
    where others report at least as much about its firm. Sorted by place.
    """
    unexplained = leases.unexplained.select("credit_code", "role", pl.col("area_mu").alias("_beyond"))
    role = pl.when(pl.col("tenure") == RENTED_IN).then(pl.lit("tenant")).otherwise(pl.lit("landlord"))
    outside = (
        leases.rows.filter(pl.col("party").is_not_null(), pl.col("partner").is_null())
        .with_columns(role.alias("role"), normal_name(pl.col("counterparty")).alias("_who"))
        .join(unexplained, on=("credit_code", "role"), how="left", maintain_order="left")
        .filter((pl.col("party") != "unnamed") | pl.col("_beyond").is_not_null())
    )
    # Who names nobody, himself or a name of several is spoken to alone; of all others each landlord is one.
    alone = pl.when(pl.col("party").is_in(["unnamed", "self"])).then("credit_code").otherwise("_who")
    keyed = outside.with_columns(alone.alias("_key"))
    places = _Places(leases)
    groups = keyed.group_by("party", "role", "_key", maintain_order=True).agg(
        pl.all().first(),
        pl.col("area_mu").sum().alias("_area"),
        pl.col("credit_code").n_unique().alias("_firms"),
        pl.col("line").alias("_lines"),
    )
    findings = [_party(group, places.of(group["_lines"]), year) for group in groups.iter_rows(named=True)]
    return tuple(sorted(findings, key=by_place))


def _party(first: dict[str, Any], rows: Rows, year: int) -> Finding:
    """A finding at a party's first row; `_area`, `_firms` and `rows` are those of all its rows."""
    kind, role = first["party"], first["role"]
    area = first["_beyond"] if kind == "unnamed" else first["_area"]
    return _finding(
        finding_code(f"party_{kind}"), year, "counterparty", first["counterparty"], first,
        reporter=f"{first['name']}（{first['credit_code']}）" if first["name"] else first["credit_code"],
        party=first["counterparty"] or "", area=area, firms=first["_firms"],
        which=messages.Word("land_side_landlord" if role == "tenant" else "land_side_tenant"),
        tenure=first["tenure"], rows=rows,
    )  # fmt: skip


def doubtful_parties(leases: Leases, year: int) -> tuple[Finding, ...]:
    """Those of `party_findings` about which somebody has to be asked."""
    return tuple(f for f in party_findings(leases, year) if f.code not in QUIET)
