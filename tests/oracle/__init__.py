"""A slow reference rater, written from the design text alone: plain Python, decimals and fractions."""

from .expressions import OracleError
from .rater import Result, rate

__all__ = ["OracleError", "Result", "rate"]
