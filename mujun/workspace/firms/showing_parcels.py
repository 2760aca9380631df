"""一码管地: everything on record about one parcel, and what the firms on it yield per mu as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import polars as pl

from mujun.errors import UsageError, problem
from mujun.messages import Guesses
from mujun.numbers import at12_number
from mujun.records import Finding, YearEnd, check_tables
from mujun.records.identity import normal_code
from mujun.records.leases import OWNED, RENTED_IN, RENTED_OUT
from mujun.reports.firms.card import Card, Section
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.firms.showing import LOOP, PROBLEMS, loop_of, problems_of
from mujun.workspace.runs.kept import kept_runs, runs_of_year
from mujun.workspace.runs.past import united

POOLED: Mapping[str, str] = {"tax_paid": "tax", "value_added": "output", "energy_tce": "energy"}
"""The quantities that are pooled over the firms of a parcel, and the table of each."""


def parcel_card(county: CountyFile, asked: str) -> Card:
    """All that is on record about a parcel.

    Args:
        asked: the parcel's number.

    Returns:
        The card: its title, who is on it in each year with the area and the role, what these firms yield together,
        findings about it and what was changed. Tax, value added and energy are the firms' own, whole; they are
        divided by all the land these firms stand on (net, in 亩), so that a firm on several parcels is not cut up.
        `elsewhere` says which of them stand on other parcels too.

    Raises:
        UsageError: no record speaks of such a parcel, with the nearest.
    """
    with Store.open(county.path) as store:
        tables = store.tables()
        parcel = _known(tables, asked)
        title = store.origin("parcels", parcel).filter(pl.col("batch").is_not_null(), pl.col("field") != "geometry")
        changed = store.changes("parcels", parcel)
        years = sorted(tables["land"]["year"].unique().to_list(), reverse=True)
        tiers = tiers_of(county)
        findings, firms = list[Finding](), list[dict[str, object]]()
        for year in years:
            end = YearEnd.of(tables, year)
            findings += store.located([f for f in check_tables(end) if parcel in f.what or f.value == parcel])
            firms += _firms(end, parcel, tiers)
    record = tables["parcels"].filter(normal_code(pl.col("parcel")) == parcel)
    facts = record.drop("geometry").row(0, named=True) if record.height else {"parcel": parcel}
    holder = facts.get("holder")
    sections = (
        Section("title", ("field", "value", "place"), tuple(title.to_dicts())),
        Section(
            "benefit",
            ("year", "firms", "land_mu", "tax_paid", "tax_per_mu", "value_added", "value_added_per_mu", "energy_tce",
             "energy_tce_per_mu", "elsewhere"),
            tuple(_benefit(firms)),
        ),
        Section(
            "firms",
            ("credit_code", "name", "owned_mu", "rented_in_mu", "rented_out_mu", "land_mu", "scale", "tier", "tax_paid",
             "value_added", "energy_tce", "other_parcels"),
            tuple(firms),
            by="year",
        ),
        Section("loop", LOOP, loop_of(county, "parcel", parcel)),
        Section("problems", PROBLEMS, _problems(tables["problems"], parcel, firms)),
        Section("parcel_surveys", VISITED, _visits(tables["parcel_surveys"], parcel)),
        Section("surveys", SURVEYED, _surveys(tables["surveys"], firms)),
        Section(
            "findings",
            ("severity", "year", "field", "value", "what", "place"),
            tuple(
                {c: getattr(f, c) for c in ("severity", "code", "year", "field", "value", "what", "remedy")}
                | {"batch": "—", "file": f.file, "sheet": f.sheet, "row": f.row}
                for f in findings
            ),
        ),
        Section("changes", ("field", "old", "new", "reason", "document", "loaded_at", "place"),
                tuple(changed.to_dicts())),
    )  # fmt: skip
    shown = {k: v for k, v in facts.items() if not k.startswith("_")}
    return Card("parcel", parcel, str(holder) if holder else "", shown, sections)


SURVEYED: tuple[str, ...] = (
    "credit_code", "name", "year", "surveyed_mu", "operation", "proposed_path", "remark", "verified_by", "verified_on",
)  # fmt: skip


VISITED: tuple[str, ...] = (
    "year", "surveyed_area_mu", "use_state", "proposed_path", "remark", "verified_by", "verified_on",
)  # fmt: skip


def _visits(visits: pl.DataFrame, parcel: str) -> tuple[dict[str, object], ...]:
    """The visits of the parcel itself, newest first."""
    mine = visits.filter(pl.col("parcel") == parcel).sort("year", descending=True)
    return tuple(mine.select(VISITED).to_dicts())


def _problems(
    problems: pl.DataFrame, parcel: str, firms: Sequence[Mapping[str, object]]
) -> tuple[dict[str, object], ...]:
    """The problems of the parcel itself, then those of the firms on it."""
    codes = sorted({str(f["credit_code"]) for f in firms})
    return (*problems_of(problems, "parcel", [parcel]), *problems_of(problems, "credit_code", codes))


def _surveys(surveys: pl.DataFrame, firms: Sequence[Mapping[str, object]]) -> tuple[dict[str, object], ...]:
    """The surveys of the firms on a parcel, newest first."""
    codes = sorted({str(f["credit_code"]) for f in firms})
    mine = surveys.filter(pl.col("credit_code").is_in(codes)).sort("year", "credit_code", descending=[True, False])
    return tuple(mine.select(SURVEYED).to_dicts())


def _known(tables: Mapping[str, pl.DataFrame], asked: str) -> str:
    """The parcel that is meant."""
    from rapidfuzz import fuzz, process

    every = pl.concat([tables[n].select(normal_code(pl.col("parcel"))) for n in ("parcels", "land")])
    known = every["parcel"].drop_nulls().unique().sort().to_list()
    word = str(pl.DataFrame({"p": [asked]}).select(normal_code(pl.col("p"))).item())
    if word in known:
        return word
    near = [parcel for parcel, _, _ in process.extract(word, known, scorer=fuzz.ratio, limit=3, score_cutoff=60)]
    raise UsageError(problem("parcel_unknown", parcel=asked, near=Guesses(near)))


def tiers_of(county: CountyFile) -> dict[tuple[int, str], str]:
    """The tier of every firm in each year's result."""
    tiers: dict[tuple[int, str], str] = {}
    for year in kept_runs(county)["year"].unique().to_list():
        rows, _ = united(county, runs_of_year(county, year), "ratings")
        tiers |= {(year, c): t for c, t in rows.select("credit_code", "tier").iter_rows() if t is not None}
    return tiers


