"""The loop that a listed enterprise goes through, as a pure fold over events.

An event is never changed or taken back; the state on any day is what the events up to that day make of it. Events of
one day have no order of their own, so that files may arrive in any order: they are put into the order that the loop
allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from mujun.errors import Problem, UsageError, problem
from mujun.messages import Word

State = Literal[
    "screened", "verified", "dismissed", "listed", "planned", "in_progress", "reported_done", "accepted", "returned",
    "off_list", "watched", "closed", "relapsed",
]  # fmt: skip

Action = Literal[
    "screen", "verify", "dismiss", "list", "plan", "start", "report", "return", "accept", "strike_off", "watch",
    "close", "relapse",
]  # fmt: skip

STATES: tuple[State, ...] = get_args(State)
ACTIONS: tuple[Action, ...] = get_args(Action)

_TRANSITIONS: dict[Action, tuple[tuple[State | None, ...], State]] = {
    "screen": ((None, "dismissed", "closed"), "screened"),
    "verify": (("screened",), "verified"),
    "dismiss": (("screened", "verified"), "dismissed"),
    # A relapsed enterprise is listed again without being screened again.
    "list": (("verified", "relapsed"), "listed"),
    "plan": (("listed",), "planned"),
    "start": (("planned",), "in_progress"),
    "report": (("in_progress", "returned"), "reported_done"),
    "return": (("reported_done",), "returned"),
    "accept": (("reported_done",), "accepted"),
    "strike_off": (("accepted",), "off_list"),
    "watch": (("off_list",), "watched"),
    "close": (("watched",), "closed"),
    "relapse": (("off_list", "watched"), "relapsed"),
}


@dataclass(frozen=True)
class Event:
    """One thing that happened to one enterprise on one day."""

    credit_code: str
    action: Action
    on: date
    actor: str = ""
    note: str = ""
    document: str = ""


@dataclass(frozen=True)
class Step:
    """An event and the states before and after it."""

    event: Event
    before: State | None
    after: State


def allowed(state: State | None) -> tuple[Action, ...]:
    """What may happen next; `None` is an enterprise that nothing has happened to.

    >>> allowed("reported_done")
    ('return', 'accept')
    """
    return tuple(a for a in ACTIONS if state in _TRANSITIONS[a][0])


def history(events: Iterable[Event]) -> tuple[Step, ...]:
    """The steps of one enterprise, in order of time; the same event twice counts once.

    Raises:
        UsageError: the events cannot follow one another; names the first that cannot, and what could.
    """
    days: dict[date, set[Event]] = defaultdict(set)
    for event in events:
        days[event.on].add(event)
    steps: list[Step] = []
    for day in sorted(days):
        before = steps[-1].after if steps else None
        several = sorted(days[day], key=lambda e: (ACTIONS.index(e.action), e.actor, e.note, e.document))
        found = _ordered(several, before)
        if found is None:
            raise UsageError(_refusal(several, before))
        steps += found
    return tuple(steps)


def state_at(events: Iterable[Event], day: date | None = None) -> State | None:
    """The state of one enterprise at the end of a day; now where none is given."""
    steps = history(e for e in events if day is None or e.on <= day)
    return steps[-1].after if steps else None


def states_at(events: Iterable[Event], day: date | None = None) -> dict[str, State]:
    """The state of every enterprise that something has happened to, by credit code."""
    of: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if day is None or event.on <= day:
            of[event.credit_code].append(event)
    found = {code: state_at(several) for code, several in sorted(of.items())}
    return {code: state for code, state in found.items() if state is not None}


def check_event(events: Iterable[Event], new: Event) -> State:
    """The state that one more event of an enterprise leads to.

    An event may be dated back; what came after it must still be possible.

    Raises:
        UsageError: the event is not allowed; one sentence with the state and what is allowed in it.
    """
    earlier = [e for e in events if e.credit_code == new.credit_code]
    before = state_at(earlier, new.on)
    if not any(e.on == new.on for e in earlier) and new.action not in allowed(before):
        raise UsageError(_refusal([new], before))
    steps = history([*earlier, new])
    return next(s.after for s in reversed(steps) if s.event == new)


def _ordered(events: Sequence[Event], before: State | None) -> list[Step] | None:
    """The first order of a day's events that the loop allows, `None` where there is none."""
    if not events:
        return []
    for number, event in enumerate(events):
        origins, after = _TRANSITIONS[event.action]
        if before not in origins:
            continue
        rest = _ordered([*events[:number], *events[number + 1 :]], after)
        if rest is not None:
            return [Step(event, before, after), *rest]
    return None


def _refusal(events: Sequence[Event], before: State | None) -> Problem:
    possible = allowed(before)
    event = next((e for e in events if e.action not in possible), events[0])
    return problem(
        "event_not_allowed",
        code=event.credit_code,
        day=event.on,
        action=Word(f"action_{event.action}"),
        state=Word(f"state_{before or 'none'}"),
        allowed=[Word(f"action_{a}") for a in possible] or "—",
    )
