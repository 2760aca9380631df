"""One command, one table: mujun against the same work by hand. `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.by_hand import COLUMNS, in_duckdb, in_polars
from benchmarks.frames import firms
from benchmarks.large_rules import large_rules
from mujun.rating import Rating, rate
from mujun.rules import RuleSet, compile_rating, load_rules

RULES = Path(__file__).parent / "rules" / "six"


def measured(jobs: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """The best time of each job, taken in turns so that what the machine does meanwhile hits all alike."""
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(repeat):
        for name, job in jobs.items():
            started = time.perf_counter()
            job()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def by_mujun(frame: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """mujun's rating, the columns that the hand-written plans give too."""
    return rate(frame, rules).subjects.select(COLUMNS)


def same_results(frame: pl.DataFrame, rules: RuleSet) -> None:
    """All three give the same: Polars bit for bit, DuckDB the same points, scores, ranks and tiers.

    Raises:
        AssertionError: they do not.
    """
    ours = by_mujun(frame, rules)
    polars = in_polars(frame).with_columns(pl.col("rank").cast(pl.Int64), pl.col("size").cast(pl.Int64))
    assert ours.equals(polars), "hand-written Polars differs"
    with duckdb.connect() as connection:
        sql = in_duckdb(frame, connection).sort("credit_code")
    exact = [c for c in COLUMNS if c.endswith(("_points", "_note"))] + ["rank", "tier"]
    mine = ours.sort("credit_code")
    for column in exact:
        assert mine[column].to_list() == sql[column].to_list(), f"DuckDB differs in {column}"


def compared(size: int, repeat: int) -> str:
    """One line: seconds of each, and the ratios."""
    frame, rules = firms(size), load_rules(RULES)
    compile_rating(rules)
    same_results(frame, rules)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        best = measured(
            {
                "mujun": lambda: by_mujun(frame, rules),
                "polars": lambda: in_polars(frame),
                "duckdb": lambda: in_duckdb(frame, connection),
            },
            repeat,
        )
    ratio, other = best["mujun"] / best["polars"], best["mujun"] / best["duckdb"]
    seconds = "  ".join(f"{best[name]:>8.3f}" for name in ("mujun", "polars", "duckdb"))
    return f"{size:>10,}  {seconds}  {ratio:>14.2f}  {other:>14.2f}"


def large(size: int, repeat: int) -> str:
    """200 rules and 40 indicators against six indicators, and what compiling costs."""
    frame, small, many = firms(size), load_rules(RULES), large_rules()
    compiling = measured({"compile": lambda: compile_rating(large_rules())}, 3)["compile"]
    best = measured({"six": lambda: _rated(frame, small), "many": lambda: _rated(frame, many)}, repeat)
    return (
        f"{size:,} firms, 200 rules and 40 indicators: {best['many']:.2f} s, six indicators: {best['six']:.2f} s, "
        f"ratio {best['many'] / best['six']:.1f}; reading and compiling the large set: {compiling:.3f} s"
    )


def _rated(frame: pl.DataFrame, rules: RuleSet) -> Rating:
    return rate(frame, rules)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="numbers of firms")
    parser.add_argument("--repeat", type=int, default=5, help="the best of so many")
    given = parser.parse_args()
    sizes = [int(s) for s in given.sizes.split(",")]
    head = ("mujun s", "polars s", "duckdb s", "mujun / polars", "mujun / duckdb")
    print(f"{'firms':>10}  " + "  ".join(f"{h:>{max(8, len(h))}}" for h in head))
    for size in sizes:
        print(compared(size, given.repeat), flush=True)
    print(large(sizes[-1], max(2, given.repeat // 2)))


if __name__ == "__main__":
    main()
