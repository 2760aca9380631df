"""Colours of tiers, the same on sheets, pages, charts and in Word: from blue to red, told apart in grey too."""

from __future__ import annotations

from collections.abc import Sequence

_FILLS = ("#BFD7EA", "#DEEBF5", "#ECECEC", "#FCE4BF", "#F2BFBB")
_MARKS = ("#1F5FA8", "#6FA8D6", "#8C8C8C", "#F0A030", "#A61C1C")
_SHAPES = ("circle", "square", "diamond", "triangle-up", "cross")
OFF_LADDER = "#E3E3E3"
"""Behind a tier that no cut gives."""

INK, QUIET, LAST = "#1F2933", "#7B8794", "#B8C2CC"
"""Text and lines; what is said beside; a figure of the year before."""


def tier_fills(ladder: Sequence[str]) -> dict[str, str]:
    """A light colour per tier of a ladder, best first, for what stands behind a text.

    >>> tier_fills(["A", "B", "C", "D"])["D"] == tier_fills(["优", "劣"])["劣"]
    True
    """
    return _chosen(ladder, _FILLS)


def tier_marks(ladder: Sequence[str]) -> dict[str, str]:
    """A strong colour per tier of a ladder, for bars and points."""
    return _chosen(ladder, _MARKS)


def tier_shapes(ladder: Sequence[str]) -> dict[str, str]:
    """A shape per tier of a ladder, so that points differ without colour too."""
    return _chosen(ladder, _SHAPES)


def _chosen(ladder: Sequence[str], kinds: Sequence[str]) -> dict[str, str]:
    places = {1: (0,), 2: (0, 4), 3: (0, 2, 4), 4: (0, 1, 3, 4)}.get(len(ladder), (0, 1, 2, 3, 4))
    return {t: kinds[places[min(i, len(places) - 1)]] for i, t in enumerate(ladder)}
