"""The loop: only what is allowed passes, and the order of files decides nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.errors import UsageError
from mujun.messages import speaking
from mujun.rectification import ACTIONS, STATES, Event, allowed, check_event, history, state_at, states_at
from mujun.rectification.states import Action, State


def told(*events: tuple[str, str], code: str = "T") -> list[Event]:
    return [Event(code, action, date.fromisoformat(day)) for day, action in events]  # type: ignore[arg-type]


STORY = told(
    ("2022-03-01", "screen"), ("2022-04-01", "verify"), ("2022-04-10", "list"), ("2022-05-01", "plan"),
    ("2022-06-01", "start"), ("2022-09-01", "report"), ("2022-09-15", "return"), ("2022-11-01", "report"),
    ("2022-11-20", "accept"), ("2022-12-01", "strike_off"), ("2022-12-01", "watch"), ("2023-08-01", "relapse"),
    ("2023-08-02", "list"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2022-02-28", None), ("2022-03-31", "screened"), ("2022-04-30", "listed"), ("2022-09-30", "returned"),
        ("2022-11-30", "accepted"), ("2022-12-31", "watched"), ("2023-08-01", "relapsed"), ("2030-01-01", "listed"),
    ],
)  # fmt: skip
def test_the_state_at_any_past_day(day: str, state: str | None) -> None:
    assert state_at(STORY, date.fromisoformat(day)) == state


def test_later_events_do_not_change_the_past() -> None:
    for day in {e.on for e in STORY}:
        assert state_at([e for e in STORY if e.on <= day]) == state_at(STORY, day)


@settings(max_examples=60)
@given(st.permutations(STORY + STORY[3:6]))
def test_any_order_and_repetition_of_files_gives_the_same_history(events: list[Event]) -> None:
    assert history(events) == history(STORY)


def test_a_whole_round_on_one_day_is_put_into_its_order() -> None:
    day = "2022-06-01"
    events = told(*((day, a) for a in ("accept", "report", "start", "plan", "list", "verify", "screen")))
    assert [s.after for s in history(events)][-1] == "accepted"


def test_what_is_not_allowed_is_refused_in_one_sentence() -> None:
    with pytest.raises(UsageError) as caught:
        check_event(STORY[:3], Event("T", "accept", date(2022, 5, 1)))
    with speaking("en"):
        assert str(caught.value) == "T is “listed” on 2022-05-01 and cannot “accept”; possible are: plan."


def test_an_event_dated_back_must_fit_what_came_after() -> None:
    assert check_event(STORY[:3], Event("T", "plan", date(2022, 5, 1))) == "planned"
    with pytest.raises(UsageError):
        check_event(STORY[:4], Event("T", "dismiss", date(2022, 4, 5)))


def test_every_state_can_be_reached_and_every_action_has_a_state_it_leads_from() -> None:
    reached: set[State | None] = {None}
    edges: set[tuple[State | None, Action]] = set()
    for state in (None, *STATES):
        edges |= {(state, action) for action in allowed(state)}
    assert {a for _, a in edges} == set(ACTIONS)
    for _ in STATES:
        for state, action in edges:
            if state in reached:
                # Follow an edge by telling it after the shortest way there.
                reached.add(_after(action))
    assert reached == {None, *STATES}


def _after(action: Action) -> State:
    from mujun.rectification.states import _TRANSITIONS

    return _TRANSITIONS[action][1]


def test_states_of_many() -> None:
    other = told(("2022-03-01", "screen"), ("2022-03-02", "dismiss"), code="U")
    assert states_at([*STORY, *other], date(2022, 4, 30)) == {"T": "listed", "U": "dismissed"}
