"""The year as a path: each step with what is done, what waits, what is stale, and what comes next.

Nothing is computed anew here: the path is read from what the rooms keep, so that it is quick to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any, Literal

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.messages import MessageKey
from mujun.notebooks import InNotebooks
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.coverage import COVERED, Coverage, coverage_of
from mujun.workspace.data.open_findings import unsettled
from mujun.workspace.identity.deciding import open_proposals
from mujun.workspace.names_of_tables import LIST, lists_in
from mujun.workspace.publishing import Publication, held, publications_in, runs_to_publish
from mujun.workspace.rectification.lists import ListSummary, issued_lists
from mujun.workspace.rectification.papers import due_matters
from mujun.workspace.rounds.who_returned import round_status

StepName = Literal["data", "checks", "confirmation", "rating", "publication", "list", "measures", "supervision"]
StepState = Literal["done", "waits", "running", "stale", "ahead", "passed", "ready"]
"""done: nothing is left to do; waits: somebody is asked; running: it takes its time until a day on record; stale: newer
records came in since; ahead: not begun; passed: never done, and the year was made final without it; ready: it can be
done, and nothing else waits for it."""

WITHIN = 30
"""Days within which a matter is soon due."""


@dataclass(frozen=True)
class Said:
    """A sentence about a step: a message and its values."""

    code: MessageKey
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return messages.text(self.code, **self.values)


@dataclass(frozen=True)
class Step(InNotebooks):
    """One step of the year.

    Attributes:
        name: which.
        state: how it stands.
        facts: what is done, waits or is stale, a sentence each.
        next_action: what comes next; nothing where the step asks for nothing.
    """

    name: StepName
    state: StepState
    facts: tuple[Said, ...]
    next_action: Said | None = None

    @property
    def title(self) -> str:
        """What the step is called, in the language in force."""
        return messages.text(messages.key(f"year_path_{self.name}"))


@dataclass(frozen=True)
class YearPath(InNotebooks):
    """The year as a path.

    Attributes:
        year: the data year.
        steps: its steps, in the order of the year.
        missing_tables: offices and their tables of which the year has no figure at all.
        missing_townships: townships that a survey workbook was handed out to and that have not returned all of it, with
            how many firms are missing.
    """

    year: int
    steps: tuple[Step, ...]
    missing_tables: tuple[tuple[str, str], ...]
    missing_townships: tuple[tuple[str, int], ...]

    @property
    def next_step(self) -> Step | None:
        """The first step that asks for something; what nothing else waits for comes after all others.

        What leaves no record when it is done would otherwise stand before everything else until the end of the year.
        """
        asking = [s for s in self.steps if s.state not in ("done", "passed") and s.next_action is not None]
        return next((s for s in asking if s.state != "ready"), next(iter(asking), None))


def year_path(county: CountyFile, year: int, *, day: date | None = None) -> YearPath:
    """The year as a path: what is done, waits, is stale and comes next.

    Args:
        county: the county; its store may be empty.
        year: the data year.
        day: the day on which a notice is out or over and from which due matters are counted; today where none is given.
    """
    with Store.open(county.path) as store:
        runs = store.runs().filter(pl.col("year") == year, ~pl.col("number").is_in(store.runs_of_areas()))
        batches = store.batches()
        roll = store.table("enterprises").filter(pl.col("year") == year).height
        findings = unsettled(store, store.findings(year=year))
        surveys = store.issues(year=year)
        parts = _parts(store, runs)
        newest_final = _newest_final(runs)
        to_publish, published = runs_to_publish(store, year), publications_in(store, year)
        contested_then = 0 if newest_final is None else store.contested(year, as_of_batch=newest_final["batch"]).height
        covered = coverage_of(county, year) if roll else None
        proposals = len(open_proposals(county)) if roll else 0
        rounds = round_status(county, year)
        lists = tuple(s for s in issued_lists(county) if s.listed.year == year)
        today = day or date.today()
        steps = (
            _data(covered, roll, batches.height),
            _checks(findings, covered, proposals, newest_final, contested_then),
            _confirmation(rounds, len([i for i in surveys if i.kind != "survey"]), newest_final),
            _rating(runs, batches, roll),
            _publication(to_publish, published, lists, today),
            _list(lists, runs, parts, published, today),
            _measures(parts, runs),
            _supervision(county, lists, today),
        )
    missing = rounds.filter(pl.col("missing") > 0).select("township", "missing").rows()
    return YearPath(year, steps, _missing_tables(covered), tuple((str(t), int(n)) for t, n in missing))


def _parts(store: Store, runs: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """List and amounts of the run that counts, where it kept them."""
    number = _counting(runs)
    if number is None:
        return {}
    results = store.run(number).results
    lists = lists_in(results)
    parts = {LIST: pl.concat(t.select("year") for t in lists.values())} if lists else {}
    return parts | {name: results[name] for name in ("allocation",) if name in results}


def _counting(runs: pl.DataFrame) -> int | None:
    """The run that stands for the year: its newest final one, else its newest."""
    if runs.is_empty():
        return None
    finals = runs.filter(pl.col("final"))
    return int(str((finals if finals.height else runs)["number"].max()))


def _newest_final(runs: pl.DataFrame) -> dict[str, Any] | None:
    finals = runs.filter(pl.col("final")).sort("number")
    return finals.row(-1, named=True) if finals.height else None


def _missing_tables(covered: Coverage | None) -> tuple[tuple[str, str], ...]:
    if covered is None:
        return tuple((TABLES[t].owner, TABLES[t].label) for t in COVERED)
    figures = covered.fields.group_by("table", maintain_order=True).agg(pl.col("with_value").sum())
    return tuple((TABLES[t].owner, TABLES[t].label) for t, count in figures.iter_rows() if count == 0)


def _data(covered: Coverage | None, roll: int, batches: int) -> Step:
    if covered is None:
        return Step("data", "ahead", (Said("year_path_data_none"),), Said("year_path_data_load"))
    facts = [Said("year_path_data_in", {"firms": roll, "batches": batches})]
    missing = _missing_tables(covered)
    if missing:
        facts.append(Said("year_path_data_missing", {"tables": [label for _, label in missing]}))
    if covered.waiting.height:
        facts.append(Said("year_path_data_questions", {"count": covered.waiting.height}))
        return Step("data", "waits", tuple(facts), Said("year_path_data_answer"))
    return Step("data", "waits" if missing else "done", tuple(facts), Said("year_path_data_load") if missing else None)


def _checks(
    findings: pl.DataFrame,
    covered: Coverage | None,
    proposals: int,
    final: Mapping[str, Any] | None,
    contested_then: int,
) -> Step:
    if covered is None:
        return Step("checks", "ahead", ())
    kept_out, contested = int(covered.kept_out["rows"].sum()), covered.contested.height
    warnings = findings.filter(pl.col("severity") == "warning").height
    facts = [Said("year_path_checks_found", {"warnings": warnings})]
    if kept_out:
        facts.append(Said("year_path_checks_out", {"rows": kept_out}))
    if contested:
        facts.append(Said("year_path_checks_contested", {"count": contested}))
    if proposals:
        facts.append(Said("year_path_checks_names", {"count": proposals}))
    if not (kept_out or contested or proposals):
        return Step("checks", "done", tuple(facts))
    if final is not None:
        # Who made the result final took what was out as it was; only what came in since asks anew.
        since = int(covered.kept_out.filter(pl.col("batch") > final["batch"])["rows"].sum())
        if not since and contested <= contested_then:
            facts.append(Said("year_path_checks_passed", {"run": final["number"]}))
            return Step("checks", "done", tuple(facts))
    return Step("checks", "waits", tuple(facts), Said("year_path_checks_do"))


def _confirmation(rounds: pl.DataFrame, confirmations: int, final: Mapping[str, Any] | None) -> Step:
    facts = []
    if rounds.height:
        returned, firms = int(rounds["returned"].sum()), int(rounds["firms"].sum())
        facts.append(Said("year_path_confirmation_round", {"returned": returned, "firms": firms}))
    if confirmations:
        facts.append(Said("year_path_confirmation_out", {"count": confirmations}))
    if not facts and final is not None:
        return Step("confirmation", "passed", (Said("year_path_confirmation_passed", {"run": final["number"]}),))
    if not facts:
        return Step("confirmation", "ahead", (Said("year_path_confirmation_none"),), Said("year_path_confirmation_do"))
    waits = rounds.height and int(rounds["missing"].sum()) > 0
    return Step("confirmation", "waits" if waits else "done", tuple(facts))


def _rating(runs: pl.DataFrame, batches: pl.DataFrame, roll: int) -> Step:
    number = _counting(runs)
    if number is None:
        return Step("rating", "ahead", (Said("year_path_rating_none"),), Said("year_path_rating_do") if roll else None)
    run = runs.filter(pl.col("number") == number).row(0, named=True)
    since = batches.filter(pl.col("number") > run["batch"]).height
    kind: MessageKey = "year_path_rating_final" if run["final"] else "year_path_rating_trial"
    facts = [Said(kind, {"run": number, "day": run["created_at"].date()})]
    if since:
        facts.append(Said("year_path_rating_stale", {"count": since, "run": number}))
        return Step("rating", "stale", tuple(facts), Said("year_path_rating_again"))
    if not run["final"]:
        return Step("rating", "waits", tuple(facts), Said("year_path_rating_fix"))
    return Step("rating", "done", tuple(facts))


def _publication(
    runs: list[int], published: tuple[Publication, ...], lists: tuple[ListSummary, ...], day: date
) -> Step:
    """Whether the final result is published, as it was put on record."""
    if not runs:
        return Step("publication", "ahead", (Said("year_path_publication_none"),))
    by_run = {run: held(published, run) for run in runs}
    facts = [_notice(run, p, day) for run, several in by_run.items() for p in several]
    missing = [run for run, several in by_run.items() if not several]
    replaced = [p for p in reversed(published) if p.notice == "result" and p.run not in runs and p.taken_back is None]
    facts += [_replaced(p, day) for p in replaced if missing or p.when(day) != "over"]
    of_these = [s.listed for s in lists if s.listed.run in runs]
    if missing:
        facts.append(Said("year_path_publication_missing", {"runs": missing}))
        if of_these:
            # The list follows the notice: that it was out is likely, and only its record is missing.
            listed = of_these[-1]
            facts.append(Said("year_path_publication_listed", {"number": listed.number, "day": listed.issued_on}))
        state: StepState = "ready" if of_these else "waits"
        return Step("publication", state, tuple(facts), Said("year_path_publication_do"))
    out = _not_over(published, day)
    if not out:
        return Step("publication", "done", tuple(facts))
    # The list comes after the notice and its objections; where it is issued all the same, nothing waits for them.
    wait = None if lists else Said("year_path_publication_wait", {"until": max(p.ends for p in out)})
    state = "running" if {p.when(day) for p in out} & {"running", "objections"} else "ahead"
    return Step("publication", state, tuple(facts), wait)


def _not_over(published: tuple[Publication, ...], day: date) -> list[Publication]:
    """The notices of a result that are out, still to come, or open to objections, by their record."""
    standing = (p for p in published if p.notice == "result" and p.taken_back is None)
    return [p for p in reversed(tuple(standing)) if p.when(day) != "over"]


def _replaced(published: Publication, day: date) -> Said:
    """A notice of a result in whose place another one was made final since."""
    if published.when(day) == "over":
        return Said("year_path_publication_earlier", {"run": published.run, "day": published.first})
    return Said(
        "year_path_publication_replaced",
        {
            "run": published.run, "first": published.first, "until": published.until, "place": published.place,
            "by": published.objections_by,
        },
    )  # fmt: skip


def _notice(run: int, published: Publication, day: date) -> Said:
    values = {
        "run": run, "first": published.first, "until": published.until, "place": published.place,
        "by": published.objections_by,
    }  # fmt: skip
    keys: dict[str, MessageKey] = {
        "ahead": "year_path_publication_ahead",
        "running": "year_path_publication_running",
        "objections": "year_path_publication_objections",
        "over": "year_path_publication_over",
    }
    return Said(keys[published.when(day)], values)


def _list(
    lists: tuple[ListSummary, ...],
    runs: pl.DataFrame,
    parts: Mapping[str, pl.DataFrame],
    published: tuple[Publication, ...],
    day: date,
) -> Step:
    if lists:
        listed = lists[-1].listed
        facts = [Said("year_path_list_issued", {"count": len(lists), "number": listed.number, "title": listed.title})]
        return Step("list", "done", tuple(facts))
    if "rectification" not in parts:
        return Step("list", "ahead", (Said("year_path_list_none"),))
    facts = [Said("year_path_list_drafted", {"count": parts["rectification"].height})]
    # Whoever looks at this step alone is to see that the list would come before the notice is over.
    facts += [Said("year_path_list_out", {"run": p.run, "until": p.ends}) for p in _not_over(published, day)]
    final = runs.filter(pl.col("final")).height
    return Step("list", "waits", tuple(facts), Said("year_path_list_do") if final else None)


def _measures(parts: Mapping[str, pl.DataFrame], runs: pl.DataFrame) -> Step:
    if "allocation" not in parts:
        return Step("measures", "ahead", (Said("year_path_measures_none"),))
    facts = (Said("year_path_measures_ready", {"rows": parts["allocation"].height, "run": _counting(runs)}),)
    if _newest_final(runs) is None:
        return Step("measures", "ahead", (*facts, Said("year_path_measures_trial")))
    return Step("measures", "ready", (*facts, Said("year_path_measures_handed")), Said("year_path_measures_do"))


def _supervision(county: CountyFile, lists: tuple[ListSummary, ...], day: date) -> Step:
    if not lists:
        return Step("supervision", "ahead", (Said("year_path_supervision_none"),))
    counts = due_matters(county, day, WITHIN).counts
    facts = (Said("year_path_supervision_due", {**counts, "within": WITHIN}),)
    waits = counts["overdue"] + counts["due"] > 0
    return Step("supervision", "waits" if waits else "done", facts, Said("year_path_supervision_do") if waits else None)
