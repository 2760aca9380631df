"""Same inputs, same rules: same bits, whatever the row order, the chunks, the threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from mujun.rating import rate, slices
from mujun.rules import load_rules

SETS = ["zhejiang/shengzhou-2022", "zhejiang/huangyan-2022", "anhui/jingde-2022", "zhejiang/wenling-parks-2022"]
HERE = Path(__file__).parent.parent.parent


def county(size: int = 3000) -> pl.DataFrame:
    """A county made of whole numbers by arithmetic, so that every process makes the same."""
    index = pl.Series(range(size), dtype=pl.Int64)
    frame = pl.DataFrame({"i": index}).with_columns(
        pl.lit(2022, dtype=pl.Int32).alias("year"),
        pl.format("E{}", pl.col("i").cast(pl.String).str.zfill(6)).alias("credit_code"),
        pl.when(pl.col("i") % 5 == 0).then(pl.lit("规上")).otherwise(pl.lit("规下")).alias("scale"),
        pl.col("i")
        .mod(7)
        .replace_strict(dict(enumerate(["17", "18", "26", "27", "34", "35", "38"])))
        .alias("industry"),
        pl.format("镇{}", pl.col("i") % 11).alias("township"),
        pl.date(2010, 1, 1).alias("started_on"),
    )

    def quantity(name: str, factor: int, modulus: int, divisor: int) -> pl.Expr:
        value = (pl.col("i") * factor + 17).mod(modulus) + 1
        return (
            (value.cast(pl.Decimal(18, 6)) / pl.lit(divisor).cast(pl.Decimal(18, 6)))
            .cast(pl.Decimal(18, 6))
            .alias(name)
        )

    return frame.with_columns(
        quantity("land_mu", 7919, 997, 10),
        quantity("tax_paid", 104729, 9973, 7),
        quantity("value_added", 15485863, 99991, 3),
        quantity("revenue", 32452843, 99991, 1),
        quantity("energy_tce", 49979687, 9973, 9),
        quantity("electricity_kwh", 67867967, 999983, 1),
        quantity("employees", 86028121, 499, 1),
        quantity("rd_expense", 122949823, 4999, 11),
        quantity("cod_t", 141650939, 997, 100),
        quantity("emissions_t", 141650939, 997, 100),
    ).drop("i")


@pytest.mark.parametrize("address", SETS)
def test_a_large_county_is_worked_out_some_rows_at_a_time_with_the_same_digest(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, frame = load_rules(address), county()
    whole = rate(frame, rules)
    monkeypatch.setattr(slices, "ROWS", 499)
    parted = rate(frame, rules)
    assert parted.digest == whole.digest
    assert parted.enterprises.equals(whole.enterprises)


@pytest.mark.parametrize("address", SETS)
def test_shuffled_rows_and_chunks_give_the_same_digest(address: str) -> None:
    rules, frame = load_rules(address), county()
    expected = rate(frame, rules).digest
    shuffled = frame.sample(fraction=1, shuffle=True, seed=7)
    assert rate(shuffled, rules).digest == expected
    chunked = pl.concat([shuffled[:999], shuffled[999:1000], shuffled[1000:]], rechunk=False)
    assert rate(chunked, rules).digest == expected


@pytest.mark.parametrize("threads", ["1", "2"])
def test_threads_do_not_change_the_digest(threads: str) -> None:
    program = (
        "from tests.rating.test_same_bits import SETS, county\n"
        "from mujun.rating import rate\nfrom mujun.rules import load_rules\n"
        "print(*(rate(county(), load_rules(s)).digest for s in SETS))"
    )
    environment = {**os.environ, "POLARS_MAX_THREADS": threads, "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=HERE, check=True
    )
    assert done.stdout.split() == [rate(county(), load_rules(s)).digest for s in SETS]
