"""Analysis: what stands behind a result, shown step by step."""

from mujun.analysis.explaining import Explainer, RunInfo, explain, fields_behind
from mujun.analysis.explanation import Explanation, Origin

__all__ = ["Explainer", "Explanation", "Origin", "RunInfo", "explain", "fields_behind"]
