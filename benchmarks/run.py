"""One command, one table: mujun's rating against the same work by hand. `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import by_another_hand
from benchmarks.frames import firms
from benchmarks.large_rules import large_rules
from benchmarks.memory import memory
from benchmarks.peers import BY_HAND, IN_SQL, RULES, Peer, jobs_of, timed
from mujun.rating import rate
from mujun.rules import compile_rating, load_rules

SIX = str(RULES["six"].absolute())
TWO_COHORTS = Path(__file__).parent / "rules" / "two_cohorts"

Turns = Mapping[str, list[float]]


def ratios(turns: Turns, below: str, above: str = "mujun") -> tuple[float, float, float]:
    """The median of the ratios of single turns, the least and the largest."""
    several = sorted(a / b for a, b in zip(turns[above], turns[below], strict=True))
    return median(several), several[0], several[-1]


def _same_scores_and_tiers(theirs: pl.DataFrame, ours: pl.DataFrame) -> bool:
    whole = (pl.col("score") * 10_000).cast(pl.Int64).alias("score")
    rated = ours.filter(pl.col("treatment") != "out").with_columns(whole)
    return rated.select(by_another_hand.COLUMNS).equals(theirs)


ANOTHER_HAND = Peer(
    "plain Polars", "two_cohorts", "polars", "cohort, score, rank and tier, and keeps no more",
    lambda frame: frame, by_another_hand.in_plain_polars, _same_scores_and_tiers,
)  # fmt: skip
"""Who writes the rules of two cohorts as a colleague would."""


# ------------------------------------------------------------------------------------------------------------ tables


def against_hand(size: int, repeat: int) -> dict[str, tuple[float, float, float]]:
    """Six indicators of one cohort against the tuned plans, two cohorts against the plain one."""
    turns = timed(jobs_of([BY_HAND, IN_SQL], load_rules(SIX), size), repeat)
    others = timed(jobs_of([ANOTHER_HAND], load_rules(TWO_COHORTS), size), repeat)
    return {
        "six / tuned Polars": ratios(turns, BY_HAND.name),
        "six / DuckDB": ratios(turns, IN_SQL.name),
        "two cohorts / plain Polars": ratios(others, ANOTHER_HAND.name),
    }


def large(size: int, repeat: int) -> dict[str, tuple[float, float, float]]:
    """200 rules and 40 indicators against six indicators."""
    frame, small, many = firms(size), load_rules(SIX), large_rules()
    compile_rating(many)
    jobs = {"six": lambda: rate(frame, small), "many": lambda: rate(frame, many)}
    timed(jobs, 1)
    return {"200 rules, 40 indicators / six": ratios(timed(jobs, repeat), "six", "many")}


def alone(size: int) -> tuple[float, float]:
    """A rating of so many firms in a process of its own: processor seconds of the rating, peak memory in GB."""
    done = subprocess.run(
        [sys.executable, __file__, "--alone", str(size)], check=True, capture_output=True, text=True
    ).stdout
    seconds, memory = done.split()
    return float(seconds), float(memory)


def _alone(size: int) -> None:
    frame, rules = firms(size), load_rules(SIX)
    compile_rating(rules)
    started = time.process_time()
    rate(frame, rules)
    print(time.process_time() - started, memory("VmHWM") / 1024)


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
    print("seconds of what stands before the stroke, as multiples of those of what stands behind it")
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
