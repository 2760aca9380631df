"""Sobol indices against functions whose indices are known, by the path that a rating takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest

from mujun.analysis.stability.variance import Evaluate, indices_of

Floats = npt.NDArray[np.float64]


def _each(one: Callable[[Mapping[str, Floats], Mapping[str, int], int], Floats]) -> Evaluate:
    return lambda asked: np.array([one(*draw) for draw in asked])


def _ishigami(uniform: Mapping[str, Floats], sets: Mapping[str, int], number: int) -> Floats:
    del sets, number
    x = {name: -np.pi + 2 * np.pi * u[0] for name, u in uniform.items()}
    return np.array([np.sin(x["one"]) + 7 * np.sin(x["two"]) ** 2 + 0.1 * x["three"] ** 4 * np.sin(x["one"]), 1.0])


def test_ishigami() -> None:
    """First order 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437 (a = 7, b = 0.1)."""
    found = indices_of(_each(_ishigami), {"one": 1, "two": 1, "three": 1}, 2048, seed=1, threads=2)
    assert found.sources == ("one", "two", "three")
    assert found.first[0] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found.total[0] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    # What never changes has no variance to share.
    assert np.isnan(found.first[1]).all()


def test_groups_of_numbers() -> None:
    """A sum of independent terms: each group's share is its part of the variance, 2 : 8 : 1, and there is no more."""

    def total(uniform: Mapping[str, Floats], sets: Mapping[str, int], number: int) -> Floats:
        own = np.random.default_rng((sets["stream"], number)).random()
        return np.array([uniform["two"].sum() + 2 * uniform["doubled"].sum() + own])

    found = indices_of(_each(total), {"two": 2, "doubled": 2, "stream": 0}, 4096, seed=7)
    expected = np.array([2, 8, 1]) / 11
    assert found.first[0] == pytest.approx(expected, abs=0.04)
    assert found.total[0] == pytest.approx(expected, abs=0.04)
