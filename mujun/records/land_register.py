"""The land register of a year: every firm with what it stands on, every lease with what both sides say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field, replace

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields.tenure import tenure_of
from mujun.notebooks import InNotebooks
from mujun.numbers import QUANTITY
from mujun.records.finding import Finding
from mujun.records.identity import normal_code
from mujun.records.land import LAND_SCHEMA, land_per_firm
from mujun.records.land_findings import QUIET, Rows, by_place, land_findings, party_findings, rows_of
from mujun.records.leases import PLACE, RENTED_IN, Leases, leases_of

PLACE_COLUMNS = list(PLACE)


@dataclass(frozen=True)
class LandRegister(InNotebooks):
    """The land of a year.

    Attributes:
        year: the data year.
        firms: a row per firm on the roll or with land: `credit_code, name, township, scale, tenure` (of `TENURES`),
            then the columns of `LAND_SCHEMA`, `leases`, `findings`: how many concern it, and whether it is `on_roll`.
            Areas are missing where nobody says anything of its land. Sorted by township and code.
        leases: a row per lease, between firms or with outsiders: `landlord, landlord_name, landlord_township`, the
            same of the tenant, `party` (what the other side is, of `parties.PARTIES`), `parcels`, `area_landlord`,
            `area_tenant` (what each side reports, missing where it reports none), `area_mu` (what counts),
            `difference` (landlord − tenant), `floor_area_m2`, `said_by`, `landlord_rows`, `tenant_rows`.
        rows: the land rows as reported, with `party` and places.
        findings: all that is doubtful, sorted by place.
    """

    year: int
    firms: pl.DataFrame = field(repr=False)
    leases: pl.DataFrame = field(repr=False)
    rows: pl.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)

    @property
    def kinds(self) -> dict[str, int]:
        """How many findings of each kind: what has to be mended first, then villages and persons."""
        counts = Counter(f.code for f in self.findings)
        return {code: counts[code] for code in sorted(counts, key=lambda code: (code in QUIET, code))}

    @property
    def off_roll(self) -> int:
        """How many of the firms are not on the year's roll: land was reported under their codes."""
        return int((~self.firms["on_roll"]).sum())

    @property
    def townships(self) -> pl.DataFrame:
        """A row per township: how many firms, leases and findings, and the areas; no township comes last."""
        areas = ("owned_mu", "rented_in_mu", "rented_out_mu", "land_mu", "floor_area_m2")
        return (
            self.firms.group_by("township")
            .agg(
                pl.len().alias("firms"),
                *(pl.when(pl.col(a).count() > 0).then(pl.col(a).sum()).cast(QUANTITY).alias(a) for a in areas),
                pl.col("leases").sum(),
                pl.col("findings").sum(),
            )
            .sort("township", nulls_last=True)
        )


def land_register(tables: Mapping[str, pl.DataFrame], year: int) -> LandRegister:
    """The register of a year, from current tables by name.

    Args:
        tables: `land` and `enterprises`, and `parcels` where there are any; with places where they are known.
        year: the data year.

    Raises:
        UsageError: there are no land rows of that year.
    """
    land, roll = tables["land"], tables["enterprises"]
    if not (land["year"] == year).any():
        known = sorted(land["year"].unique().to_list())
        raise UsageError(problem("land_no_rows", year=year, known=known or "—"))
    leases = leases_of(land, roll, year)
    per_firm = land_per_firm(leases).sort("credit_code")
    parcels = tables.get("parcels")
    several = [*land_findings(leases, per_firm, year, parcels), *party_findings(leases, year)]
    findings = tuple(sorted(several, key=by_place))
    who = _who(leases, roll, year)
    every = _every_lease(leases, who)
    on_roll = roll.filter(pl.col("year") == year)["credit_code"]
    firms = _firms(who, per_firm, every, findings).with_columns(
        pl.col("credit_code").is_in(on_roll.implode()).alias("on_roll")
    )
    return LandRegister(year, firms, every, leases.rows, findings)


def of_township(register: LandRegister, township: str) -> LandRegister:
    """The part of a register that concerns a township's firms.

    Raises:
        UsageError: no firm is in that township.
    """
    known = register.firms["township"].drop_nulls().unique().sort().to_list()
    if township not in known:
        raise UsageError(problem("export_unknown_value", column="township", value=township, known=known or "—"))
    return _of(register, register.firms.filter(pl.col("township") == township)["credit_code"])


def of_firm(register: LandRegister, code: str) -> LandRegister:
    """The part of a register that concerns one firm.

    Raises:
        UsageError: the firm is neither on the roll nor in the land records of the year.
    """
    wanted = pl.select(normal_code(pl.lit(code)).alias("code"))["code"]
    codes = register.firms.filter(normal_code(pl.col("credit_code")) == wanted[0])["credit_code"]
    if codes.is_empty():
        raise UsageError(problem("land_no_such_firm", code=code, year=register.year))
    return _of(register, codes)


def _of(register: LandRegister, codes: pl.Series) -> LandRegister:
    mine = codes.implode()
    either = pl.col("landlord").is_in(mine).fill_null(False) | pl.col("tenant").is_in(mine).fill_null(False)
    speaks = pl.col("credit_code").is_in(mine) | pl.col("partner").is_in(mine).fill_null(False)
    rows = register.rows.filter(speaks)
    inside = set(codes.to_list())
    places = set(rows_of(rows).places)
    return replace(
        register,
        firms=register.firms.filter(pl.col("credit_code").is_in(mine)),
        leases=register.leases.filter(either),
        rows=rows,
        # A finding stands at one firm's row and concerns everybody whose rows it names.
        findings=tuple(f for f in register.findings if f.credit_code in inside or not places.isdisjoint(_named(f))),
    )


