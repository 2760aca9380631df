"""Where every listed enterprise and parcel stands on a day, and what has been achieved, each thing counted once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Any, cast

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import months_later
from mujun.rectification.documents import VERIFIED, Frozen, Standing, as_value
from mujun.rectification.result import AMOUNT
from mujun.rectification.states import State, Step, SubjectKind

Subject = tuple[SubjectKind, str]

TRACK_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "subject": pl.String(),
    "name": pl.String(),
    "township": pl.String(),
    "park": pl.String(),
    "industry": pl.String(),
    "scale": pl.String(),
    "tier": pl.String(),
    "list": pl.Int32(),
    "year": pl.Int32(),
    "state": pl.String(),
    "since": pl.Date(),
    "listed_on": pl.Date(),
    "path": pl.String(),
    "way": pl.String(),
    "deadline": pl.Date(),
    "department": pl.String(),
    "land_mu": AMOUNT,
    "expected_land_mu": AMOUNT,
    "expected_energy_tce": AMOUNT,
    "energy_base_tce": AMOUNT,
    "others": pl.List(pl.String()),
    "accepted_on": pl.Date(),
    "accepted_path": pl.String(),
    "accepted_way": pl.String(),
    "frees_land": pl.Boolean(),
    "verified_land_mu": AMOUNT,
    "verified_energy_tce": AMOUNT,
    "watch_until": pl.Date(),
    "last_action": pl.String(),
    "last_document": pl.String(),
    "last_note": pl.String(),
}
"""A listed enterprise or parcel on a day.

`land_mu` is an enterprise's land or a parcel's area; `others` are the parcels that an enterprise stands on, or the
listed enterprises on a parcel; `accepted_on` and the verified effects are those of the acceptance that counts, and
`accepted_path` and `accepted_way` are the path and the way by which it was done, whatever is decided afterwards;
`frees_land` is false where by the rules of its list that path frees no land, so that none counts as put to use;
`watch_until` is the day on which a watch ends.
"""

DECIDED: tuple[str, ...] = ("path", "deadline", "department")
"""What the list proposes and events decide."""

UNDONE: tuple[State, ...] = ("listed", "planned", "in_progress", "reported_done", "returned", "relapsed")
"""States in which the work is still to be done, so that a deadline can pass."""


@dataclass(frozen=True)
class Acceptance:
    """The acceptance of a subject that counts: once, in the period in which it was accepted."""

    on: date
    land_mu: Decimal | None
    energy_tce: Decimal | None
    steps: int
    """How many steps lead to it, itself among them."""


def counted_acceptance(steps: Sequence[Step]) -> Acceptance | None:
    """The acceptance by which a subject counts as done, if it stands.

    A relapse takes it away; accepted again, it counts at the later day. Once a round has been closed its acceptance
    stands for good: the same subject on another list later does not count a second time.
    """
    acceptance: Acceptance | None = None
    for number, step in enumerate(steps, start=1):
        if step.event.action == "screen" and acceptance is not None:
            return acceptance
        if step.event.action == "accept":
            acceptance = Acceptance(step.event.on, step.event.land_mu, step.event.energy_tce, number)
        elif step.after == "relapsed":
            acceptance = None
    return acceptance


def watch_end(steps: Sequence[Step], months: int) -> date | None:
    """The day on which the watch of a subject ends that is off the list or watched; `None` for all others."""
    if not steps or steps[-1].after not in ("off_list", "watched"):
        return None
    struck = next(s.event.on for s in reversed(steps) if s.event.action == "strike_off")
    return months_later(struck, months)


def this_round(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps since a subject was last put onto a list."""
    last = max((n for n, s in enumerate(steps) if s.event.action == "list"), default=0)
    return steps[last:]


def decided(
    row: Mapping[str, Any], steps: Sequence[Step], corrected_on: Mapping[str, date] | None = None
) -> dict[str, Any]:
    """Path, deadline and department of a subject: what the list says, unless an event decided it later.

    Args:
        row: the subject's row of the lists.
        steps: its steps.
        corrected_on: the day on which an amendment last corrected a field; events until then no longer decide it.
    """
    decisions = {name: row[name] for name in DECIDED}
    for step in this_round(steps):
        for name in DECIDED:
            value = getattr(step.event, name)
            since = (corrected_on or {}).get(name)
            if value and (since is None or step.event.on > since):
                decisions[name] = value
    return decisions


