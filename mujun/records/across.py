"""What only shows across tables and years: firms without land, rows of nobody, new names, suspected unit slips.

All of it is warnings: the rows are in. A check is silent where what it would compare with has not been loaded at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

import polars as pl

from mujun.fields import TABLES, Field, slip_between, slips_of
from mujun.fields.slips import SLIPS
from mujun.messages import FindingCode, Firm
from mujun.records.finding import Finding, finding_about
from mujun.records.identity import normal_name
from mujun.records.land_findings import land_findings
from mujun.records.roll import firms_with, names_of_others
from mujun.records.shapes import shape_findings
from mujun.records.surveys import about_surveys
from mujun.records.township_spellings import spelled_otherwise
from mujun.records.year_end import YearEnd

OF_FIRMS = ("land", "tax", "energy", "output", "emissions", "water", "extra")
"""Yearly tables whose every row must belong to a firm on the year's roll."""


def check_tables(end: YearEnd, about: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Cross-table findings of a year.

    Args:
        end: the year's records, brought together, and for comparing those of the year before.
        about: the codes of the roll that are looked at, where the tables are those of `Store.about_firm`; all unless
            told.

    Returns:
        Warnings: `both_scales`, `no_land`, `no_enterprise`, `township_spelling`, `name_of_another_in`, `name_changed`,
        `unit_slip`, `shape_area_differs`, `shape_without_record`, `survey_problem`, what `land_findings` says about
        leases and parcels, and what `with_successors` says about codes that changed.
    """
    given, year = end.tables, end.year
    firms = given["enterprises"].filter(pl.col("year") == year)
    before = given["enterprises"].filter(pl.col("year") == year - 1)
    asked = firms if about is None else firms.filter(pl.col("credit_code").is_in(list(about)))
    findings = [*end.findings, *_both_scales(asked), *_names(asked, before)]
    if not given["land"].filter(pl.col("year") == year).is_empty():
        findings += _no_land(asked, end.per_firm)
    if not firms.is_empty():
        for name in OF_FIRMS:
            if not given[name].is_empty():
                findings += _no_enterprise(given[name].filter(pl.col("year") == year), firms, name)
        findings += _townships(firms)
        findings += _names_of_two(given, year)
    findings += _slips(given, year)
    findings += shape_findings(given["parcels"])
    findings += about_surveys(given["surveys"], year)
    return (*findings, *land_findings(end.leases, end.per_firm, year, given["parcels"]))


def _finding(
    code: FindingCode,
    table: str,
    row: Mapping[str, object],
    f: Field,
    value: object = None,
    owner: str = "",
    **values: object,
) -> Finding:
    details = {"label": f.label, **values}
    return finding_about(code, table, row, f.name, value, owner=owner or f.owner, values=details)


# ------------------------------------------------------------------------------------------------------------- the roll


def _both_scales(firms: pl.DataFrame) -> Iterator[Finding]:
    """Firms that two files list, one as 规上 and one as 规下."""
    f = TABLES["enterprises"].by_name["scale"]
    above = (pl.col("scale") == "规上").any().over("credit_code")
    for row in firms.filter(above & (pl.col("scale") == "规下")).iter_rows(named=True):
        yield _finding("both_scales", "enterprises", row, f, row["scale"])


def _names(firms: pl.DataFrame, before: pl.DataFrame) -> Iterator[Finding]:
    """Firms whose name is not last year's; width, brackets and spaces make no difference."""
    f = TABLES["enterprises"].by_name["name"]
    earlier = before.select("credit_code", name_last="name").unique("credit_code", keep="first", maintain_order=True)
    both = firms.join(earlier, on="credit_code", maintain_order="left")
    changed = both.filter(normal_name(pl.col("name")) != normal_name(pl.col("name_last")))
    for row in changed.iter_rows(named=True):
        yield _finding("name_changed", "enterprises", row, f, row["name"], last=row["name_last"])


def _townships(firms: pl.DataFrame) -> Iterator[Finding]:
    """Townships of the year's roll that look like others written otherwise, once each."""
    f = TABLES["enterprises"].by_name["township"]
    located = firms.drop_nulls("township")
    for text, meant in spelled_otherwise(located["township"].to_list()).items():
        of_text = located.filter(pl.col("township") == text)
        row = of_text.row(0, named=True)
        yield _finding("township_spelling", "enterprises", row, f, text, meant=meant, count=of_text.height)


def _names_of_two(given: Mapping[str, pl.DataFrame], year: int) -> Iterator[Finding]:
    """Rows that are in whose code is one firm's of the roll and whose name another's: the roll came later than they."""
    aliases, matches = given["aliases"], given["matches"]
    known = pl.concat([
        given["enterprises"].sort("year", descending=True).select("credit_code", "name"),
        aliases.select(pl.col("successor").alias("credit_code"), "name"),
        aliases.select(pl.col("successor").alias("credit_code"), pl.col("successor_name").alias("name")),
        matches.select("credit_code", pl.col("given_name").alias("name")),
    ]).drop_nulls()  # fmt: skip
    of_year = {n: given[n].filter(pl.col("year") == year) for n in OF_FIRMS}
    firms = firms_with(known)
    if sum(rows.height for rows in of_year.values()) < FEW:
        firms = _spoken_of(firms, pl.concat(rows.select("credit_code", "name") for rows in of_year.values()))
    said = {name: rows.filter(_says_something(name)) for name, rows in of_year.items() if rows.height}
    places = [(name, n) for name, rows in said.items() for n in range(rows.height)]
    if not places:
        return
    claims = pl.concat(rows.select("credit_code", "name") for rows in said.values()).with_row_index("_at")
    for match in names_of_others(claims, firms).iter_rows(named=True):
        name, n = places[match["_at"]]
        row = said[name].row(n, named=True)
        told = {k: match[k] for k in ("own", "other", "theirs")}
        yield _finding("name_of_another_in", name, row, TABLES[name].by_name["name"], row["name"], **told)


def _says_something(table: str) -> pl.Expr:
    """Whether a row has figures; where a person took them out again, nothing is booked on the wrong firm."""
    figures = [f.name for f in TABLES[table].fields if f.name not in ("year", "credit_code", "name")]
    return pl.any_horizontal(pl.col(figures).is_not_null())


FEW = 1000
"""Rows up to which it pays to look for the firms that they speak of first."""


def _spoken_of(firms: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The firms of the roll whose code some rows have, or a name like theirs: nobody else can be confused with them."""
    plain = rows.select(normal_name(pl.col("name")).alias("plain"))["plain"].drop_nulls()
    alike = firms.filter(pl.col("plain").is_in(plain.implode()))["credit_code"]
    return firms.filter(pl.col("credit_code").is_in(pl.concat([alike, rows["credit_code"]]).drop_nulls().implode()))


def _no_land(firms: pl.DataFrame, per_firm: pl.DataFrame) -> Iterator[Finding]:
    """Firms that no land row and no lease speaks of."""
    land = TABLES["land"]
    without = firms.unique("credit_code", keep="first", maintain_order=True).join(
        per_firm.select("credit_code"), on="credit_code", how="anti", maintain_order="left"
    )
    for row in without.iter_rows(named=True):
        yield _finding("no_land", "enterprises", row, land.by_name["area_mu"], owner=land.owner, year=row["year"])


def _no_enterprise(rows: pl.DataFrame, firms: pl.DataFrame, table: str) -> Iterator[Finding]:
    """Rows whose credit code is not on the year's roll: for the office that sent them."""
    f = TABLES[table].by_name["credit_code"]
    nobody = rows.join(firms.select("credit_code").unique(), on="credit_code", how="anti", maintain_order="left")
    for row in nobody.iter_rows(named=True):
        # Whoever sent the row knows whom he meant by the code; the office that gives out codes does not.
        sender, whose = TABLES[table].owner, TABLES[table].label
        told = {"credit_code": Firm(row["credit_code"], row["name"]), "whose": whose, "year": row["year"]}
        yield _finding("no_enterprise", table, row, f, row["credit_code"], owner=sender, **told)


# ----------------------------------------------------------------------------------------------------------- unit slips

COMPARED = ("land", "tax", "energy", "output", "emissions", "water")


def _slips(given: Mapping[str, pl.DataFrame], year: int) -> Iterator[Finding]:
    """Figures that stand to last year's as one unit to another.

    Land is compared by firm, tenure and parcel where every such row is the only one of its kind; sums of rows are not:
    one slip among several rows gives no exact factor.
    """
    for name in COMPARED:
        table = TABLES[name]
        key = ["credit_code", "tenure", "parcel"] if name == "land" else ["credit_code"]
        this, last = (given[name].filter(pl.col("year") == y) for y in (year, year - 1))
        if this.is_empty() or last.is_empty():
            continue
        this, last = (rows.filter(pl.len().over(key) == 1) for rows in (this, last))
        compared = {f.name: slips for f in table.fields if (slips := slips_of(f))}
        pair = this.join(
            last.select(*key, pl.col(list(compared)).name.prefix("_last_")),
            on=key, nulls_equal=True, maintain_order="left",
        )  # fmt: skip
        for f in (f for f in table.fields if f.name in compared):
            # The cheap comparison in floats only picks candidates; the exact one decides.
            for n in _suspected(pair[f.name], pair[f"_last_{f.name}"]):
                row = pair.row(n, named=True)
                earlier = row[f"_last_{f.name}"]
                slipped = slip_between(row[f.name], earlier, compared[f.name])
                if slipped is not None:
                    slip, likely = slipped
                    yield _finding(
                        "unit_slip", name, row, f, _plain(row[f.name]),
                        last=earlier, likely=likely, unit=f.unit, units=slip.units,
                    )  # fmt: skip


def _suspected(this: pl.Series, last: pl.Series) -> list[int]:
    """Rows whose figure is as many times last year's as the least slip makes it, or a part; neither is zero."""
    # Series by series: expressions for every field took longer to write than a firm's figures to compare.
    times = this.cast(pl.Float64) / last.cast(pl.Float64)
    far = ((times >= _LEAST) & (times < float("inf"))) | ((times <= 1 / _LEAST) & (times > 0))
    return far.arg_true().to_list()


_LEAST = 0.999 * float(min(slip.factor / slip.within for slips in SLIPS.values() for slip in slips))
"""How many times a figure is another one at least where a slip may explain it."""


def _plain(value: Decimal) -> str:
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
