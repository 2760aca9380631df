"""The frame: one row per enterprise with everything a rule may look at, put together from all tables.

It is made source by source (`frame_parts`): a year's values, and earlier years', which are the same thing asked for
an earlier year and named `_last`, `_last2`. Which columns there are, and in which order, is the dictionary's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import reduce
from operator import add

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS, LAGS, TABLES, Kind, Table
from mujun.numbers import QUANTITY, plot_ratio
from mujun.records.cells import Parsed, blanks_as_null, choices, dates, halfwidth, quantities, words, years
from mujun.records.finding import Finding, finding_about
from mujun.records.land import land_of
from mujun.records.land_use_tax import land_use_tax_due
from mujun.records.leases import leases_of
from mujun.records.succeeding import with_successors
from mujun.records.succession import succession_at
from mujun.records.surveys import LABEL as HAZARD
from mujun.records.surveys import PROBLEMS, surveyed

YEARLY = ("tax", "energy", "output", "emissions", "water")
"""Tables whose fields go into the frame as they are, besides `enterprises`."""

POLLUTANTS = ("cod_t", "nh3n_t", "so2_t", "nox_t")

HISTORY_YEARS = 10

_TRUE, _FALSE = ("是", "有", "true", "yes", "y", "1", "√", "✓"), ("否", "没有", "false", "no", "n", "0", "×")


def build_frame(
    tables: Mapping[str, pl.DataFrame], year: int, *, extra: Mapping[str, Kind] | None = None
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The frame of a year.

    Args:
        tables: current tables by name, rows of all years; one that is absent counts as empty. Results of stored runs
            are to be put into `ratings` by the caller before.
        year: the data year.
        extra: fields of the `extra` table that the rules declare, by name, and what their values are.

    Returns:
        A row per enterprise of the year's `enterprises`, sorted by `credit_code`, with the columns of
        `fields.frame_schema()` and then the extra fields with their earlier years; and a finding for each extra value
        of the year that cannot be read as what it was declared to be (missing in the frame then). What is doubtful
        about land and what contradicts across tables is for `check_tables` to say and not repeated here.

        Missing stays missing, except where the dictionary says otherwise: `labels` and `parcels` are never null and
        tenants are at least 0; so they are for earlier years too, as far as there are land records of that year at all.
        `emissions_t` is the sum of the pollutants reported, missing when none is. `tier_history` begins with last
        year, has null for a year without tier, and ends with the oldest tier known of the last ten years.

    Raises:
        UsageError: an extra field has the name of a column of the frame.

    Records stand under the codes that are right at the end of the year: `aliases` is followed (`with_successors`).
    """
    return whole_frame(frame_parts(tables, year, extra=extra))


@dataclass(frozen=True)
class FramePart:
    """The columns of a frame that one source gives, of all enterprises in its order, and what could not be read."""

    rows: pl.DataFrame
    findings: tuple[Finding, ...] = ()


def frame_parts(
    tables: Mapping[str, pl.DataFrame], year: int, *, extra: Mapping[str, Kind] | None = None
) -> Iterator[FramePart]:
    """The frame of a year, source by source: only one of the tables has to be in memory at a time.

    Args:
        tables, year, extra: as `build_frame` takes them. A table is asked for when its part is made, and is not held on
            to, so that they may be read as they are asked for.

    Yields:
        The parts of the frame, each with other columns; `frame_order` says in which order they stand. The first has
        `credit_code`.

    Raises:
        UsageError: an extra field has the name of a column of the frame.
    """
    wanted = dict(extra or {})
    if taken := [name for name in wanted if name in FRAME_FIELDS]:
        raise UsageError(problem("frame_extra_name_taken", names=taken))
    given = _Given(tables, year)
    for source in _SOURCES:
        yield FramePart(_typed(_with_lags(source(given), year)))
    tiers = _beside(given.codes.lazy(), _tiers(given.table("ratings").lazy(), year)).drop("credit_code")
    yield FramePart(_typed(tiers.with_columns(pl.col("tier_history").fill_null([]))))
    if wanted:
        yield _extra_part(given.table("extra"), given.codes, year, wanted)


def _with_lags(of_year: _OfYear, year: int) -> pl.LazyFrame:
    lagged = (of_year(year - back, True).select(pl.all().name.suffix(suffix)) for suffix, back in LAGS.items())
    return pl.concat([of_year(year, False), *lagged], how="horizontal")


def _typed(part: pl.LazyFrame) -> pl.DataFrame:
    return part.select(pl.col(name).cast(FRAME_FIELDS[name].dtype) for name in part.collect_schema()).collect(
        engine="in-memory"
    )


