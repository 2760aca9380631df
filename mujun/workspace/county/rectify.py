"""`county.rectify`: the rectification list and its closed loop."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.rectification import amending, candidates, events, lists
from mujun.workspace.runs import policies


class Rectify(Group):
    """The rectification list and its closed loop."""

    list = Verb(lists.preview)
    list_of = Verb(policies.listing_of)
    screen = Verb(candidates.screen_candidates)
    issue = Verb(lists.issue)
    amend = Verb(amending.amend)
    record = Verb(events.record)
    load = Verb(events.load_events)
    revoke = Verb(events.revoke)
