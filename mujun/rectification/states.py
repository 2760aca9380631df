"""The loop that a listed enterprise or parcel goes through, as a pure fold over events.

An event is never changed or taken back; the state on any day is what the events up to that day make of it. Events of
one day have no order of their own, so that files may arrive in any order: they are put into the order that the loop
allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.messages import Firm, Word, key

State = Literal[
    "screened", "verified", "dismissed", "listed", "planned", "in_progress", "reported_done", "accepted", "returned",
    "off_list", "watched", "closed", "relapsed", "removed",
]  # fmt: skip

Action = Literal[
    "screen", "verify", "dismiss", "list", "plan", "start", "report", "return", "accept", "strike_off", "watch",
    "close", "relapse", "remove",
]  # fmt: skip

STATES: tuple[State, ...] = get_args(State)
ACTIONS: tuple[Action, ...] = get_args(Action)

_TRANSITIONS: dict[Action, tuple[tuple[State | None, ...], State]] = {
    "screen": ((None, "dismissed", "closed", "removed"), "screened"),
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
    # Only an amendment takes a wrongly listed subject out again; what was accepted stays accepted.
    "remove": (("listed", "planned", "in_progress", "reported_done", "returned", "relapsed"), "removed"),
}

SubjectKind = Literal["enterprise", "parcel"]

WAYS: tuple[str, ...] = ("兼并重组", "整体腾退", "搬迁入园", "改造提升")
"""How a subject is dealt with within its path, as the plan of 嵊政〔2022〕28号 names the ways."""

BY_DOCUMENT: tuple[Action, ...] = ("remove",)
"""What only a list document does."""


@dataclass(frozen=True)
class Event:
    """One thing that happened to one enterprise or parcel on one day; two with the same content are one.

    Attributes:
        subject: a credit code, or a parcel's number.
        action: what happened.
        on: when.
        actor: who did it.
        note, document: in words, and the document it rests on.
        evidence: the kinds of evidence that were seen.
        waiver: why evidence that the rules ask for was not asked for.
        path: how the subject is dealt with, where that is (newly) decided.
        deadline: until when, where that is (newly) decided.
        department: which office is responsible, where that is (newly) decided.
        land_mu: verified freed land, 亩.
        energy_tce: verified freed energy, tce.
        way: in which of `WAYS` the path is gone, where that is (newly) decided.
        kind: whether the subject is an enterprise or a parcel.
    """

    subject: str
    action: Action
    on: date
    actor: str = ""
    note: str = ""
    document: str = ""
    evidence: tuple[str, ...] = ()
    waiver: str = ""
    path: str = ""
    deadline: date | None = None
    department: str = ""
    land_mu: Decimal | None = None
    energy_tce: Decimal | None = None
    way: str = ""
    kind: SubjectKind = "enterprise"

    @property
    def key(self) -> tuple[SubjectKind, str]:
        """Whom it happened to."""
        return self.kind, self.subject


_PARTS = tuple(f.name for f in fields(Event))


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
    """The steps of one subject, in order of time; the same event twice counts once.

    Raises:
        UsageError: the events cannot follow one another; names the first that cannot, and what could.
    """
    days: dict[date, set[Event]] = defaultdict(set)
    for event in events:
        days[event.on].add(event)
    steps: list[Step] = []
    for day in sorted(days):
        before = steps[-1].after if steps else None
        several = sorted(days[day], key=content) if len(days[day]) > 1 else list(days[day])
        ordered = _ordered(several, before)
        if ordered is None:
            raise UsageError(_refusal(several, before))
        steps += ordered
    return tuple(steps)


def state_at(events: Iterable[Event], day: date | None = None) -> State | None:
    """The state of one subject at the end of a day; now where none is given."""
    steps = history(e for e in events if day is None or e.on <= day)
    return steps[-1].after if steps else None


def histories(events: Iterable[Event], day: date | None = None) -> dict[tuple[SubjectKind, str], tuple[Step, ...]]:
    """The steps of every subject that something has happened to until the end of a day, sorted by kind and subject."""
    of: dict[tuple[SubjectKind, str], list[Event]] = defaultdict(list)
    for event in events:
        if day is None or event.on <= day:
            of[event.key].append(event)
    return {key: history(several) for key, several in sorted(of.items())}


def set_aside(events: Iterable[Event]) -> dict[tuple[SubjectKind, str], tuple[Problem, ...]]:
    """The subjects whose events cannot follow one another, and why; `histories` of the others can be told."""
    refused: dict[tuple[SubjectKind, str], tuple[Problem, ...]] = {}
    of: dict[tuple[SubjectKind, str], list[Event]] = defaultdict(list)
    for event in events:
        of[event.key].append(event)
    for subject, several in sorted(of.items()):
        try:
            history(several)
        except UsageError as error:
            refused[subject] = error.problems
    return refused


def states_at(events: Iterable[Event], day: date | None = None) -> dict[str, State]:
    """The state of every subject that something has happened to, by credit code or parcel."""
    return {subject: steps[-1].after for (_, subject), steps in histories(events, day).items()}


def check_event(events: Iterable[Event], new: Event) -> State:
    """The state that one more event of a subject leads to.

    An event may be dated back; what came after it must still be possible.

    Raises:
        UsageError: the event is not allowed; one sentence with the state and what is allowed in it.
    """
    earlier = [e for e in events if e.key == new.key]
    before = state_at(earlier, new.on)
    if not any(e.on == new.on for e in earlier) and new.action not in allowed(before):
        raise UsageError(_refusal([new], before))
    try:
        steps = history([*earlier, new])
    except UsageError as error:
        if new.action in allowed(state_at((e for e in earlier if e.on < new.on), new.on)):
            # It would be allowed by itself, but not what happened afterwards.
            raise UsageError(_refusal_of_later(earlier, new)) from error
        raise UsageError(_refusal([new], before)) from error
    return next(s.after for s in reversed(steps) if s.event == new)


def content(event: Event) -> tuple[object, ...]:
    """What sorts a day's events, so that the order in which they were written down decides nothing."""
    return (ACTIONS.index(event.action), *(repr(getattr(event, name)) for name in _PARTS))


