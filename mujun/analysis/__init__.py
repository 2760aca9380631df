"""Analysis: what stands behind a result, shown step by step."""

from mujun.analysis.explaining import Explainer, RunInfo, explain, fields_behind
from mujun.analysis.explanation import Explanation, Origin
from mujun.analysis.way_up import WayUp
from mujun.analysis.ways import Ways

__all__ = ["Explainer", "Explanation", "Origin", "RunInfo", "WayUp", "Ways", "explain", "fields_behind"]