def way_decided(steps: Sequence[Step]) -> str | None:
    """The way that was decided last since a subject was screened or relapsed."""
    way: str | None = None
    for step in steps:
        if step.event.action in ("screen", "relapse"):
            way = None
        way = step.event.way or way
    return way


def as_verified(
    firms: pl.DataFrame, steps: Mapping[Subject, Sequence[Step]], months: Mapping[str, int], listed_on: date
) -> pl.DataFrame:
    """The enterprises of a new list, with the path, deadline and department that were decided when they were verified.

    Args:
        firms: as in `mujun.rectification.documents.FIRM_SCHEMA`.
        steps: the steps of every subject.
        months: how long each path takes by the rules; a path decided without a deadline gets it from here.
        listed_on: the day from which deadlines count.
    """
    chosen: dict[str, dict[str, Any]] = {}
    for code in firms["credit_code"]:
        past = steps.get(("enterprise", code), ())
        if not past or past[-1].after != "verified":
            continue
        start = max(n for n, s in enumerate(past) if s.event.action == "screen")
        told = {n: v for s in past[start:] for n in DECIDED if (v := getattr(s.event, n))}
        if told.get("path") in months and "deadline" not in told:
            told["deadline"] = months_later(listed_on, months[told["path"]])
        if told:
            chosen[code] = told
    if not chosen:
        return firms
    return firms.with_columns(
        pl.Series(
            name,
            [chosen.get(c, {}).get(name, v) for c, v in zip(firms["credit_code"], firms[name], strict=True)],
            dtype=firms.schema[name],
        )
        for name in DECIDED
    )


def corrections(documents: Sequence[Frozen], day: date | None = None) -> dict[Subject, dict[str, date]]:
    """The day on which each field of a subject was last corrected by an amendment."""
    amended_on: dict[Subject, dict[str, date]] = {}
    for amendment in sorted((d for d in documents if d.kind == "amendment"), key=lambda d: (d.issued_on, d.number)):
        if day is not None and amendment.issued_on > day:
            continue
        for change in amendment.tables["changes"].filter(pl.col("change") == "correct").iter_rows(named=True):
            amended_on.setdefault((change["kind"], change["subject"]), {})[change["field"]] = amendment.issued_on
    return amended_on


def effects_decided(documents: Sequence[Frozen]) -> dict[tuple[int, str, str], tuple[Decimal | None, Decimal | None]]:
    """What a firm of a list is expected to free on each path, by the list's number, code and path: land and energy."""
    effects: dict[tuple[int, str, str], tuple[Decimal | None, Decimal | None]] = {}
    for document in documents:
        for code, path, land, energy in document.tables.get("effects", pl.DataFrame()).iter_rows():
            effects[document.list_number, code, path] = (land, energy)
    return effects


def verified_anew(documents: Sequence[Frozen], day: date | None = None) -> dict[Subject, dict[str, Decimal | None]]:
    """The figures of acceptances that amendments corrected, until a day."""
    verified: dict[Subject, dict[str, Decimal | None]] = {}
    for amendment in sorted((d for d in documents if d.kind == "amendment"), key=lambda d: (d.issued_on, d.number)):
        if day is not None and amendment.issued_on > day:
            continue
        changes = amendment.tables["changes"].filter(pl.col("field").is_in(VERIFIED))
        for change in changes.iter_rows(named=True):
            value = as_value(change["field"], change["after"])
            verified.setdefault((change["kind"], change["subject"]), {})[change["field"]] = cast(
                "Decimal | None", value
            )
    return verified


@dataclass(frozen=True)
class Documented:
    """What documents say beside the rows of the lists.

    Attributes:
        corrected: see `corrections`.
        effects: see `effects_decided`.
        verified: see `verified_anew`.
    """

    corrected: Mapping[Subject, Mapping[str, date]] = field(default_factory=dict)
    effects: Mapping[tuple[int, str, str], tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)
    verified: Mapping[Subject, Mapping[str, Decimal | None]] = field(default_factory=dict)


def documented(documents: Sequence[Frozen], day: date | None = None) -> Documented:
    """What the documents issued until a day say beside the rows of the lists."""
    return Documented(corrections(documents, day), effects_decided(documents), verified_anew(documents, day))


