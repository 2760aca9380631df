"""Analysis: what stands behind a result, shown step by step."""

from mujun.analysis.explaining import Explanation, IndicatorStep, RuleStep, explain

__all__ = ["Explanation", "IndicatorStep", "RuleStep", "explain"]
