"""Whether an event may be recorded: what the loop allows, what the rules ask for, and what cannot be.

Everything wrong with one event is one problem per sentence, with the remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Any

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Firm, Guess, Word, key
from mujun.rectification.states import BY_DOCUMENT, WAYS, Event, Step, check_event, content, history
from mujun.rectification.tracking import decided, watch_end
from mujun.rules.model.rectification import Exit, TheRectification
from mujun.rules.rectification_plan import FOUR_PATHS

LEAVING: tuple[str, ...] = ("关停退出", "拆除重建", "关停淘汰", "腾退收回")
"""Paths by which a firm or the buildings on a parcel go: judged by the evidence that they have gone, not by tax."""


def paths_of(rules: TheRectification) -> tuple[str, ...]:
    """The paths that may be decided: those of the rules, and the four."""
    return tuple(dict.fromkeys((*(p.path for p in rules.paths), *FOUR_PATHS)))


@dataclass(frozen=True)
class Known:
    """What is known of a subject beside its events.

    Attributes:
        row: its row of the lists, or nothing where it is on none.
        exit: the exit rule of its list.
        paths: the paths that may be decided, see `paths_of`.
        watch_months: how long those struck off are watched.
        corrected_on: when an amendment last corrected a field.
        frees: of a parcel, what its listed firms are expected to free, by code; none where that is not known.
        frees_on: the same by code and path, where the rules make it depend on the path.
        begun: of a parcel, whether the work of a firm had begun on a day.
    """

    row: Mapping[str, Any] | None = None
    exit: Exit | None = None
    paths: tuple[str, ...] = FOUR_PATHS
    watch_months: int = 12
    corrected_on: Mapping[str, date] = field(default_factory=dict)
    frees: Mapping[str, Decimal | None] | None = None
    frees_on: Mapping[tuple[str, str], Decimal | None] = field(default_factory=dict)
    begun: Callable[[str, date], bool] = field(default=lambda _code, _day: True, repr=False)


@dataclass(frozen=True)
class Sifted:
    """New events of one subject, sifted: those that may be recorded, and the others with why not."""

    taken: tuple[Event, ...]
    refused: tuple[tuple[Event, tuple[Problem, ...]], ...]


def sift(past: Sequence[Event], new: Iterable[Event], known: Known, today: date) -> Sifted:
    """Take from several new events of one subject all that can follow one another and what has happened already.

    The order in which the events are given decides nothing: they are tried by day, and on one day in the order of the
    loop, again and again as long as one more fits.
    """
    waiting = sorted(set(new), key=lambda e: (e.on, content(e)))
    taken: list[Event] = []
    refused: list[tuple[Event, tuple[Problem, ...]]] = []
    fitted = True
    while fitted and waiting:
        fitted = False
        for event in list(waiting):
            try:
                steps = history([*past, *taken, event])
            except UsageError:
                continue
            waiting.remove(event)
            wrong = problems_of(event, steps, known, today)
            if wrong:
                refused.append((event, tuple(wrong)))
            else:
                taken.append(event)
                fitted = True
    for event in waiting:
        try:
            check_event([*past, *taken], event)
        except UsageError as error:
            # What is wrong with the event itself is told beside the transition that cannot be.
            itself = _of_itself(event, known, today)
            refused.append((event, tuple(itself) or error.problems))
    return Sifted(tuple(taken), tuple(refused))


def problems_of(event: Event, steps: Sequence[Step], known: Known, today: date) -> list[Problem]:
    """What is wrong with an event that the loop itself allows; `steps` has it among them."""
    problems = _of_itself(event, known, today)
    number = next(n for n, s in enumerate(steps) if s.event == event)
    before = steps[:number]
    if event.action == "accept":
        problems += _of_acceptance(event, before, known)
    if event.action == "close":
        until = watch_end(before, known.watch_months)
        if until is not None and event.on < until:
            problems.append(
                problem("event_watch_not_over", code=Firm(event.subject), until=until, months=known.watch_months)
            )
    return problems


def _of_itself(event: Event, known: Known, today: date) -> list[Problem]:
    problems: list[Problem] = []
    if event.on > today:
        problems.append(problem("event_in_future", day=event.on))
    if event.action in BY_DOCUMENT or (event.action == "list" and known.row is None):
        problems.append(
            problem("event_by_document", code=Firm(event.subject), action=Word(key(f"action_{event.action}")))
        )
    if event.path and event.path not in known.paths:
        near = Guess(nearest(event.path, known.paths))
        problems.append(problem("event_unknown_path", path=event.path, known=list(known.paths), near=near))
    if event.way and event.way not in WAYS:
        near = Guess(nearest(event.way, WAYS))
        problems.append(problem("event_unknown_way", way=event.way, known=list(WAYS), near=near))
    if event.deadline is not None and event.deadline < event.on:
        problems.append(problem("event_deadline_past", deadline=event.deadline, day=event.on))
    if event.action != "accept" and (event.land_mu is not None or event.energy_tce is not None):
        problems.append(problem("event_effects_only_accepted", action=Word(key(f"action_{event.action}"))))
    if event.action != "accept" and event.waiver:
        problems.append(problem("event_waiver_only_accepted", action=Word(key(f"action_{event.action}"))))
    return problems


def _of_acceptance(event: Event, before: Sequence[Step], known: Known) -> list[Problem]:
    row: Mapping[str, Any] = known.row or {}
    problems: list[Problem] = []
    path = event.path or (decided(row, before, known.corrected_on)["path"] if row else None)
    if known.exit is not None and not event.waiver:
        reported = before[-1].event.evidence if before else ()
        lacking = [k for k in known.exit.evidence_for(path) if k not in (*event.evidence, *reported)]
        if lacking:
            problems.append(problem("event_evidence_lacking", code=Firm(event.subject), kinds=lacking))
    if event.kind == "parcel":
        problems += _of_parcel(event, row)
        return problems or _of_its_firms(event, known, path)
    return problems + _of_firm(event, row)


def _of_parcel(event: Event, row: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    if event.land_mu is None:
        problems.append(problem("event_land_needed", code=Firm(event.subject)))
    if event.energy_tce is not None:
        problems.append(problem("event_energy_by_firm", code=Firm(event.subject)))
    return problems + _beyond(event, event.land_mu, row.get("area_mu"), "event_land_too_much")


def _of_its_firms(event: Event, known: Known, path: str | None) -> list[Problem]:
    """Whether the firms on a parcel let it be done, unless a reason is given why it is all the same."""
    if event.waiver or not known.frees:
        return []
    idle = [code for code in known.frees if not known.begun(code, event.on)]
    if idle:
        return [problem("event_firms_not_begun", code=Firm(event.subject), firms=[Firm(c) for c in idle])]
    frees = [known.frees_on.get((code, path or ""), land) for code, land in known.frees.items()]
    if event.land_mu and all(land is not None and land == 0 for land in frees):
        return [problem("event_frees_nothing", code=Firm(event.subject), value=event.land_mu)]
    return []


def _of_firm(event: Event, row: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    if event.energy_tce is None:
        problems.append(problem("event_energy_needed", code=Firm(event.subject)))
    if event.land_mu is None and not row.get("parcels"):
        problems.append(problem("event_land_needed_of_firm", code=Firm(event.subject)))
    if event.land_mu is not None and row.get("parcels"):
        problems.append(problem("event_land_by_parcel", code=Firm(event.subject), parcels=row["parcels"]))
    else:
        problems += _beyond(event, event.land_mu, row.get("land_mu"), "event_land_too_much")
    return problems + _beyond(event, event.energy_tce, row.get("energy_base_tce"), "event_energy_too_much")


def _beyond(event: Event, value: Any, most: Any, code: str) -> list[Problem]:
    if value is None:
        return []
    if value < 0:
        return [problem("event_negative", code=Firm(event.subject), value=value)]
    if most is not None and value > most:
        problem_of: Callable[..., Problem] = problem
        return [problem_of(code, code=Firm(event.subject), value=value, most=most)]
    return []
