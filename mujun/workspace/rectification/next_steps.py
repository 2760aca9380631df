"""What may happen next to an enterprise or parcel on the list, and what each step asks for."""

from __future__ import annotations

from collections.abc import Mapping

from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.rectification.checking import Known
from mujun.rectification.states import BY_DOCUMENT, WAYS, Action, State, SubjectKind, allowed, history
from mujun.rectification.tracking import decided
from mujun.workspace.book import read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rectification.events import known_of, subject_of

ASKS: Mapping[Action, tuple[str, ...]] = {
    "plan": ("path", "way", "deadline", "department"),
    "return": ("deadline",),
    "accept": ("land_mu", "energy_tce", "waiver"),
    "relapse": ("deadline",),
}
"""What a step asks for, beside what may be said of every one: its day, a note, a document, who did it, evidence."""

SHOWN: tuple[Action, ...] = ("report", "accept")
"""Steps at which the evidence that the rules want is shown."""


@dataclass(frozen=True)
class NextSteps(InNotebooks):
    """What may happen next.

    Attributes:
        code: the enterprise's code or the parcel's.
        kind: which of the two it is.
        state: where it stands; `None` where nothing has happened yet.
        actions: what may happen, each with the fields that it asks for.
        evidence: the kinds of evidence that acceptance asks for on its path.
        shown: those of them that were shown when it was reported done.
        paths, ways: what may be decided about how it is dealt with.
    """

    code: str
    kind: SubjectKind
    state: State | None
    actions: Mapping[Action, tuple[str, ...]]
    evidence: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    ways: tuple[str, ...] = WAYS

    def wanted(self, action: str) -> tuple[str, ...]:
        """The kinds of evidence that are to be shown at a step."""
        return self.evidence if action in SHOWN else ()


def next_of(county: CountyFile, code: str) -> NextSteps:
    """What may happen next to an enterprise or parcel.

    What only a list document does is left out, and so is being screened, which the rules do.

    Raises:
        UsageError: there is no such enterprise or parcel, or its events cannot follow one another.
    """
    book = read_book(county)
    kind = subject_of(county, book, code)
    subject = kind, book.now(code)
    steps = history(book.by_subject.get(subject, ()))
    state = steps[-1].after if steps else None
    known = known_of(book).get(subject, Known())
    path = decided(known.row, steps, known.corrected_on)["path"] if known.row is not None else None
    wanted = known.exit.evidence_for(path) if known.exit is not None else ()
    reported = steps[-1].event.evidence if state == "reported_done" else ()
    by_parcel = kind == "enterprise" and known.row is not None and bool(known.row.get("parcels"))
    # Land is counted once: with the parcel where there is one, else with the firm; energy is the firm's.
    without = {"energy_tce"} if kind == "parcel" else {"land_mu"} if by_parcel else set()
    steps_open = [a for a in allowed(state) if a not in (*BY_DOCUMENT, "list", "screen")]
    return NextSteps(
        subject[1],
        kind,
        state,
        {a: tuple(n for n in ASKS.get(a, ()) if n not in without) for a in steps_open},
        wanted,
        tuple(k for k in wanted if k in reported),
        known.paths,
    )