def whole_frame(parts: Iterable[FramePart]) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """All parts of a frame as one, its columns in order, and what could not be read."""
    several = list(parts)
    frame = pl.concat([part.rows for part in several], how="horizontal")
    return frame.select(frame_order(frame.columns)), tuple(f for part in several for f in part.findings)


def frame_order(columns: Iterable[str]) -> list[str]:
    """The columns of a frame in order: those of the dictionary, then the others as they come."""
    there = list(columns)
    known = set(there)
    return [*(name for name in FRAME_FIELDS if name in known), *(name for name in there if name not in FRAME_FIELDS)]


def values_of_years(tables: Mapping[str, pl.DataFrame], year: int, years: Iterable[int]) -> dict[int, pl.DataFrame]:
    """What was reported of the enterprises of a year in other years, under the codes that are right at its end.

    Args:
        tables: as `build_frame` takes them.
        year: the data year whose enterprises are meant.
        years: the years wanted.

    Returns:
        By year a row per enterprise of `year`, sorted by `credit_code`, with the year's own values as the frame has
        them; of a firm that was not there yet everything is missing.
    """
    given = _Given(tables, year)
    sources = [source(given) for source in _SOURCES]
    return {
        then: pl.concat([given.codes.lazy(), *(of_year(then, True) for of_year in sources)], how="horizontal").collect(
            engine="in-memory"
        )
        for then in years
    }


# --------------------------------------------------------------------------------------------------- values of a year


class _Given:
    """What a year's frame is made of, under the codes that are right at its end; read when it is asked for."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], year: int) -> None:
        self._tables, self.year = tables, year
        self._aliases = self._there("aliases")
        self._succession = succession_at(self._aliases, year) if self._aliases.height else None
        self.codes: pl.DataFrame
        """The enterprises of the year: `credit_code`, sorted; there once the roll was read, which is the first part."""
        self.roll: pl.DataFrame
        """Of every year on the roll what other sources ask of it: `ROLL`."""

    def _there(self, name: str) -> pl.DataFrame:
        table = self._tables.get(name)
        return pl.DataFrame(schema=TABLES[name].schema) if table is None else table

    def table(self, name: str, *beside: str) -> pl.DataFrame:
        """A table as it counts at the end of the year; `beside` are those that say what becomes of its rows."""
        asked = (name, *(beside if self._aliases.height else ()))
        there = {n: self._there(n) for n in asked}
        return with_successors({**there, "aliases": self._aliases}, self.year, self._succession)[0][name]


ROLL = ("year", "credit_code", "name", "scale", "township")

_OfYear = Callable[[int, bool], pl.LazyFrame]
"""The values of a source in a year, without codes; `True` where that is an earlier year than the frame's."""


def _roll(given: _Given) -> _OfYear:
    """The roll, whose enterprises of the year are those of the frame."""
    rows = given.table("enterprises")
    given.codes = rows.filter(pl.col("year") == given.year).select("credit_code").unique().sort("credit_code")
    given.roll = rows.select(ROLL)
    told = _YearlyTable(rows, "enterprises")

    def of_year(year: int, lagged: bool) -> pl.LazyFrame:
        beside = told.beside(given.codes, year)
        whole = beside.with_columns(pl.col("industry").str.extract(r"^([0-9]{2})").alias("industry_division"))
        if lagged:
            return whole.drop("credit_code")
        return whole.with_columns(pl.lit(year, dtype=pl.Int32).alias("year"), pl.lit(date(year, 12, 31)).alias("as_of"))

    return of_year


def _figures(name: str) -> Callable[[_Given], _OfYear]:
    """A yearly table whose fields stand in the frame as they are."""

    def source(given: _Given) -> _OfYear:
        told = _YearlyTable(given.table(name), name)

        def of_year(year: int, lagged: bool) -> pl.LazyFrame:
            del lagged
            values = told.beside(given.codes, year).drop("credit_code")
            return values.with_columns(_emissions()) if name == "emissions" else values

        return of_year

    return source


def _emissions() -> pl.Expr:
    reported = [pl.col(p) for p in POLLUTANTS]
    # Added one by one: Polars plans a horizontal sum as narrow as its parts, and leaves the cast out.
    total = reduce(add, [p.fill_null(pl.lit(0, dtype=QUANTITY)) for p in reported])
    return pl.when(pl.any_horizontal(p.is_not_null() for p in reported)).then(total).cast(QUANTITY).alias("emissions_t")