def _ordered(events: Sequence[Event], before: State | None) -> list[Step] | None:
    """The first order of a day's events that the loop allows, `None` where there is none.

    Events of one action can stand for one another, so that what is left is told by how many there are of each.
    """
    dead: set[tuple[State | None, tuple[Action, ...]]] = set()

    def onward(left: Sequence[Event], state: State | None) -> list[Step] | None:
        if not left:
            return []
        mark = (state, tuple(e.action for e in left))
        if mark in dead:
            return None
        tried: set[Action] = set()
        for number, event in enumerate(left):
            origins, after = _TRANSITIONS[event.action]
            if state not in origins or event.action in tried:
                continue
            tried.add(event.action)
            rest = onward([*left[:number], *left[number + 1 :]], after)
            if rest is not None:
                return [Step(event, state, after), *rest]
        dead.add(mark)
        return None

    return onward(events, before)


def _refusal(events: Sequence[Event], before: State | None) -> Problem:
    possible = allowed(before)
    event = next((e for e in events if e.action not in possible), events[0])
    return problem(
        "event_not_allowed",
        code=Firm(event.subject),
        day=event.on,
        action=Word(key(f"action_{event.action}")),
        state=Word(key(f"state_{before or 'none'}")),
        allowed=[Word(key(f"action_{a}")) for a in possible if a not in BY_DOCUMENT] or "—",
    )


def _refusal_of_later(earlier: Sequence[Event], new: Event) -> Problem:
    later = min((e for e in earlier if e.on >= new.on), key=lambda e: (e.on, content(e)))
    return problem(
        "event_before_another",
        code=Firm(new.subject),
        day=new.on,
        action=Word(key(f"action_{new.action}")),
        later=Word(key(f"action_{later.action}")),
        later_day=later.on,
    )