def _firms(end: YearEnd, parcel: str, tiers: Mapping[tuple[int, str], str]) -> Iterator[dict[str, object]]:
    """Who is on a parcel in a year: holders, tenants and landlords by their own rows and by each other's leases."""
    tables, year, leases = end.tables, end.year, end.leases
    here = end.per_firm.filter(pl.col("parcels").list.contains(parcel)).sort("credit_code")
    on_it = leases.rows.filter(pl.col("parcel") == parcel)
    for row in here.iter_rows(named=True):
        code = row["credit_code"]
        roll = tables["enterprises"].filter(pl.col("credit_code") == code, pl.col("year") == year)
        firm = roll.row(0, named=True) if roll.height else {}
        of_firm = on_it.filter(pl.col("credit_code") == code)
        yield {
            "year": year,
            "credit_code": code,
            "name": firm.get("name") or of_firm["name"].drop_nulls().first(),
            "owned_mu": _area(of_firm.filter(pl.col("tenure") == OWNED)),
            "rented_in_mu": _leased(on_it, code, RENTED_IN, RENTED_OUT),
            "rented_out_mu": _leased(on_it, code, RENTED_OUT, RENTED_IN),
            "land_mu": row["land_mu"],
            "scale": firm.get("scale"),
            "tier": tiers.get((year, code)),
            **{f: _figure(tables[t], code, year, f) for f, t in POOLED.items()},
            "other_parcels": [p for p in row["parcels"] if p != parcel] or None,
        }


def _leased(on_it: pl.DataFrame, code: str, tenure: str, others_tenure: str) -> Decimal | None:
    """What a firm lets or rents on the parcel: by the landlords' rows, else by the tenants'."""
    mine = on_it.filter(pl.col("credit_code") == code, pl.col("tenure") == tenure)
    theirs = on_it.filter(pl.col("partner") == code, pl.col("tenure") == others_tenure)
    first, second = (mine, theirs) if tenure == RENTED_OUT else (theirs, mine)
    return _area(first) if first.height else _area(second)


def _area(rows: pl.DataFrame) -> Decimal | None:
    total = rows["area_mu"].sum() if rows.height else None
    return total if isinstance(total, Decimal) else None


def _figure(rows: pl.DataFrame, code: str, year: int, field: str) -> Decimal | None:
    values = rows.filter(pl.col("credit_code") == code, pl.col("year") == year)[field]
    value = values[0] if values.len() else None
    return value if isinstance(value, Decimal) else None


def _benefit(firms: Sequence[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    """The firms of each year together: exact sums, and each per mu of all the land they stand on."""
    for year in sorted({int(str(f["year"])) for f in firms}, reverse=True):
        of_year = [f for f in firms if f["year"] == year]
        land = _sum(of_year, "land_mu") or Decimal(0)
        row: dict[str, object] = {"year": year, "firms": len(of_year), "land_mu": land}
        for name in POOLED:
            total = _sum(of_year, name)
            row[name] = total
            row[f"{name.removesuffix('_paid')}_per_mu"] = _per(total, land)
            row[f"{name}_missing"] = sum(f[name] is None for f in of_year)
        row["elsewhere"] = sum(bool(f["other_parcels"]) for f in of_year)
        yield row


def _sum(rows: Sequence[Mapping[str, object]], name: str) -> Decimal | None:
    """The exact sum of what there is; missing where nobody has it, as the dictionary adds up."""
    values = [v for r in rows if isinstance(v := r[name], Decimal)]
    return sum(values, Decimal(0)) if values else None


def _per(total: Decimal | None, land: Decimal) -> float | None:
    """A ratio as the ratings take it: missing where there is no land."""
    if total is None or land <= 0:
        return None
    return at12_number(float(total) / float(land))
