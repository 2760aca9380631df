"""Which source of uncertainty moves a result: first-order and total Sobol indices.

A source is a group of numbers that are drawn together (all weights, say). The design is Saltelli's: two independent
sets of draws A and B, and for every source a third that is A with that source taken from B. Groups need no more than
that, so the estimator is scipy's (`scipy.stats.sobol_indices`, method of Saltelli 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mujun.analysis.stability.model import Floats
from mujun.dataclass import dataclass

MOST_DIMENSIONS = 10_000
"""Up to so many numbers a quasi-random sequence is used, which needs fewer draws; scipy's goes to 21,201."""

Asked = tuple[Mapping[str, Floats], Mapping[str, int], int]
"""A draw: its uniform numbers by source, the set (0 or 1) that each source comes from, and its number."""

Evaluate = Callable[[Sequence[Asked]], Floats]
"""Draw × output of several draws."""


@dataclass(frozen=True)
class Indices:
    """Output × source: the share of the variance that a source makes alone, and with all it interacts with.

    An output that never changes has no variance to share: its indices are not a number.
    """

    sources: tuple[str, ...]
    first: Floats
    total: Floats


def indices_of(
    evaluate: Evaluate,
    dimensions: Mapping[str, int],
    draws: int,
    seed: int,
    *,
    threads: int = 1,
    at_once: int = 32,
) -> Indices:
    """The Sobol indices of several outputs.

    Args:
        evaluate: computes some draws; called from several threads.
        dimensions: by source, how many uniform numbers it takes; a source may take none and use the number of the
            draw and of the set instead.
        draws: how many draws each set has, a power of two.
        seed: of the random numbers.
        threads, at_once: how many threads, and how many draws are asked for at once; the result depends on neither.
    """
    from scipy.stats import sobol_indices

    sources = tuple(dimensions)
    sets = _sets(dimensions, draws, seed)
    designs: list[dict[str, int]] = [dict.fromkeys(sources, 0), dict.fromkeys(sources, 1)]
    designs += [{s: int(s == source) for s in sources} for source in sources]

    def computed(jobs: Sequence[tuple[int, int]]) -> Floats:
        return evaluate(
            [({s: sets[designs[d][s]][s][k] for s in sources if dimensions[s]}, designs[d], k) for d, k in jobs]
        )

    # Designs of one draw stand together: most of them share most of its numbers.
    jobs = [(d, k) for k in range(draws) for d in range(len(designs))]
    with ThreadPoolExecutor(threads) as pool:
        blocks = pool.map(computed, (jobs[i : i + at_once] for i in range(0, len(jobs), at_once)))
        computed_outputs = np.concatenate(list(blocks))
    # Design × output × draw.
    values = computed_outputs.reshape(draws, len(designs), -1).transpose(1, 2, 0)
    outputs = values.shape[1]
    first = np.full((outputs, len(sources)), np.nan)
    total = first.copy()
    moving = np.flatnonzero(values[:2].std(axis=(0, 2)) > 0)
    if moving.size:
        chosen = values[:, moving]
        estimated = sobol_indices(func={"f_A": chosen[0], "f_B": chosen[1], "f_AB": chosen[2:]}, n=draws)
        first[moving] = np.reshape(estimated.first_order, (moving.size, len(sources)))
        total[moving] = np.reshape(estimated.total_order, (moving.size, len(sources)))
    return Indices(sources, first, total)


def _sets(dimensions: Mapping[str, int], draws: int, seed: int) -> Sequence[Mapping[str, Floats]]:
    """The uniform numbers of A and B by source: draw × number."""
    from scipy.stats import qmc

    count = sum(dimensions.values())
    source = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(2,))))
    if 0 < 2 * count <= MOST_DIMENSIONS:
        drawn = qmc.Sobol(2 * count, scramble=True, rng=source).random(draws)
    else:
        drawn = source.random((draws, 2 * count))
    designs: list[dict[str, Floats]] = []
    for which in (0, 1):
        start, by_source = which * count, {}
        for name, size in dimensions.items():
            by_source[name] = drawn[:, start : start + size]
            start += size
        designs.append(by_source)
    return designs
