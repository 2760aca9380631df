"""Rectification: who is listed as high in consumption and low in efficiency, for which reasons, and how one gets off.

`list_enterprises` is a pure function of a frame, its rating and rectification.yaml; `states` is the loop that a listed
enterprise goes through, as a pure fold over events.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.rectification.exiting import exits
    from mujun.rectification.listing import list_enterprises
    from mujun.rectification.result import COLUMNS, Listing
    from mujun.rectification.states import (
        ACTIONS,
        STATES,
        Action,
        Event,
        State,
        allowed,
        check_event,
        history,
        state_at,
        states_at,
    )

open_late(
    __name__,
    {
        "exiting": "exits",
        "listing": "list_enterprises",
        "result": "COLUMNS Listing",
        "states": "ACTIONS STATES Action Event State allowed check_event history state_at states_at",
    },
)

__all__ = [
    "ACTIONS",
    "COLUMNS",
    "STATES",
    "Action",
    "Event",
    "Listing",
    "State",
    "allowed",
    "check_event",
    "exits",
    "history",
    "list_enterprises",
    "state_at",
    "states_at",
]
