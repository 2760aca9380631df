"""The way up: for a firm and the next tier, the values that reach it; and how close it is to falling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WayUp:
    """Placeholder until the next commit."""
