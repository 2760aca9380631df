"""How fast tiers are tested: mujun against the same draws by hand in NumPy. `python benchmarks/stability.py`.

A hundred thousand firms, six indicators, benchmarks by county and industry (`rules/six`), one cell or four hundred.
Two tests: weights alone, and weights, benchmarks, caps, cuts and every firm's data at once. The plan by hand is what
somebody who knows NumPy would write for these rules: arrays made once, then for every draw ratios, clip, weighted sum,
a sort by cell and score, ranks, tiers, counts. Both get the same numbers from the same stream, and before anything is
timed their tier frequencies are compared. `cpu s` is processor time over all threads: on a machine that does other work
it tells more than the clock.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.by_hand import INDICATORS
from benchmarks.frames import firms
from benchmarks.peers import RULES
from mujun.analysis.stability import drawing, firmness
from mujun.analysis.stability.building import model_of
from mujun.analysis.stability.drawing import SOURCES
from mujun.rating import Rating, rate
from mujun.rules import load_rules
from mujun.rules.model import Stability
from mujun.rules.ruleset import RuleSet

SHARES = (20.0, 60.0, 95.0, 100.0)


def rules_of(*, one_cell: bool) -> RuleSet:
    """The six indicators; all firms in one cell, if so wanted."""
    rules = load_rules(RULES["six"])
    if not one_cell:
        return rules
    assert rules.rating is not None
    assert rules.rating.tiers is not None
    tiers = replace(rules.rating.tiers, cells=("cohort",))
    return replace(rules, rating=replace(rules.rating, tiers=tiers))


def stated(sources: tuple[str, ...], draws: int) -> Stability:
    """The usual ranges of these sources, and nothing of the others."""
    still: dict[str, Any] = {s: {"default": Decimal(0)} for s in SOURCES if s not in sources}
    return Stability(draws=draws, **still)


def by_hand(rating: Rating, ranges: Stability) -> npt.NDArray[np.int64]:
    """Firm × tier: in how many draws, firms by credit code."""
    frame = rating.subjects.sort("credit_code")
    model = model_of(rating)
    own = drawing.ranges_of(model, ranges)
    numbers = drawing.uniforms(own, ranges.draws)
    # mujun's rows in the order of this plan, so that both give a firm the same factors.
    back = (
        pl.DataFrame({"credit_code": model.frame["credit_code"]})
        .with_row_index("at")
        .sort("credit_code")["at"]
        .to_numpy()
    )
    above = np.column_stack([frame[of].cast(pl.Float64).to_numpy() for of, _, _ in INDICATORS.values()])
    below = np.column_stack([frame[per].cast(pl.Float64).to_numpy() for _, per, _ in INDICATORS.values()])
    base = np.column_stack([frame[f"{n}_benchmark"].to_numpy() for n in INDICATORS])
    group = np.empty((frame.height, len(INDICATORS)), dtype=np.int64)
    for part in model.parts:
        group[:, part.number] = np.asarray(part.benchmarks)[back]
    sides = [(model.expressions.index(of), model.expressions.index(per)) for of, per, _ in INDICATORS.values()]
    cell = frame["_cell"].to_numpy()
    size = np.bincount(cell)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    counts = np.zeros((frame.height, 4), dtype=np.int64)
    for k in range(ranges.draws):
        draw = drawing.draw_of(own, {s: n[k] for s, n in numbers.items()}, (0, k))
        factors = [f if f is None else f[0] for f in drawing.factors(own, [draw.inputs])]
        ratio = above / below / base
        for i, (of, per) in enumerate(sides):
            if (above_by := factors[of]) is not None:
                ratio[:, i] *= above_by[back]
            if (below_by := factors[per]) is not None:
                ratio[:, i] /= below_by[back]
        if np.any(draw.benchmarks != 1.0):
            ratio /= draw.benchmarks[group]
        points = np.nan_to_num(np.round(np.clip(ratio, 0, draw.caps) * draw.weights, 4))
        score = np.round(points.sum(axis=1), 4)
        order = np.lexsort((-score, cell))
        rank = np.empty(frame.height, dtype=np.int64)
        ordered = score[order]
        first = np.arange(frame.height)
        same = np.flatnonzero((ordered[1:] == ordered[:-1]) & (cell[order][1:] == cell[order][:-1])) + 1
        first[same] = 0
        rank[order] = np.maximum.accumulate(first) - start[cell[order]] + 1
        last = np.floor(size[:, None] * draw.limits[0][None, :] / 100 + 0.5)
        tier = (rank[:, None] > last[cell]).sum(axis=1)
        counts[np.arange(frame.height), tier] += 1
    return counts


def same_frequencies(rating: Rating, ranges: Stability) -> float:
    """The largest difference between the two frequencies of a firm's tiers.

    Points that lie exactly between two roundings may fall either way by hand, so that a draw of a few firms may differ.
    """
    hand = by_hand(rating, ranges) / ranges.draws
    found = firmness(rating, stated=ranges, variance=False).subjects.sort("credit_code")
    mine = found.select(
        (pl.col(f"share_{t}") if f"share_{t}" in found.columns else pl.lit(0.0)).alias(t) for t in "ABCD"
    ).to_numpy()
    return float(np.abs(hand - mine).max())


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    started, used = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - started, time.process_time() - used


def compared(rating: Rating, sources: tuple[str, ...], draws: int, draws_by_hand: int) -> str:
    """One line: seconds of each, and the ratio."""
    hand, hand_cpu = timed(lambda: by_hand(rating, stated(sources, draws_by_hand)))
    mine, cpu = timed(lambda: firmness(rating, stated=stated(sources, draws), variance=False))
    whole, _ = timed(lambda: firmness(rating, stated=stated(sources, draws)))
    often = draws / draws_by_hand
    drawn = "weights" if len(sources) == 1 else "all five"
    seconds = (mine, cpu, hand * often, hand_cpu * often, hand * often / mine, whole)
    return f"{len(rating.cells):>9}  {drawn:>9}  " + "  ".join(f"{s:>9.2f}" for s in seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="firms")
    parser.add_argument("--draws", type=int, default=1000, help="draws of mujun")
    parser.add_argument("--by-hand", type=int, default=50, help="draws of the plan by hand, brought to the same number")
    given = parser.parse_args()
    frame, few = firms(given.size), firms(2000)
    heads = ("cells", "drawn", "mujun s", "cpu s", "by hand s", "cpu s", "ratio", "with variance s")
    print("  ".join(f"{h:>9}" for h in heads))
    for one_cell in (True, False):
        rules = rules_of(one_cell=one_cell)
        rating, small = rate(frame, rules), rate(few, rules)
        for sources in (("weights",), SOURCES):
            worst = same_frequencies(small, stated(sources, 50))
            assert worst <= 0.04, f"by hand and mujun differ by {worst}"
            print(compared(rating, sources, given.draws, given.by_hand), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory {peak:.2f} GB")


if __name__ == "__main__":
    main()
