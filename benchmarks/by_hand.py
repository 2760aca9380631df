"""The same rating written by hand for this one rule set: in Polars, and in DuckDB SQL.

Both give `credit_code`, per indicator value, benchmark, points and note, then score, rank, size and tier, for the rows
in the order of the frame. They follow mujun's number rules (sums of decimals, values at 12 decimals, 四舍五入), so that
the results can be compared bit for bit.
"""

from __future__ import annotations

from decimal import Decimal

import duckdb
import polars as pl

INDICATORS: dict[str, tuple[str, str, float]] = {
    "tax": ("tax_paid", "land_mu", 30.0),
    "va": ("value_added", "land_mu", 20.0),
    "energy": ("value_added", "energy_tce", 20.0),
    "emission": ("value_added", "cod_t", 10.0),
    "head": ("value_added", "employees", 10.0),
    "rd": ("rd_expense", "revenue", 10.0),
}
KEYS = ["county", "industry_division"]
COLUMNS = [
    "credit_code",
    *(f"{n}{part}" for n in INDICATORS for part in ("", "_benchmark", "_points", "_note")),
    "score",
    "rank",
    "size",
    "tier",
]


# ------------------------------------------------------------------------------------------------------------- Polars


def _at12(value: pl.Expr) -> pl.Expr:
    taken = (value * 1e12).round()
    return taken / (1e12 + taken * 0.0)


def in_polars(frame: pl.DataFrame) -> pl.DataFrame:
    """The rating as somebody who knows Polars well would write it."""
    group = pl.lit(0, dtype=pl.UInt64)
    for key in KEYS:
        distinct = frame[key].unique().sort()
        code = frame[key].cast(pl.Enum(distinct)).to_physical().cast(pl.UInt64)
        group = group * distinct.len() + pl.lit(code)
    frame = frame.with_columns((frame.select(group.alias("g"))["g"].rank("dense") - 1).cast(pl.UInt32).alias("g"))
    sums = []
    for name, (of, per, _) in INDICATORS.items():
        both = pl.col(of).is_not_null() & pl.col(per).is_not_null()
        sums += [pl.col(side).filter(both).sum().alias(f"{name}{i}") for i, side in enumerate((of, per))]
    stats = frame.lazy().group_by("g").agg(sums).collect().sort("g")
    found = frame.lazy()
    values, points, notes = [], [], []
    for name, (of, per, weight) in INDICATORS.items():
        above, below = pl.col(of).cast(pl.Float64), pl.col(per).cast(pl.Float64)
        values.append(pl.when(pl.col(per) > 0).then(_at12(above / below)).alias(name))
        ratio = pl.col(f"{name}0").cast(pl.Float64) / pl.col(f"{name}1").cast(pl.Float64)
        base = stats.select(_at12(ratio).fill_nan(None).alias("base"))["base"]
        values.append(pl.lit(base).gather(pl.col("g")).alias(f"{name}_benchmark"))
        raw = weight * (pl.col(name) / pl.col(f"{name}_benchmark"))
        low, high = raw < 0, raw > 1.5 * weight
        clamped = pl.when(low).then(0.0).when(high).then(1.5 * weight).otherwise(raw).fill_null(0.0)
        twelfth = (clamped * 1e12).round().cast(pl.Int64)
        points.append((twelfth + twelfth.sign() * 50_000_000).truncdiv(100_000_000).alias(f"{name}_points"))
        note = pl.when(raw.is_null()).then(pl.lit("missing")).when(low).then(pl.lit("floored"))
        notes.append(note.when(high).then(pl.lit("capped")).alias(f"{name}_note"))
    score = pl.sum_horizontal([f"{n}_points" for n in INDICATORS]).alias("score")
    found = found.with_columns(values).with_columns(*points, *notes).with_columns(score)
    found = found.with_columns(
        pl.col("score").rank("min", descending=True).over("g").alias("rank"), pl.len().over("g").alias("size")
    )
    # Whole numbers: share × size, rounded half up, is (share × size + 50) // 100.
    last = [(pl.col("size").cast(pl.Int64) * share + 50) // 100 for share in (20, 60, 95)]
    place = pl.sum_horizontal([(pl.col("rank") > limit).cast(pl.Int8) for limit in last])
    found = found.with_columns(pl.lit(pl.Series(["A", "B", "C", "D"])).gather(place.cast(pl.UInt32)).alias("tier"))
    decimals = [_decimal(f"{n}_points") for n in INDICATORS] + [_decimal("score")]
    return found.with_columns(decimals).select(COLUMNS).collect(engine="in-memory")


def _decimal(column: str) -> pl.Expr:
    tiny = pl.lit(Decimal("0.0001"), dtype=pl.Decimal(18, 4))
    return (pl.col(column).cast(pl.Decimal(38, 4)) * tiny).cast(pl.Decimal(18, 4)).alias(column)


# ------------------------------------------------------------------------------------------------------------- DuckDB


def in_duckdb(frame: pl.DataFrame, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The rating as one SQL query, with exact decimal sums; the result as a frame."""
    connection.register("firms", frame)
    keys = ", ".join(KEYS)
    sums = ", ".join(
        f"sum({of}) FILTER ({of} IS NOT NULL AND {per} IS NOT NULL) AS {n}_of, "
        f"sum({per}) FILTER ({of} IS NOT NULL AND {per} IS NOT NULL) AS {n}_per"
        for n, (of, per, _) in INDICATORS.items()
    )
    values = ", ".join(
        f"CASE WHEN {per} > 0 THEN round_even(CAST({of} AS DOUBLE) / CAST({per} AS DOUBLE) * 1e12, 0) / 1e12 END "
        f"AS {n}, "
        f"round_even(CAST({n}_of AS DOUBLE) / CAST({n}_per AS DOUBLE) * 1e12, 0) / 1e12 AS {n}_benchmark"
        for n, (of, per, _) in INDICATORS.items()
    )
    points = ", ".join(
        f"CASE WHEN {n} IS NULL THEN 0 ELSE CAST(round(CAST(greatest(0, least({1.5 * w}, "
        f"{w} * ({n} / {n}_benchmark))) AS DECIMAL(28, 12)), 4) AS DECIMAL(18, 4)) END AS {n}_points, "
        f"CASE WHEN {n} IS NULL THEN 'missing' WHEN {w} * ({n} / {n}_benchmark) < 0 THEN 'floored' "
        f"WHEN {w} * ({n} / {n}_benchmark) > {1.5 * w} THEN 'capped' END AS {n}_note"
        for n, (_, _, w) in INDICATORS.items()
    )
    total = " + ".join(f"{n}_points" for n in INDICATORS)
    query = f"""
        WITH base AS (SELECT {keys}, {sums}, count(*) AS size FROM firms GROUP BY {keys}),
        valued AS (SELECT firms.credit_code, {keys}, base.size, {values} FROM firms JOIN base USING ({keys})),
        pointed AS (SELECT *, {points} FROM valued),
        scored AS (SELECT *, {total} AS score FROM pointed),
        ranked AS (SELECT *, rank() OVER (PARTITION BY {keys} ORDER BY score DESC) AS rank FROM scored)
        SELECT {", ".join(COLUMNS[:-1])},
            CASE WHEN rank <= (size * 20 + 50) // 100 THEN 'A' WHEN rank <= (size * 60 + 50) // 100 THEN 'B'
                 WHEN rank <= (size * 95 + 50) // 100 THEN 'C' ELSE 'D' END AS tier
        FROM ranked
    """  # noqa: S608 - names of our own
    rated: pl.DataFrame = connection.sql(query).pl()
    return rated
