"""A year's records as they count at its end: under the codes that stand, and whose land is whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.records.finding import Finding
from mujun.records.land import land_per_firm
from mujun.records.leases import PLACE, Leases, leases_of
from mujun.records.succeeding import with_successors


@dataclass(frozen=True)
class YearEnd:
    """A year's records, brought together once for all that look at them.

    Attributes:
        year: the data year.
        tables: every table of the dictionary, as `with_successors` gives it, with places.
        findings: what it says about codes that changed.
        leases: both sides of the year's leases.
        per_firm: land per firm, as `land_per_firm` gives it, sorted by `credit_code`.
    """

    year: int
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    leases: Leases = field(repr=False)
    per_firm: pl.DataFrame = field(repr=False)

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame], year: int) -> YearEnd:
        """Bring a year's records together.

        Args:
            tables: current rows by name, of this year and, for comparing, the year before; one that is absent counts
                as empty; with `_file`, `_sheet`, `_row` where they are known.
            year: the data year.
        """
        given, findings = with_successors(placed(tables), year)
        leases = leases_of(given["land"], given["enterprises"], year)
        return cls(year, given, findings, leases, land_per_firm(leases).sort("credit_code"))


def placed(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Every table of the dictionary, empty where it is absent, with its places; those that are so already as they are.

    Whoever asks for year after year places the tables once.
    """
    return {name: _placed(tables.get(name), table.schema) for name, table in TABLES.items()}


def _placed(rows: pl.DataFrame | None, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    wanted = {**schema, **PLACE}
    if rows is None:
        return pl.DataFrame(schema=wanted)
    if rows.columns == list(wanted):
        return rows
    return rows.select(
        pl.col(name) if name in rows.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in wanted.items()
    )