def _land(given: _Given) -> _OfYear:
    """Land per firm, and the tax that is due on it."""
    rows, parcels, grades = given.table("land", "enterprises"), given.table("parcels"), given.table("land_grades")

    def of_year(year: int, lagged: bool) -> pl.LazyFrame:
        land = rows.filter(pl.col("year") == year)
        roll = given.roll.filter(pl.col("year") == year)
        values = land_of(given.codes, leases_of(land, roll, year, ordered=False)).lazy()
        if grades.is_empty():
            # No rate is known of any grade: nothing is due that could be told.
            values = values.with_columns(pl.lit(None, dtype=QUANTITY).alias("land_use_tax_due"))
        else:
            taxed = land_use_tax_due(land, parcels, grades, roll)
            values = _beside(values, taxed.lazy().select("credit_code", "land_use_tax_due"))
        nobody = pl.lit(0).cast(QUANTITY)
        # Who is known to hold no land owes nothing on it.
        landless = (pl.col("owned_mu") == 0) & pl.col("land_use_tax_due").is_null()
        filled = [pl.when(landless).then(nobody).otherwise("land_use_tax_due").alias("land_use_tax_due")]
        if not (lagged and land.is_empty()):
            filled += [pl.col("parcels", "tenants").fill_null([])]
            filled += [pl.col("tenants_above", "tenants_below").fill_null(nobody)]
        ratio = plot_ratio("floor_area_m2", "land_mu").alias("plot_ratio")
        return values.with_columns(*filled, ratio).drop("credit_code")

    return of_year


def _marked(given: _Given) -> _OfYear:
    """Labels, and what was found on site."""
    labels, surveys = given.table("labels"), given.table("surveys")

    def of_year(year: int, lagged: bool) -> pl.LazyFrame:
        del lagged
        found = surveyed(surveys.lazy(), year)
        values = _beside(_beside(given.codes.lazy(), _labels(labels.lazy(), found, year)), found)
        return values.with_columns(pl.col("labels", "survey_problems").fill_null([])).drop("credit_code")

    return of_year


_SOURCES: tuple[Callable[[_Given], _OfYear], ...] = (_roll, _land, *(_figures(name) for name in YEARLY), _marked)


