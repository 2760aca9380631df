"""Industry divisions."""

from __future__ import annotations

from mujun.reports.drawing.industries import DIVISIONS


def test_every_division_from_mining_to_water_has_a_name() -> None:
    assert list(DIVISIONS) == [f"{n:02d}" for n in range(6, 47)]
    assert len(set(DIVISIONS.values())) == 41
