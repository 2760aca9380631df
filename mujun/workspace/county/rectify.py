"""`county.rectify`: the rectification list and its closed loop."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.rectification import (
    amending,
    candidates,
    events,
    lists,
    looking_back,
    papers,
    rechecking,
    visited,
)
from mujun.workspace.runs import policies


class Rectify(Group):
    """The rectification list and its closed loop."""

    list = Verb(lists.draft)
    preview = Verb(lists.preview)
    list_of = Verb(policies.listing_of)
    screen = Verb(candidates.screen_candidates)
    waiting_among = Verb(visited.waiting_among)
    visited = Verb(visited.visited)
    issue = Verb(lists.issue)
    amend = Verb(amending.amend)
    issued = Verb(lists.issued_lists)
    record = Verb(events.record_event)
    load = Verb(events.load_events)
    revoke = Verb(events.revoke)
    history = Verb(looking_back.course_of)
    due = Verb(papers.due_matters)
    recheck = Verb(rechecking.recheck)