def _beside(frame: pl.LazyFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """A frame, a row per firm, and beside it the columns of rows of firms; missing where a firm has none."""
    return frame.join(rows, on="credit_code", how="left", maintain_order="left")


class _YearlyTable:
    """A table's own fields, year by year. Every table repeats the name; the roll's is the one that counts."""

    def __init__(self, rows: pl.DataFrame, name: str) -> None:
        self._rows, self._fields = rows.lazy(), _own_fields(TABLES[name])
        self._types, self._years = rows.schema, set(rows["year"].unique().to_list())

    def beside(self, codes: pl.DataFrame, year: int) -> pl.LazyFrame:
        """The fields of a year beside the codes of firms; missing where nothing was said."""
        if year not in self._years:
            return codes.lazy().with_columns(pl.lit(None, dtype=self._types[f]).alias(f) for f in self._fields)
        return _beside(codes.lazy(), self._rows.filter(pl.col("year") == year).select("credit_code", *self._fields))


def _own_fields(table: Table) -> list[str]:
    """The fields of a table that stand in a frame as they are."""
    shared = ("year", "credit_code") if table.name == "enterprises" else ("year", "credit_code", "name")
    return [f for f in table.by_name if f not in shared and f in FRAME_FIELDS]


READS: dict[str, tuple[str, ...]] = {
    **{name: tuple(_own_fields(TABLES[name])) for name in ("enterprises", *YEARLY)},
    "land": ("parcel", "tenure", "area_mu", "floor_area_m2", "counterparty", "name"),
    "parcels": ("land_grade",),
    "land_grades": ("tax_rate",),
    "labels": ("until",),
    "surveys": ("surveyed_mu", "operation", *PROBLEMS),
    "ratings": ("name", "tier", "score", "cohort"),
    "extra": ("name", "value"),
    "aliases": tuple(TABLES["aliases"].by_name),
}
"""By table the fields beside its key that a frame reads, or what is put into it before."""


def _labels(labels: pl.LazyFrame, found: pl.LazyFrame, year: int) -> pl.LazyFrame:
    """The labels in force on at least one day of the year, and 问题隐患 of those whose survey of the year found any.

    A round on site belongs to the data year that it screens, whenever the visit was; so it needs no dates of its own.
    """
    first, last = pl.lit(date(year, 1, 1)), pl.lit(date(year, 12, 31))
    in_force = (pl.col("since") <= last) & (pl.col("until").is_null() | (pl.col("until") >= first))
    hazards = found.filter(pl.col("survey_problems").list.len() > 0)
    return (
        pl.concat(
            [
                labels.filter(in_force, pl.col("label").is_not_null()).select("credit_code", "label"),
                hazards.select("credit_code", pl.lit(HAZARD).alias("label")),
            ]
        )
        .group_by("credit_code")
        .agg(pl.col("label").unique().sort().alias("labels"))
    )


def _tiers(ratings: pl.LazyFrame, year: int) -> pl.LazyFrame:
    """`tier_last` and `tier_history` of every firm with a tier in the last ten years."""
    known = ratings.filter(pl.col("tier").is_not_null(), pl.col("year").is_between(year - HISTORY_YEARS, year - 1))
    back = [year - n for n in range(1, HISTORY_YEARS + 1)]
    oldest = pl.col("year").min().alias("_oldest")
    per_firm = known.group_by("credit_code").agg(
        oldest, *(pl.col("tier").filter(pl.col("year") == y).first().alias(f"_{y}") for y in back)
    )
    return per_firm.select(
        "credit_code",
        pl.col(f"_{year - 1}").alias("tier_last"),
        pl.concat_list(f"_{y}" for y in back).list.head(year - pl.col("_oldest")).alias("tier_history"),
    )


# ------------------------------------------------------------------------------------------------------- extra fields


def _extra_part(extra: pl.DataFrame, codes: pl.DataFrame, year: int, wanted: Mapping[str, Kind]) -> FramePart:
    """The declared extra fields with their earlier years."""
    values, findings = _extra_values(extra, codes, year, wanted)
    columns = values.drop("credit_code").get_columns()
    for suffix, back in LAGS.items():
        # What could not be read of an earlier year was told when that year was read.
        then, _ = _extra_values(extra, codes, year - back, wanted)
        columns += [then[n].alias(n + suffix) for n in wanted if n + suffix not in wanted]
    return FramePart(pl.DataFrame(columns), findings)


def _extra_values(
    extra: pl.DataFrame, codes: pl.DataFrame, year: int, wanted: Mapping[str, Kind]
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The declared extra fields as columns, and what could not be read."""
    rows = extra.filter(pl.col("year") == year).join(codes, on="credit_code", how="semi")
    rows = rows.with_columns(halfwidth(pl.col("field")).alias("field")).sort("credit_code", "field")
    values = codes
    findings: list[Finding] = []
    for name, kind in wanted.items():
        of_field = rows.filter(pl.col("field") == name)
        read = _read(of_field["value"], kind)
        column = of_field.select("credit_code", read.values.alias(name))
        values = values.join(column, on="credit_code", how="left", maintain_order="left")
        for row in of_field.filter(read.trouble.is_not_null()).iter_rows(named=True):
            findings.append(_unreadable(row, name, kind))
    return values, tuple(findings)


def _read(texts: pl.Series, kind: Kind) -> Parsed:
    """Texts as values of a kind, by the same reading that department files get."""
    match kind:
        case "quantity":
            return quantities(texts)
        case "date":
            return dates(texts)
        case "whole":
            return years(texts)
        case "boolean":
            return _booleans(texts)
        case "texts":
            parts = (
                words(texts)
                .to_frame("t")
                .select(pl.col("t").str.replace_all(r"\s*[、,，;；]\s*", "\n").str.split("\n"))
            )
            return Parsed(parts["t"], _no_trouble(texts))
        case "text":
            return Parsed(words(texts), _no_trouble(texts))


def _no_trouble(texts: pl.Series) -> pl.Series:
    return pl.Series("trouble", [None] * len(texts), dtype=pl.String)


def _booleans(texts: pl.Series) -> Parsed:
    read = choices(texts, ("是", "否"), (*((t, "是") for t in _TRUE), *((f, "否") for f in _FALSE)))
    frame = pl.DataFrame({"given": texts, "read": read}).with_columns(blanks_as_null(pl.col("given")))
    known = pl.when(pl.col("read").is_in(["是", "否"])).then(pl.col("read") == "是")
    told = frame.select(
        known.alias("values"),
        pl.when(pl.col("given").is_not_null() & known.is_null()).then(pl.lit("?")).alias("trouble"),
    )
    return Parsed(told["values"], told["trouble"])


def _unreadable(row: Mapping[str, object], name: str, kind: Kind) -> Finding:
    return finding_about(
        "extra_unreadable", "extra", row, "value", row["value"], severity="error", values={"field": name, "kind": kind}
    )
