"""One command, one table: mujun's rating against the same work by hand. `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import duckdb
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import by_another_hand
from benchmarks.by_hand import COLUMNS, in_duckdb, in_polars
from benchmarks.frames import firms
from benchmarks.large_rules import large_rules
from mujun.rating import rate
from mujun.rules import RuleSet, compile_rating, load_rules

RULES = Path(__file__).parent / "rules" / "six"
TWO_COHORTS = Path(__file__).parent / "rules" / "two_cohorts"

Turns = Mapping[str, list[float]]


def measured(jobs: dict[str, Callable[[], object]], repeat: int) -> Turns:
    """Processor seconds of each job by turn, taken in turns so that what the machine does meanwhile hits all alike."""
    for job in jobs.values():
        job()
    turns: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(repeat):
        for name, job in jobs.items():
            started = time.process_time()
            job()
            turns[name].append(time.process_time() - started)
    return turns


def ratios(turns: Turns, above: str, below: str) -> tuple[float, float, float]:
    """The median of the ratios of single turns, the least and the largest."""
    several = sorted(a / b for a, b in zip(turns[above], turns[below], strict=True))
    return median(several), several[0], several[-1]


# ------------------------------------------------------------------------------------------------- the same results


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


def same_scores_and_tiers(frame: pl.DataFrame, rules: RuleSet) -> None:
    """The plan by another hand gives the same firms the same cohorts, scores, ranks and tiers.

    Raises:
        AssertionError: it does not.
    """
    rated = rate(frame, rules).subjects.filter(pl.col("treatment") != "out")
    whole = (pl.col("score") * 10_000).cast(pl.Int64).alias("score")
    ours = rated.with_columns(whole).select(by_another_hand.COLUMNS)
    assert ours.equals(by_another_hand.in_plain_polars(frame)), "the plan by another hand differs"


# ------------------------------------------------------------------------------------------------------------ tables


def against_hand(size: int, repeat: int) -> dict[str, tuple[float, float, float]]:
    """Six indicators of one cohort against the tuned plans, two cohorts against the plain one."""
    frame, six, two = firms(size), load_rules(RULES), load_rules(TWO_COHORTS)
    same_results(frame, six)
    same_scores_and_tiers(frame, two)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        turns = measured(
            {
                "six": lambda: by_mujun(frame, six),
                "polars": lambda: in_polars(frame),
                "duckdb": lambda: in_duckdb(frame, connection),
            },
            repeat,
        )
    others = measured(
        {
            "two": lambda: rate(frame, two).subjects.select("credit_code", "cohort", "score", "rank", "tier"),
            "plain": lambda: by_another_hand.in_plain_polars(frame),
        },
        repeat,
    )
    return {
        "six / tuned Polars": ratios(turns, "six", "polars"),
        "six / DuckDB": ratios(turns, "six", "duckdb"),
        "two cohorts / plain Polars": ratios(others, "two", "plain"),
    }


def large(size: int, repeat: int) -> dict[str, tuple[float, float, float]]:
    """200 rules and 40 indicators against six indicators."""
    frame, small, many = firms(size), load_rules(RULES), large_rules()
    compile_rating(many)
    turns = measured({"six": lambda: rate(frame, small), "many": lambda: rate(frame, many)}, repeat)
    return {"200 rules, 40 indicators / six": ratios(turns, "many", "six")}


def alone(size: int) -> tuple[float, float]:
    """A rating of so many firms in a process of its own: processor seconds of the rating, peak memory in GB."""
    done = subprocess.run(
        [sys.executable, __file__, "--alone", str(size)], check=True, capture_output=True, text=True
    ).stdout
    seconds, memory = done.split()
    return float(seconds), float(memory)


def _alone(size: int) -> None:
    frame, rules = firms(size), load_rules(RULES)
    compile_rating(rules)
    started = time.process_time()
    rate(frame, rules)
    print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="numbers of firms")
    parser.add_argument("--repeat", type=int, default=5, help="turns, of which the median counts")
    parser.add_argument("--heavy", action="store_true", help="ten million firms, and peak memory, in other processes")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        _alone(given.alone)
        return
    sizes = [int(s) for s in given.sizes.split(",")]
    figures: dict[str, object] = {}
    print(f"{'firms':>10}  {'median':>7}  {'least':>6}  {'most':>6}")
    for size in sizes:
        _told(figures, size, against_hand(size, given.repeat))
    _told(figures, sizes[-1], large(sizes[-1], max(3, given.repeat // 2)))
    if given.heavy:
        one, four = alone(1_000_000), alone(400_000)
        ten = alone(10_000_000)
        figures["ten million"] = {"times one million": ten[0] / one[0], "peak GB": ten[1]}
        figures["400,000"] = {"peak GB": four[1]}
        print(
            f"10,000,000 firms: {ten[0] / one[0]:.1f} times a million, peak {ten[1]:.1f} GB; 400,000: {four[1]:.2f} GB"
        )
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _told(figures: dict[str, object], size: int, rows: Mapping[str, tuple[float, float, float]]) -> None:
    for name, (middle, least, most) in rows.items():
        figures[f"{size}: {name}"] = {"median": middle, "least": least, "most": most}
        print(f"{size:>10,}  {middle:>7.2f}  {least:>6.2f}  {most:>6.2f}  {name}", flush=True)


if __name__ == "__main__":
    main()
