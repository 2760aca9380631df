"""Fairness at a glance: who gets which tier, which indicator makes the difference, what the weights come to."""

from mujun.analysis.fairness.fairness import Fairness, fairness
from mujun.analysis.fairness.groups import DIMENSIONS

__all__ = ["DIMENSIONS", "Fairness", "fairness"]
