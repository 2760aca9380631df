"""`county.rectify`: the rectification list and its closed loop."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.rectification import states
    from mujun.workspace.rectification import (
        amending,
        candidates,
        events,
        events_together,
        lists,
        looking_back,
        next_steps,
        papers,
        rechecking,
        visited,
    )
    from mujun.workspace.runs import policies
else:
    amending = Late("mujun.workspace.rectification.amending")
    candidates = Late("mujun.workspace.rectification.candidates")
    events = Late("mujun.workspace.rectification.events")
    events_together = Late("mujun.workspace.rectification.events_together")
    lists = Late("mujun.workspace.rectification.lists")
    looking_back = Late("mujun.workspace.rectification.looking_back")
    next_steps = Late("mujun.workspace.rectification.next_steps")
    papers = Late("mujun.workspace.rectification.papers")
    policies = Late("mujun.workspace.runs.policies")
    rechecking = Late("mujun.workspace.rectification.rechecking")
    states = Late("mujun.rectification.states")
    visited = Late("mujun.workspace.rectification.visited")


class Rectify(Group):
    """The rectification list and its closed loop."""

    list = Verb(lists.draft)
    preview = Verb(lists.preview)
    list_of = Verb(policies.listing_of)
    screen = Verb(candidates.screen_candidates)
    waiting_among = Verb(visited.waiting_among)
    visited = Verb(visited.visited)
    issue = Verb(lists.issue)
    amendable = Verb(amending.amendable)
    amend = Verb(amending.amend)
    issued = Verb(lists.issued_lists)
    allowed = Free(states.allowed)
    record = Verb(events.record_event)
    next_of = Verb(next_steps.next_of)
    record_together = Verb(events_together.record_together)
    load = Verb(events.load_events)
    revoke = Verb(events.revoke)
    history = Verb(looking_back.course_of)
    due = Verb(papers.due_matters)
    recheck = Verb(rechecking.recheck)