def track(
    standing: Standing,
    steps: Mapping[Subject, Sequence[Step]],
    watch_months: Mapping[int, int],
    documented: Documented | None = None,
    earlier: Mapping[Subject, Mapping[str, Any]] | None = None,
) -> pl.DataFrame:
    """Where everyone on the lists stands.

    Args:
        standing: what the lists say on the day.
        steps: the steps of every subject until the day.
        watch_months: how long each list's rules watch those struck off, by the list's number.
        said: what documents say beside.
        earlier: of those whom a later list has again, the row of the list on which they were accepted.

    Returns:
        Columns as in `TRACK_SCHEMA`: enterprises in the order of the lists, then parcels by number.
    """
    rows = [
        _row("enterprise", r["credit_code"], r, steps, watch_months, documented or Documented(), earlier or {})
        for r in standing.firms.iter_rows(named=True)
    ]
    expected = {r["subject"]: r["expected_land_mu"] for r in rows}
    rows += [
        _row("parcel", r["parcel"], r, steps, watch_months, documented or Documented(), earlier or {}, expected)
        for r in standing.parcels.iter_rows(named=True)
    ]
    return pl.DataFrame([{n: row.get(n) for n in TRACK_SCHEMA} for row in rows], schema=TRACK_SCHEMA)


def _row(
    kind: SubjectKind,
    subject: str,
    row: Mapping[str, Any],
    steps: Mapping[Subject, Sequence[Step]],
    watch_months: Mapping[int, int],
    documented: Documented,
    earlier: Mapping[Subject, Mapping[str, Any]],
    expected: Mapping[str, Decimal | None] | None = None,
) -> dict[str, Any]:
    me = (kind, subject)
    corrected = documented.corrected
    past = steps.get(me, ())
    last = past[-1] if past else None
    accepted = counted_acceptance(past)
    until = past[: accepted.steps] if accepted else ()
    firm = kind == "enterprise"
    tracked = {n: row.get(n) for n in TRACK_SCHEMA}
    choice = decided(row, past, corrected.get(me))
    verified = {"verified_land_mu": accepted.land_mu, "verified_energy_tce": accepted.energy_tce} if accepted else {}
    if accepted:
        verified |= documented.verified.get(me, {})
    freed = documented.effects.get((row["list"], subject, choice["path"] or ""))
    if firm and freed is not None:
        # What is expected follows the path that was decided, unless an amendment says otherwise.
        fixed = corrected.get(me, {})
        for name, value in zip(("expected_land_mu", "expected_energy_tce"), freed, strict=True):
            tracked[name] = tracked[name] if name in fixed else value
    then = earlier.get(me, row)
    accepted_path = decided(then, until, corrected.get(me))["path"] if accepted else None
    land = expected if expected is not None else {subject: tracked["expected_land_mu"]}
    return tracked | {
        "kind": kind,
        "subject": subject,
        "name": row["name"] if firm else row["holder"],
        "land_mu": row["land_mu"] if firm else row["area_mu"],
        "others": row["parcels"] if firm else row["listed"],
        "state": last.after if last else None,
        "since": last.event.on if last else None,
        "listed_on": next((s.event.on for s in reversed(past) if s.event.action == "list"), None),
        **choice,
        "accepted_on": accepted.on if accepted else None,
        "accepted_path": accepted_path,
        "way": way_decided(past),
        "accepted_way": way_decided(until) if accepted else None,
        "frees_land": frees_land(then, accepted_path, documented, land) if accepted else None,
        **verified,
        "watch_until": watch_end(past, watch_months[row["list"]]),
        "last_action": last.event.action if last else None,
        "last_document": last.event.document if last else None,
        "last_note": last.event.note if last else None,
    }


def frees_land(
    row: Mapping[str, Any], path: str | None, documented: Documented, expected: Mapping[str, Decimal | None]
) -> bool:
    """Whether by the rules of its list a path frees land; of a parcel, whether any listed firm on it frees some.

    What the rules do not tell is not held against it.

    Args:
        row: the subject's row of the lists.
        path: by which it is done.
        said: what documents say beside.
        expected: what each firm is expected to free, where that does not depend on the path.
    """
    codes = row["listed"] if "listed" in row else [row["credit_code"]]
    frees = [documented.effects.get((row["list"], c, path or ""), (expected.get(c), None))[0] for c in codes]
    return not frees or any(land is None or land > 0 for land in frees)