def _named(finding: Finding) -> set[tuple[str, str, int]]:
    return {place for v in finding.values.values() if isinstance(v, Rows) for place in v.places}


def _who(leases: Leases, roll: pl.DataFrame, year: int) -> pl.DataFrame:
    """`credit_code, name, scale, township` of everybody on the roll or in the land records."""
    townships = (
        roll.filter(pl.col("year") == year)
        .select("credit_code", "township")
        .sort("credit_code", "township", nulls_last=True)
        .unique("credit_code", keep="first")
    )
    return leases.firms.join(townships, on="credit_code", how="left").sort("credit_code")


def _firms(
    who: pl.DataFrame, per_firm: pl.DataFrame, every: pl.DataFrame, findings: tuple[Finding, ...]
) -> pl.DataFrame:
    sides = pl.concat([every.select(pl.col(s).alias("credit_code")) for s in ("landlord", "tenant")])
    leases = sides.drop_nulls().group_by("credit_code").agg(pl.len().alias("leases"))
    about = pl.DataFrame({"credit_code": [f.credit_code for f in findings]}, schema={"credit_code": pl.String})
    doubts = about.drop_nulls().group_by("credit_code").agg(pl.len().alias("findings"))
    tenure = tenure_of(pl.col("owned_mu"), pl.col("rented_in_mu"))
    joined = who.join(per_firm, on="credit_code", how="left")
    for counts in (leases, doubts):
        joined = joined.join(counts, on="credit_code", how="left")
    return joined.select(
        "credit_code",
        "name",
        "township",
        "scale",
        tenure.alias("tenure"),
        *(c for c in LAND_SCHEMA if c != "credit_code"),
        pl.col("leases").fill_null(0).cast(pl.Int64),
        pl.col("findings").fill_null(0).cast(pl.Int64),
    ).sort("township", "credit_code", nulls_last=True)


def _every_lease(leases: Leases, who: pl.DataFrame) -> pl.DataFrame:
    columns = (
        "landlord", "landlord_said", "tenant", "tenant_said", "party", "parcels", "area_landlord", "area_tenant",
        "area_mu", "floor_area_m2", "said_by", "lines_landlord", "lines_tenant",
    )  # fmt: skip
    no_text = pl.lit(None, dtype=pl.String)
    between = leases.agreed.with_columns(
        pl.lit("firm").alias("party"), no_text.alias("landlord_said"), no_text.alias("tenant_said")
    ).select(columns)
    outside = leases.rows.filter(pl.col("party").is_not_null(), pl.col("partner").is_null())
    rents = pl.col("tenure") == RENTED_IN
    lines = pl.col("line").implode().over("line")
    nobody, nothing = pl.lit([], dtype=pl.List(pl.UInt32)), pl.lit(None, dtype=QUANTITY)
    alone = outside.with_columns(
        pl.when(rents).then(no_text).otherwise("credit_code").alias("landlord"),
        pl.when(rents).then("counterparty").alias("landlord_said"),
        pl.when(rents).then("credit_code").alias("tenant"),
        pl.when(~rents).then("counterparty").alias("tenant_said"),
        pl.concat_list("parcel").list.drop_nulls().alias("parcels"),
        pl.when(rents).then(nothing).otherwise("area_mu").alias("area_landlord"),
        pl.when(rents).then("area_mu").otherwise(nothing).alias("area_tenant"),
        pl.when(rents).then(pl.lit("tenant")).otherwise(pl.lit("landlord")).alias("said_by"),
        pl.when(rents).then(nobody).otherwise(lines).alias("lines_landlord"),
        pl.when(rents).then(lines).otherwise(nobody).alias("lines_tenant"),
    ).select(columns)
    joined = pl.concat([between, alone])
    for side in ("landlord", "tenant"):
        known = who.select(
            pl.col("credit_code").alias(side),
            pl.col("name").alias(f"{side}_name"),
            pl.col("township").alias(f"{side}_township"),
        )
        joined = joined.join(known, on=side, how="left", maintain_order="left").with_columns(
            pl.coalesce(f"{side}_name", f"{side}_said").alias(f"{side}_name"),
            _places(leases, joined[f"lines_{side}"]).alias(f"{side}_rows"),
        )
    return joined.select(
        *(f"{side}{part}" for side in ("landlord", "tenant") for part in ("", "_name", "_township")),
        "party",
        "parcels",
        "area_landlord",
        "area_tenant",
        "area_mu",
        (pl.col("area_landlord") - pl.col("area_tenant")).cast(QUANTITY).alias("difference"),
        "floor_area_m2",
        "said_by",
        "landlord_rows",
        "tenant_rows",
    ).sort("landlord", "landlord_name", "tenant", "tenant_name", "area_mu", "tenant_rows", nulls_last=True)


def _places(leases: Leases, lines: pl.Series) -> pl.Series:
    """Rows as text, per lease; one row is the rule, and then nothing is looked up."""
    by_line = [_place_text(p) for p in leases.rows.select(PLACE_COLUMNS).iter_rows()]
    texts = [by_line[n[0]] if len(n) == 1 else (str(rows_of(leases.rows[list(n)])) if len(n) else None) for n in lines]
    return pl.Series(texts, dtype=pl.String)


def _place_text(place: tuple[str | None, str | None, int | None]) -> str:
    return " ".join(str(p) for p in place if p is not None)
