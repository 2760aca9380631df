"""Counties of uneven size over three years, and what one PC makes of each of them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from mujun.allocation import allocate
from mujun.errors import MujunError
from mujun.rating import digest_of, rate
from mujun.rectification import list_enterprises
from mujun.rules import RuleSet, load_rules

YEARS = (2020, 2021, 2022)
SIZES = {"330601": 900, "330602": 40, "330603": 220, "330604": 1, "330605": 130, "330606": 60}
BROKEN = "330605"
"""The county that has a firm twice in 2021."""

QUANTITY = pl.Decimal(18, 6)


def rules() -> RuleSet:
    return load_rules(str(Path(__file__).parent / "rules"))


def firms(seed: int = 7) -> pl.DataFrame:
    """Every county's firms of three years, in no order; a tenth of them is new or gone in a year."""
    draw = np.random.default_rng(seed)
    parts = []
    for county, size in SIZES.items():
        land = draw.lognormal(2.0, 0.8, size) + 1
        codes = [f"9133{county}{n:08d}" for n in range(size)]
        industry = draw.choice(["13", "17", "26", "34"], size)
        for year in YEARS:
            there = draw.random(size) < 0.9 if size > 1 else np.array([True])
            part = pl.DataFrame(
                {
                    "year": pl.Series([year] * size, dtype=pl.Int32),
                    "county": [county] * size,
                    "credit_code": codes,
                    "name": [f"企业{n}" for n in range(size)],
                    "industry": [i + "11" for i in industry],
                    "scale": np.where(draw.random(size) < 0.3, "规上", "规下"),
                    "land_mu": _quantity(land),
                    "tax_paid": _quantity(land * draw.lognormal(3.0, 1.0, size)),
                    "value_added": _quantity(land * draw.lognormal(4.5, 0.9, size)),
                    "energy_tce": _quantity(draw.lognormal(5.0, 1.2, size) + 0.1),
                    "electricity_kwh": _quantity(draw.lognormal(11.0, 1.2, size)),
                    # Nothing looks at it: it stays where it is.
                    "phone": ["0575"] * size,
                }
            )
            parts.append(part.filter(pl.Series(there)))
    together = pl.concat(parts)
    twice = together.filter((pl.col("county") == BROKEN) & (pl.col("year") == 2021)).head(1)
    return pl.concat([together, twice]).sample(fraction=1.0, shuffle=True, seed=3)


def _quantity(values: np.ndarray) -> pl.Series:
    return pl.Series(values.round(4)).cast(pl.Decimal(38, 12)).cast(QUANTITY)


def readings(frame: pl.DataFrame) -> pl.DataFrame:
    """Electricity by month of a third of the firms, from July of the data year to June of the year after the next."""
    some = frame.filter(pl.col("credit_code").hash(1) % 3 == 0).unique(["county", "credit_code", "year"])
    months = [
        (year, month, date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))
        for year in range(YEARS[0], YEARS[-1] + 2)
        for month in range(1, 13)
    ]
    calendar = pl.DataFrame(months, schema=["of", "month", "from", "next"], orient="row")
    return (
        some.join(calendar, how="cross")
        .filter(pl.col("of") == pl.col("year") + 1, pl.col("month") != 5)
        .select(
            "county", "credit_code", pl.lit("电").alias("utility"), "from",
            pl.col("next").dt.offset_by("-1d").alias("until"),
            (pl.col("electricity_kwh") * pl.col("month").cast(QUANTITY) / 70).cast(QUANTITY).alias("quantity"),
        )
    )  # fmt: skip


@dataclass(frozen=True)
class OnOnePC:
    """What one call per county and year gives: its digest, or the keys of what was wrong; promises not kept."""

    digest: str | None
    codes: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()


def on_one_pc(
    step: str, ruleset: RuleSet, everything: pl.DataFrame, usage: pl.DataFrame | None = None
) -> Mapping[tuple[str, int], OnOnePC]:
    """Every county's year by mujun's own functions, with last year's values joined on here by another way."""
    told = {}
    for county in SIZES:
        ours = everything.filter(pl.col("county") == county)
        bills = None if usage is None else usage.filter(pl.col("county") == county).drop("county")
        for year in YEARS:
            frame, previous = with_last_year(ours, year), with_last_year(ours, year - 1)
            try:
                rating = rate(frame, ruleset, previous if previous.height else None)
                if step == "rating":
                    unkept = tuple(v.sentence for v in rating.verified if not v.kept)
                    told[county, year] = OnOnePC(rating.digest, unkept=unkept)
                elif step == "rectification":
                    listing = list_enterprises(ruleset, frame, rating, previous=previous)
                    told[county, year] = OnOnePC(digest_of(listing.rectification))
                else:
                    amounts = allocate(ruleset, frame, rating, bills, previous)
                    told[county, year] = OnOnePC(digest_of(amounts.allocation))
            except MujunError as error:
                told[county, year] = OnOnePC(None, tuple(p.code for p in error.problems))
    return told


def with_last_year(ours: pl.DataFrame, year: int) -> pl.DataFrame:
    """A county's firms of a year with what the rules read of earlier years: the tax, and the energy that is freed."""
    frame = ours.filter(pl.col("year") == year)
    for name, column, back in (
        ("tax_paid_last", "tax_paid", 1), ("energy_tce_last", "energy_tce", 1), ("energy_tce_last2", "energy_tce", 2),
    ):  # fmt: skip
        before = ours.filter(pl.col("year") == year - back)
        values = dict(zip(before["credit_code"], before[column], strict=True))
        known = [values.get(code) for code in frame["credit_code"]]
        frame = frame.with_columns(pl.Series(name, known, dtype=QUANTITY))
    return frame
