"""`county.monitor`: how far the year's work is, against its targets."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.workspace import year_path
    from mujun.workspace.monitoring import (
        assessing,
        handing_out,
        ladders,
        month_status,
        plan_papers,
        racing,
        returning,
        typing_in,
    )
    from mujun.workspace.rectification import monitoring
else:
    assessing = Late("mujun.workspace.monitoring.assessing")
    handing_out = Late("mujun.workspace.monitoring.handing_out")
    ladders = Late("mujun.workspace.monitoring.ladders")
    month_status = Late("mujun.workspace.monitoring.month_status")
    plan_papers = Late("mujun.workspace.monitoring.plan_papers")
    racing = Late("mujun.workspace.monitoring.racing")
    returning = Late("mujun.workspace.monitoring.returning")
    typing_in = Late("mujun.workspace.monitoring.typing_in")
    monitoring = Late("mujun.workspace.rectification.monitoring")
    year_path = Late("mujun.workspace.year_path")


class Monitor(Group):
    """How far the year's work is, against its targets."""

    status = Verb(monitoring.status)
    year_path = Verb(year_path.year_path)
    month = Verb(month_status.plan_month)
    reported = Verb(month_status.reported)
    take_back = Verb(month_status.take_back_report)
    sheets = Verb(handing_out.hand_out_month)
    load = Verb(returning.take_months)
    forms = Verb(typing_in.month_forms)
    enter = Verb(typing_in.enter_month)
    paper = Verb(plan_papers.plan_paper)
    papers = Verb(plan_papers.plan_papers)
    assessment = Verb(assessing.assessment)
    projects = Verb(month_status.projects)
    race = Verb(racing.race)
    race_explained = Free(racing.race_explained)
    race_tried = Free(racing.race_tried)
    race_firmness = Free(racing.race_firmness)
    ladders = Verb(ladders.ladders_of)
