"""Analysis: what stands behind a result, shown step by step."""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.analysis.behind_figures import fields_behind
    from mujun.analysis.explaining import Explainer, RunInfo, explain
    from mujun.analysis.explanation import Explanation, Origin
    from mujun.analysis.way_up import WayUp
    from mujun.analysis.ways import Ways

open_late(
    __name__,
    {
        "behind_figures": "fields_behind",
        "explaining": "Explainer RunInfo explain",
        "explanation": "Explanation Origin",
        "way_up": "WayUp",
        "ways": "Ways",
    },
)

__all__ = ["Explainer", "Explanation", "Origin", "RunInfo", "WayUp", "Ways", "explain", "fields_behind"]
