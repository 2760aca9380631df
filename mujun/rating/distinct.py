"""Whole numbers each once, by sorting: NumPy's own way is a table of hashes, which takes many times as long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mujun.rating.ranking import Whole


def each_once(parts: Sequence[Whole]) -> Whole:
    """The numbers of several arrays, ascending, each once."""
    numbers = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *parts]))
    return numbers[_first(numbers)]


def added_up(parts: Sequence[tuple[Whole, Whole]]) -> tuple[Whole, Whole]:
    """The numbers of several arrays, ascending, each once, and what stands beside each added up.

    Args:
        parts: numbers, and what stands beside them.
    """
    numbers, beside = (np.concatenate([np.zeros(0, dtype=np.int64), *several]) for several in zip(*parts, strict=True))
    order = np.argsort(numbers)
    numbers = numbers[order]
    first = np.flatnonzero(_first(numbers))
    return numbers[first], np.add.reduceat(beside[order], first) if first.size else beside


def _first(ascending: Whole) -> npt.NDArray[np.bool_]:
    """Where a number differs from the one before it."""
    first = np.ones(ascending.size, dtype=np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return first
